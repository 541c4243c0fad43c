/** Finds the fastest way to run a network on this GPU that gives the right numbers. */
import type { ShaderSource } from '../shader-source.ts';
import type { NetworkFiles } from './card.ts';
import type { Network } from './device-network.ts';
import { computed } from './network.reference.ts';
import { openNetwork } from './network.ts';
import { PLAIN, type Tuning, tuningsFor } from './tuning.ts';

/** Where a choice is kept until the next visit: `localStorage`, a file, a Map. */
export interface TuningStore {
  get(key: string): string | undefined;
  set(key: string, tuning: string): void;
}

export interface TuneOptions {
  /** The network's input in use, pixels. */
  readonly width: number;
  readonly height: number;
  /** Names the adapter and its driver, as exactly as is known. */
  readonly adapter: string;
  readonly store?: TuningStore;
  /** No further candidate is begun after so long, ms, compiling included: the best so far is kept. */
  readonly longestMs?: number;
}

export interface Candidate {
  readonly tuning: Tuning;
  /** GPU time of a frame; undefined where its numbers were wrong or the driver refused it. */
  readonly ms: number | undefined;
}

export interface Tuned {
  readonly tuning: Tuning;
  /** What was tried, in order; empty where the choice was kept from an earlier time. */
  readonly candidates: readonly Candidate[];
}

/** A challenger has to be so much faster: a smaller win in a moment is no win in a day. */
const CLEAR_WIN = 0.9;
/** GPU time for all measurements, ms. */
const BUDGET_MS = 500;
/** One measurement: browsers round times to 0.1 ms, so it has to last. */
const SAMPLE_MS = 15;
/** Largest difference to the plain kernels' numbers: 1e-3 in f32, 2/255 with f16. */
const TOLERANCE = { f32: 1e-3, f16: 2 / 255 } as const;
/** The picture on which the plain kernels are held against the reference: small, for loops on a CPU. */
const CHECK = { width: 16, height: 8 } as const;

/** The plain kernels themselves compute wrongly: nothing of this engine can be used on this driver. */
export class WrongNumbers extends Error {
  override readonly name = 'WrongNumbers';
}

/**
 * Resolves with the kept choice, or tries all candidates that the device's features allow, each first for its numbers and then for
 * its speed. Rejects with WrongNumbers, and where not even the plain kernels run.
 */
export async function tuned(
  device: GPUDevice,
  shaders: ShaderSource,
  files: NetworkFiles,
  options: TuneOptions,
): Promise<Tuned> {
  await checkNumbers(device, shaders, files);
  const key = `${options.adapter} ${files.card.weights.sha256}`;
  const choices = tuningsFor(device.features);
  const kept = choices.find(({ name }) => name === options.store?.get(key));
  if (kept) return { tuning: kept, candidates: [] };
  const image = testPicture(options);
  using plain = await openNetwork(device, shaders, files, { ...options, tuning: PLAIN });
  const expected = await outputOf(device, plain, image);
  const candidates: Candidate[] = [];
  const began = performance.now();
  const late = () => performance.now() - began > (options.longestMs ?? Number.POSITIVE_INFINITY);
  let spent = 0;
  for (const tuning of [PLAIN, ...choices.filter((choice) => choice !== PLAIN)]) {
    if (spent > BUDGET_MS || (candidates.length > 0 && late())) break;
    const ms = await trial(device, shaders, files, { ...options, tuning, image, expected });
    spent += 2 * (ms ?? 0) + SAMPLE_MS;
    candidates.push({ tuning, ms });
  }
  const tuning = fastest(candidates);
  options.store?.set(key, tuning.name);
  return { tuning, candidates };
}

/** The first that no later one beats clearly. */
export function fastest(candidates: readonly Candidate[]): Tuning {
  let best: Candidate | undefined;
  for (const candidate of candidates) {
    if (candidate.ms === undefined) continue;
    if (best?.ms === undefined || candidate.ms < CLEAR_WIN * best.ms) best = candidate;
  }
  return best?.tuning ?? PLAIN;
}

/** Rejects with WrongNumbers where the plain kernels do not compute the network as the reference does, on a small picture. */
export async function checkNumbers(
  device: GPUDevice,
  shaders: ShaderSource,
  files: NetworkFiles,
): Promise<void> {
  using network = await openNetwork(device, shaders, files, { ...CHECK, tuning: PLAIN });
  const image = testPicture(CHECK);
  const fusionPrevious = new Float32Array(files.card.fusionSize);
  const { subpixels } = computed(files, { ...CHECK, image, fusionPrevious, fusionMix: 1 });
  if (!agree(await outputOf(device, network, image), subpixels, TOLERANCE.f32))
    throw new WrongNumbers('this GPU computes the network wrongly');
}

interface Trial {
  readonly width: number;
  readonly height: number;
  readonly tuning: Tuning;
  readonly image: Float32Array<ArrayBuffer>;
  readonly expected: Float32Array;
}

/** ms a frame; undefined where the numbers are wrong or the driver refuses the kernels. A lost device rejects. */
async function trial(
  device: GPUDevice,
  shaders: ShaderSource,
  files: NetworkFiles,
  { image, expected, ...options }: Trial,
): Promise<number | undefined> {
  device.pushErrorScope('validation');
  const network = await openNetwork(device, shaders, files, options).catch(() => undefined);
  const objection = await device.popErrorScope();
  if (!network) return undefined;
  try {
    if (objection) return undefined;
    const isHalf = options.tuning.precision.stored === 'f16';
    const output = await outputOf(device, network, image);
    if (!agree(output, expected, isHalf ? TOLERANCE.f16 : TOLERANCE.f32)) return undefined;
    const once = await frameTime(device, network, 1);
    return await frameTime(
      device,
      network,
      Math.max(1, Math.min(200, Math.round(SAMPLE_MS / Math.max(once, 0.1)))),
    );
  } finally {
    network[Symbol.dispose]();
  }
}

/** Wall-clock time of so many frames in one submit, per frame. */
async function frameTime(device: GPUDevice, network: Network, frames: number): Promise<number> {
  const started = performance.now();
  const encoder = device.createCommandEncoder();
  for (let frame = 0; frame < frames; frame++) network.encode(encoder);
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
  return (performance.now() - started) / frames;
}

async function outputOf(
  device: GPUDevice,
  network: Network,
  image: Float32Array<ArrayBuffer>,
): Promise<Float32Array> {
  const { size } = network.subpixels;
  const answer = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  try {
    device.queue.writeBuffer(network.tensor, 0, image);
    network.setMix(1);
    const encoder = device.createCommandEncoder();
    network.encode(encoder);
    encoder.copyBufferToBuffer(network.subpixels, 0, answer, 0, size);
    device.queue.submit([encoder.finish()]);
    await answer.mapAsync(GPUMapMode.READ);
    return new Float32Array(answer.getMappedRange().slice(0));
  } finally {
    answer.destroy();
  }
}

/** Written so that NaN does not pass. */
const agree = (found: Float32Array, expected: Float32Array, tolerance: number): boolean =>
  expected.every((value, i) => Math.abs(found[i]! - value) <= tolerance);

/** A dark picture with edges, slopes and something like noise, the same each time; f32 NCHW [1,3,height,width]. */
function testPicture({ width, height }: { readonly width: number; readonly height: number }) {
  return Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const edge = (Math.floor(x / 7) + Math.floor(y / 5)) % 2;
    return 0.03 + 0.08 * (x / width) * (y / height) + 0.05 * edge + ((i * 37) % 29) / 1000;
  });
}
