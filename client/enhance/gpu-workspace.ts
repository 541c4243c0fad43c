/** One tile's buffers on the GPU for one size of the network's input, and the walk of a frame through them. */
import { type ColorConversion, createColorConversion } from '../../shaders/color-conversion.ts';
import { type EnhancedPicture, openPixelShuffle, type PixelShuffle } from '../../shaders/pixel-shuffle.ts';
import { type Size, sameSize } from './compute-size.ts';
import type { FrameFacts } from './enhancer.ts';
import { fusionMix, type Moment } from './fusion-mix.ts';
import type { GpuNetwork } from './gpu-enhancer.ts';
import { LevelProbe } from './level-probe.ts';

/** Opens the buffers and compiles the kernels around them. Rejects with a `GPUPipelineError` or when the device is lost. */
export async function openGpuWorkspace(network: GpuNetwork, compute: Size): Promise<GpuWorkspace> {
  const { gpu, shaders, fusionSize } = network;
  const { device } = gpu;
  const { width, height } = compute;
  const buffers: Buffers = {
    tensor: floats(device, 3 * width * height),
    subpixels: floats(device, 12 * width * height),
    fusion: [floats(device, fusionSize), floats(device, fusionSize)],
    mix: floats(device, 1),
    level: floats(device, 3),
  };
  const { tensor, subpixels } = buffers;
  try {
    const conversion = await createColorConversion(device, shaders, gpu.source, { width, height, tensor });
    const shuffle = await openPixelShuffle(device, shaders, { width, height, tensor, subpixels });
    return new GpuWorkspace(network, compute, buffers, conversion, shuffle);
  } catch (error) {
    destroy(buffers);
    throw error;
  }
}

interface Buffers {
  /** f32 NCHW [1,3,height,width], sRGB-encoded RGB, 0…1. */
  readonly tensor: GPUBuffer;
  /** f32 NCHW [1,12,height,width]. */
  readonly subpixels: GPUBuffer;
  /** f32 [1,K] each: one is read while the other is written. */
  readonly fusion: readonly [GPUBuffer, GPUBuffer];
  readonly mix: GPUBuffer;
  /** f32 [3]: the level of a frame or two before, three times. */
  readonly level: GPUBuffer;
}

export class GpuWorkspace implements Disposable {
  readonly compute: Size;
  readonly #network: GpuNetwork;
  readonly #buffers: Buffers;
  readonly #conversion: ColorConversion<VideoFrame>;
  readonly #shuffle: PixelShuffle;
  readonly #probe: LevelProbe;
  #turn: 0 | 1 = 0;
  #before: Moment | undefined;

  constructor(
    network: GpuNetwork,
    compute: Size,
    buffers: Buffers,
    conversion: ColorConversion<VideoFrame>,
    shuffle: PixelShuffle,
  ) {
    this.#network = network;
    this.compute = compute;
    this.#buffers = buffers;
    this.#conversion = conversion;
    this.#shuffle = shuffle;
    this.#probe = new LevelProbe(network.gpu.device, compute);
  }

  fits(compute: Size): boolean {
    return sameSize(this.compute, compute);
  }

  /** Runs the network on zeros; what comes of it is never seen. */
  async warmUp(): Promise<void> {
    await this.#compute();
    await this.#network.gpu.device.queue.onSubmittedWorkDone();
  }

  /** Resolves when the GPU has finished, so that frames are dropped before it rather than queued in it. */
  async run(frame: VideoFrame, facts: FrameFacts): Promise<EnhancedPicture> {
    const { device } = this.#network.gpu;
    const { tensor, level } = this.#buffers;
    const moment: Moment = { ...facts, level: this.#probe.level };
    device.queue.writeBuffer(level, 0, new Float32Array(3).fill(moment.level ?? 0));
    device.queue.writeBuffer(this.#buffers.mix, 0, Float32Array.of(fusionMix(this.#before, moment)));
    const before = device.createCommandEncoder();
    this.#conversion.encode(before, frame);
    this.#probe.encode(before, tensor);
    device.queue.submit([before.finish()]);
    this.#probe.read();

    await this.#compute();
    this.#turn = this.#turn === 0 ? 1 : 0;
    this.#before = moment;

    const after = device.createCommandEncoder();
    this.#shuffle.encode(after, { buffer: level });
    device.queue.submit([after.finish()]);
    await device.queue.onSubmittedWorkDone();
    return this.#shuffle;
  }

  [Symbol.dispose](): void {
    destroy(this.#buffers);
    this.#shuffle[Symbol.dispose]();
    this.#probe[Symbol.dispose]();
  }

  async #compute(): Promise<void> {
    const { calls, session } = this.#network;
    await calls.run(() => session.run(this.#feeds(), this.#fetches()));
  }

  #feeds() {
    const { width, height } = this.compute;
    return {
      image: this.#tensor(this.#buffers.tensor, [1, 3, height, width]),
      fusion_previous: this.#tensor(this.#buffers.fusion[this.#turn], [1, this.#network.fusionSize]),
      fusion_mix: this.#tensor(this.#buffers.mix, [1]),
    };
  }

  #fetches() {
    const { width, height } = this.compute;
    const written = this.#buffers.fusion[this.#turn === 0 ? 1 : 0];
    return {
      subpixels: this.#tensor(this.#buffers.subpixels, [1, 12, height, width]),
      fusion: this.#tensor(written, [1, this.#network.fusionSize]),
    };
  }

  #tensor(buffer: GPUBuffer, dims: readonly number[]) {
    return this.#network.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims });
  }
}

/** onnxruntime binds whole vec4s, and copies in both directions. */
const floats = (device: GPUDevice, count: number): GPUBuffer =>
  device.createBuffer({
    size: Math.ceil(count / 4) * 16,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });

function destroy({ tensor, subpixels, fusion, mix, level }: Buffers): void {
  for (const buffer of [tensor, subpixels, ...fusion, mix, level]) buffer.destroy();
}
