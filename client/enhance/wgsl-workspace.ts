/** One tile's buffers for one network at one size, and the walk of a frame through them: our own engine. */
import { type ColorConversion, createColorConversion } from '../../shaders/color-conversion.ts';
import type { Network } from '../../shaders/engine/device-network.ts';
import { openNetwork } from '../../shaders/engine/network.ts';
import { type EnhancedPicture, openPixelShuffle, type PixelShuffle } from '../../shaders/pixel-shuffle.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import { openTemporalFilter, type TemporalFilter } from '../../shaders/temporal-filter.ts';
import type { Size } from './compute-size.ts';
import type { FrameFacts } from './enhancer.ts';
import { fusionMix, type Moment } from './fusion-mix.ts';
import type { Gpu } from './gpu-device.ts';
import type { WgslNetwork } from './wgsl-tuning.ts';

/** What our own networks are run with. */
export interface WgslParts {
  readonly gpu: Gpu;
  readonly shaders: ShaderSource;
  /** Averages noise away over time before the network sees it. */
  readonly denoise: boolean;
}

/**
 * Opens the buffers and compiles the kernels. Rejects with a ModelError where the engine cannot run the network, with a
 * `GPUPipelineError` where the driver refuses a kernel, with a RangeError where the GPU has no room for the size.
 * Let nobody else use the device's error scopes meanwhile.
 */
export async function openWgslWorkspace(
  parts: WgslParts,
  tuned: WgslNetwork,
  size: Size,
): Promise<WgslWorkspace> {
  const { device } = parts.gpu;
  // That a buffer is too large, for a limit or for the memory, WebGPU says here and nowhere else.
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const opened = await openSteps(parts, tuned, size).catch((reason: unknown) => ({ reason }));
  const objections = [await device.popErrorScope(), await device.popErrorScope()];
  const objection = objections.find((error) => error !== null);
  if (objection && 'network' in opened) disposeSteps(opened);
  if (objection)
    throw new RangeError(`the GPU has no room for ${size.width} x ${size.height}: ${objection.message}`);
  if ('reason' in opened) throw opened.reason;
  return new WgslWorkspace(device, opened);
}

interface Steps {
  readonly conversion: ColorConversion<VideoFrame>;
  readonly filter: TemporalFilter | undefined;
  readonly network: Network;
  readonly shuffle: PixelShuffle;
}

async function openSteps(
  { gpu, shaders, denoise }: WgslParts,
  tuned: WgslNetwork,
  size: Size,
): Promise<Steps> {
  const { device, source } = gpu;
  const { width, height } = size;
  const { files, tuning } = tuned;
  const network = await openNetwork(device, shaders, files, { width, height, tuning });
  let filter: TemporalFilter | undefined;
  try {
    const { tensor, subpixels } = network;
    if (denoise) filter = await openTemporalFilter(device, shaders, { width, height, tensor });
    const conversion = await createColorConversion(device, shaders, source, { width, height, tensor });
    const shuffle = await openPixelShuffle(device, shaders, { width, height, tensor, subpixels });
    return { conversion, filter, network, shuffle };
  } catch (error) {
    network[Symbol.dispose]();
    filter?.[Symbol.dispose]();
    throw error;
  }
}

function disposeSteps({ filter, network, shuffle }: Steps): void {
  for (const step of [filter, network, shuffle]) step?.[Symbol.dispose]();
}

export class WgslWorkspace implements Disposable {
  readonly #device: GPUDevice;
  readonly #steps: Steps;
  #before: Moment | undefined;

  constructor(device: GPUDevice, steps: Steps) {
    this.#device = device;
    this.#steps = steps;
  }

  /** Runs the network on nothing, which is when a driver does what it left undone; what comes of it is never seen. */
  async warmUp(): Promise<void> {
    const { filter, network, shuffle } = this.#steps;
    const encoder = this.#device.createCommandEncoder();
    filter?.encode(encoder, 1);
    network.encode(encoder);
    shuffle.encode(encoder, network.level);
    await this.#submit(encoder);
  }

  /** Resolves when the GPU has finished, so that frames are dropped before it rather than queued in it. */
  async run(frame: VideoFrame, { timestamp, stretch }: FrameFacts): Promise<EnhancedPicture> {
    const { conversion, filter, network, shuffle } = this.#steps;
    // The engine sees cuts itself, and so does the filter.
    const moment: Moment = { timestamp, stretch, level: undefined };
    const mix = fusionMix(this.#before, moment);
    network.setMix(mix);
    this.#before = moment;
    const encoder = this.#device.createCommandEncoder();
    conversion.encode(encoder, frame);
    filter?.encode(encoder, mix);
    network.encode(encoder);
    shuffle.encode(encoder, network.level);
    await this.#submit(encoder);
    return shuffle;
  }

  [Symbol.dispose](): void {
    disposeSteps(this.#steps);
  }

  async #submit(encoder: GPUCommandEncoder): Promise<void> {
    this.#device.queue.submit([encoder.finish()]);
    await this.#device.queue.onSubmittedWorkDone();
  }
}
