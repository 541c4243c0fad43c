/** Keeps the page equipped to draw and to enhance: chooses the engine, and replaces what breaks. */
import type { ErrorCode } from '#wire/nightglass-error.ts';
import { type TuningStore, WrongNumbers } from '../../shaders/engine/tune.ts';
import type { EnhancedPicture } from '../../shaders/pixel-shuffle.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import type { EngineChoice } from '../player-protocol.ts';
import type { Enhancer } from './enhancer.ts';
import { type Gpu, openGpu } from './gpu-device.ts';
import { openGpuEnhancer } from './gpu-enhancer.ts';
import { fetchModels, type Model, NoModelError } from './model.ts';
import { openWasmEnhancer } from './wasm-enhancer.ts';
import { openWgslEnhancer } from './wgsl-enhancer.ts';

/** Why nothing is enhanced at present, or not as it should be, in plain words; without a code it is only a matter of time. */
export interface Trouble {
  readonly code?: ErrorCode;
  readonly message: string;
}

/**
 * What the tiles draw on and with. `trouble` is there when an enhancer is wanted and there is none, and beside one that has to stand
 * in for a better one as long as the page lives.
 */
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
/** So soon after what it ended a loss is told. */
const SETTLED_MS = 100;

export const LOADING: Trouble = { message: 'The enhancement is loading.' };
const LOST: Trouble = {
  code: 'enhance/device-lost',
  message: 'The browser took the GPU away; it is being asked for again.',
};
const WRONG: Trouble = {
  code: 'enhance/wrong-numbers',
  message:
    "This GPU's driver computes pictures wrongly, so the processor enhances them, in less detail. A newer driver or browser may help.",
};

/** What equipment is made of; a test has parts of its own. */
export interface EquipmentParts {
  /** @throws WrongNumbers */
  readonly openGpu: (shaders: ShaderSource, software: boolean) => Promise<Gpu | undefined>;
  /** @throws NoModelError */
  readonly fetchModels: (folder: string, pinned?: string) => Promise<readonly Model[]>;
  /** @throws NoModelError, WrongNumbers */
  readonly openOnGpu: (
    gpu: Gpu,
    request: EquipmentRequest,
    models: readonly Model[],
  ) => Promise<Enhancer<EnhancedPicture>>;
  /** @throws NoModelError */
  readonly openOnCpu: (models: readonly Model[], runtime: string) => Promise<Enhancer<ImageBitmap>>;
  readonly wait: (ms: number) => Promise<void>;
}

const PARTS: EquipmentParts = {
  openGpu,
  fetchModels,
  openOnGpu,
  openOnCpu: openWasmEnhancer,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * Yields whenever something changed: what was yielded before is then no longer good. Never ends.
 * WebGPU where it is real or asked for by name, by our own engine or by onnxruntime's; else, after repeated losses, and at once where
 * its driver computes wrongly, the CPU.
 */
export async function* keepEquipment(
  request: EquipmentRequest,
  parts: EquipmentParts = PARTS,
): AsyncGenerator<Equipment, never> {
  let losses: number[] = [];
  let notice: Trouble | undefined;
  const afterLoss = (): Promise<void> => {
    const now = performance.now();
    losses = [...losses, now].filter((at) => at > now - LOSSES_WITHIN_MS);
    return parts.wait(Math.min(LONGEST_MS, FIRST_MS * 2 ** losses.length));
  };
  while (request.choice !== 'wasm' && losses.length < LOSSES) {
    const opened = await parts.openGpu(request.shaders, BY_NAME.has(request.choice)).catch(failed);
    if (opened === WRONG) notice = WRONG;
    if (!opened || 'message' in opened) break;
    const trouble = yield* onGpu(request, parts, opened);
    opened.device.destroy();
    if (trouble === WRONG) {
      notice = WRONG;
      break;
    }
    yield { surface: 'none', trouble };
    await afterLoss();
  }
  losses = [];
  for (;;) {
    yield* onCpu(request, parts, notice);
    await afterLoss();
  }
}

/** One device, to its loss or to where the network cannot be run on it: returns which of the two it was. */
async function* onGpu(
  request: EquipmentRequest,
  { fetchModels, openOnGpu, wait }: EquipmentParts,
  gpu: Gpu,
): AsyncGenerator<Equipment, Trouble> {
  const surface = 'webgpu';
  const lost = gpu.device.lost.then(() => LOST);
  if (request.choice === 'off') {
    yield { surface, gpu };
    return await lost;
  }
  // Work that fails because the device went may say so before the device does.
  const lostOr = (trouble: Trouble, withinMs = SETTLED_MS): Promise<Trouble> =>
    Promise.race([lost, wait(withinMs).then(() => trouble)]);
  yield { surface, gpu, trouble: LOADING };
  const models = await fetchModels(request.models, request.pinned).catch(failed);
  if ('message' in models) {
    yield { surface, gpu, trouble: models };
    return await lostOr(models, LONGEST_MS);
  }
  try {
    using enhancer = await openOnGpu(gpu, request, models);
    yield { surface, gpu, enhancer };
    return await lostOr(failed(await enhancer.ended));
  } catch (error) {
    return await lostOr(failed(error));
  }
}

function openOnGpu(
  gpu: Gpu,
  { choice, shaders, runtime, tunings, denoise }: EquipmentRequest,
  models: readonly Model[],
): Promise<Enhancer<EnhancedPicture>> {
  if (choice !== 'ort-webgpu') return openWgslEnhancer({ gpu, shaders, denoise }, models, tunings);
  const compared = models.find(({ name }) => name === COMPARED) ?? models[0]!;
  return openGpuEnhancer(gpu, shaders, compared, runtime);
}

/** The CPU, to where the network cannot be run on it. `notice` says why it is not the GPU. */
async function* onCpu(
  request: EquipmentRequest,
  { fetchModels, openOnCpu }: EquipmentParts,
  notice: Trouble | undefined,
): AsyncGenerator<Equipment, void> {
  const surface = '2d';
  if (request.choice === 'off') {
    yield { surface };
    // Nothing here can break.
    await new Promise<never>(() => {});
  }
  yield { surface, trouble: notice ?? LOADING };
  const models = await fetchModels(request.models, request.pinned).catch(failed);
  if ('message' in models) yield { surface, trouble: models };
  else {
    try {
      using enhancer = await openOnCpu(models, request.runtime);
      yield { surface, enhancer, ...(notice && { trouble: notice }) };
      yield { surface, trouble: failed(await enhancer.ended) };
    } catch (error) {
      yield { surface, trouble: failed(error) };
    }
  }
}

/** What is told of an end. */
function failed(reason: unknown): Trouble {
  if (reason instanceof WrongNumbers) return WRONG;
  if (reason instanceof NoModelError)
    return {
      code: 'enhance/no-model',
      message: `The enhancement's files could not be loaded: ${reason.message}.`,
    };
  return { code: 'enhance/failed', message: `The enhancement could not be run: ${reasonOf(reason)}.` };
}

const reasonOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));
