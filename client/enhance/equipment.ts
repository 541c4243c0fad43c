/** Keeps the page equipped to draw and to enhance: chooses the engine, and replaces what breaks. */
import type { ErrorCode } from '#wire/nightglass-error.ts';
import type { EnhancedPicture } from '../../shaders/pixel-shuffle.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import type { EngineChoice } from '../player-protocol.ts';
import type { Enhancer } from './enhancer.ts';
import { type Gpu, openGpu } from './gpu-device.ts';
import { openGpuEnhancer } from './gpu-enhancer.ts';
import { fetchModel, type Model } from './model.ts';
import { openWasmEnhancer } from './wasm-enhancer.ts';

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
  /** Addresses of the folders of the model and of onnxruntime's files, each with a trailing slash. */
  readonly model: string;
  readonly runtime: string;
  readonly shaders: ShaderSource;
}

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
 * WebGPU where it is real or asked for by name; else, and after repeated losses, the CPU.
 */
export async function* keepEquipment(request: EquipmentRequest): AsyncGenerator<Equipment, never> {
  let losses: number[] = [];
  const afterLoss = (): Promise<void> => {
    const now = performance.now();
    losses = [...losses, now].filter((at) => at > now - LOSSES_WITHIN_MS);
    return wait(Math.min(LONGEST_MS, FIRST_MS * 2 ** losses.length));
  };
  while (request.choice !== 'wasm' && losses.length < LOSSES) {
    const gpu = await openGpu(request.shaders, request.choice === 'ort-webgpu').catch(() => undefined);
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
  const model = await modelOrTrouble(request);
  if ('message' in model) {
    yield { surface, gpu, trouble: model };
    await Promise.race([gpu.device.lost, wait(LONGEST_MS)]);
    return;
  }
  try {
    using enhancer = await openGpuEnhancer(gpu, request.shaders, model, request.runtime);
    yield { surface, gpu, enhancer };
    await enhancer.ended;
  } catch (error) {
    yield { surface, gpu, trouble: failed(error) };
  }
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
  const model = await modelOrTrouble(request);
  if ('message' in model) yield { surface, trouble: model };
  else {
    try {
      using enhancer = await openWasmEnhancer(model, request.runtime);
      yield { surface, enhancer };
      yield { surface, trouble: failed(await enhancer.ended) };
    } catch (error) {
      yield { surface, trouble: failed(error) };
    }
  }
}

async function modelOrTrouble({ model }: EquipmentRequest): Promise<Model | Trouble> {
  try {
    return await fetchModel(model);
  } catch (error) {
    const message = `The enhancement's files could not be loaded: ${reasonOf(error)}.`;
    return { code: 'enhance/no-model', message };
  }
}

const failed = (reason: unknown): Trouble => ({
  code: 'enhance/failed',
  message: `The enhancement could not be run: ${reasonOf(reason)}.`,
});

const reasonOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
