/** Keeps the page equipped to draw and to enhance: chooses the engine, and replaces what breaks. */
import type { ErrorCode } from '#wire/nightglass-error.ts';
import type { TuningStore } from '../../shaders/engine/tune.ts';
import type { EnhancedPicture } from '../../shaders/pixel-shuffle.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import type { EngineChoice } from '../player-protocol.ts';
import type { Enhancer } from './enhancer.ts';
import { type Gpu, openGpu } from './gpu-device.ts';
import { openGpuEnhancer } from './gpu-enhancer.ts';
import { fetchModels, type Model, NoModelError } from './model.ts';
import { openWasmEnhancer } from './wasm-enhancer.ts';
import { openWgslEnhancer } from './wgsl-enhancer.ts';

/** Why nothing is enhanced at present, in plain words; without a code it is only a matter of time. */
export interface Trouble {
  readonly code?: ErrorCode;
  readonly message: string;
}

/** What the tiles draw on and with. `trouble` is there when an enhancer is wanted and there is none. */
export type Equipment =
  | { readonly surface: 'none'; readonly trouble: Trouble }
  | {
      readonly surface: 'webgpu';
      readonly gpu: Gpu;
      readonly enhancer?: Enhancer<EnhancedPicture>;
      readonly trouble?: Trouble;
    }
  | { readonly surface: '2d'; readonly enhancer?: Enhancer<ImageBitmap>; readonly trouble?: Trouble };

export interface EquipmentRequest {
  readonly choice: EngineChoice;
  /** The network to use and no other; undefined: whichever fit. */
  readonly pinned: string | undefined;
  /** Averages noise away over time before the network, where our own engine runs it. */
  readonly denoise: boolean;
  /** Addresses of the folders of the models and of onnxruntime's files, each with a trailing slash. */
  readonly models: string;
  readonly runtime: string;
  readonly shaders: ShaderSource;
  /** Which kernels were the fastest on this machine. */
  readonly tunings: TuningStore;
}

/** Taken also where the GPU is a program on the CPU. */
const BY_NAME: ReadonlySet<EngineChoice> = new Set(['wgsl', 'ort-webgpu']);
/** The network of the comparison with onnxruntime, where it is served and none is pinned. */
const COMPARED = 'base';

/** So many losses in such a time say that this GPU is not to be had for long. */
const LOSSES = 3;
const LOSSES_WITHIN_MS = 60_000;
/** Waits before the next try, doubled with every loss of late. */
const FIRST_MS = 300;
const LONGEST_MS = 15_000;

export const LOADING: Trouble = { message: 'The enhancement is loading.' };
const LOST: Trouble = {
  code: 'enhance/device-lost',
  message: 'The browser took the GPU away; it is being asked for again.',
};

/**
 * Yields whenever something changed: what was yielded before is then no longer good. Never ends.
 * WebGPU where it is real or asked for by name, by our own engine or by onnxruntime's; else, and after repeated losses, the CPU.
 */
export async function* keepEquipment(request: EquipmentRequest): AsyncGenerator<Equipment, never> {
  let losses: number[] = [];
  const afterLoss = (): Promise<void> => {
    const now = performance.now();
    losses = [...losses, now].filter((at) => at > now - LOSSES_WITHIN_MS);
    return wait(Math.min(LONGEST_MS, FIRST_MS * 2 ** losses.length));
  };
  while (request.choice !== 'wasm' && losses.length < LOSSES) {
    const gpu = await openGpu(request.shaders, BY_NAME.has(request.choice)).catch(() => undefined);
    if (!gpu) break;
    yield* onGpu(request, gpu);
    gpu.device.destroy();
    yield { surface: 'none', trouble: LOST };
    await afterLoss();
  }
  losses = [];
  for (;;) {
    yield* onCpu(request);
    await afterLoss();
  }
}

/** One device, to its loss or to where the network cannot be run on it. */
async function* onGpu(request: EquipmentRequest, gpu: Gpu): AsyncGenerator<Equipment, void> {
  const surface = 'webgpu';
  if (request.choice === 'off') {
    yield { surface, gpu };
    await gpu.device.lost;
    return;
  }
  yield { surface, gpu, trouble: LOADING };
  const models = await modelsOrTrouble(request);
  if ('message' in models) {
    yield { surface, gpu, trouble: models };
    await Promise.race([gpu.device.lost, wait(LONGEST_MS)]);
    return;
  }
  try {
    using enhancer = await enhancerOn(gpu, request, models);
    yield { surface, gpu, enhancer };
    yield { surface, gpu, trouble: failed(await enhancer.ended) };
  } catch (error) {
    yield { surface, gpu, trouble: failed(error) };
  }
}

function enhancerOn(
  gpu: Gpu,
  { choice, shaders, runtime, tunings, denoise }: EquipmentRequest,
  models: readonly Model[],
): Promise<Enhancer<EnhancedPicture>> {
  if (choice !== 'ort-webgpu') return openWgslEnhancer({ gpu, shaders, denoise }, models, tunings);
  const compared = models.find(({ name }) => name === COMPARED) ?? models[0]!;
  return openGpuEnhancer(gpu, shaders, compared, runtime);
}

/** The CPU, to where the network cannot be run on it. */
async function* onCpu(request: EquipmentRequest): AsyncGenerator<Equipment, void> {
  const surface = '2d';
  if (request.choice === 'off') {
    yield { surface };
    // Nothing here can break.
    await new Promise<never>(() => {});
  }
  yield { surface, trouble: LOADING };
  const models = await modelsOrTrouble(request);
  if ('message' in models) yield { surface, trouble: models };
  else {
    try {
      using enhancer = await openWasmEnhancer(models, request.runtime);
      yield { surface, enhancer };
      yield { surface, trouble: failed(await enhancer.ended) };
    } catch (error) {
      yield { surface, trouble: failed(error) };
    }
  }
}

async function modelsOrTrouble({ models, pinned }: EquipmentRequest): Promise<readonly Model[] | Trouble> {
  return fetchModels(models, pinned).catch(failed);
}

/** What is told of an end. */
function failed(reason: unknown): Trouble {
  if (reason instanceof NoModelError)
    return {
      code: 'enhance/no-model',
      message: `The enhancement's files could not be loaded: ${reason.message}.`,
    };
  return { code: 'enhance/failed', message: `The enhancement could not be run: ${reasonOf(reason)}.` };
}

const reasonOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
