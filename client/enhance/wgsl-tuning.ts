/** How our own engine runs a network on this GPU: tried on the first visit, kept for the next. */
import type { NetworkFiles } from '../../shaders/engine/card.ts';
import { checkNumbers, type TuningStore, tuned } from '../../shaders/engine/tune.ts';
import { PLAIN, type Tuning } from '../../shaders/engine/tuning.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import type { Gpu } from './gpu-device.ts';

/** A network, and how it is run here. */
export interface WgslNetwork {
  readonly files: NetworkFiles;
  readonly tuning: Tuning;
  /** Names of the kernels that were passed over: their numbers are wrong on this GPU, or its driver refuses them. */
  readonly refused: readonly string[];
}

/**
 * The input of a 960x540 camera: large enough to keep a GPU busy. Compiling takes the most time: a driver that needs longer is not
 * asked for every kernel.
 */
const TRIAL = { width: 480, height: 272, longestMs: 3000 };

/**
 * Tries the kernels, or takes what was kept. Let nobody else use the device's error scopes meanwhile.
 * Rejects with WrongNumbers where not even the plain kernels compute this network rightly.
 */
export async function tunedNetwork(
  { device, name, software }: Pick<Gpu, 'device' | 'name' | 'software'>,
  shaders: ShaderSource,
  files: NetworkFiles,
  store: TuningStore,
  trial = TRIAL,
): Promise<WgslNetwork> {
  if (software) {
    // The plain ones are the best on a processor, where finding that out would take minutes.
    await checkNumbers(device, shaders, files);
    return { files, tuning: PLAIN, refused: [] };
  }
  const { tuning, candidates } = await tuned(device, shaders, files, { ...trial, adapter: name, store });
  const refused = candidates.filter(({ ms }) => ms === undefined).map((candidate) => candidate.tuning.name);
  if (refused.length > 0)
    console.warn(`enhance: ${name} computes these kernels wrongly or refuses them: ${refused.join(', ')}`);
  return { files, tuning, refused };
}

/** For the line of numbers. */
export function kernelsText({ tuning, refused }: WgslNetwork): string {
  const others = refused.length > 0 ? `, ${refused.length} others fail here` : '';
  return `${tuning.name} kernels${others}`;
}
