/** A network that lies on a device: its buffers, and a frame's commands. */
import type { Size } from './network-kernels.ts';

/** One dispatch of a frame, for benchmarks. */
export interface Dispatch {
  readonly name: string;
  /** Multiplications with their additions. */
  readonly macs: number;
  /** Read and written once: what of it comes out of a cache is not known. */
  readonly bytes: number;
}

export interface Network extends Disposable {
  readonly width: number;
  readonly height: number;
  /** The input, to be filled before `encode`: f32 NCHW [1,3,height,width], sRGB-encoded RGB, 0…1. Usage STORAGE, COPY_SRC, COPY_DST. */
  readonly tensor: GPUBuffer;
  /** The output, f32 NCHW [1,12,height,width], before the pixel shuffle. Usage STORAGE, COPY_SRC. */
  readonly subpixels: GPUBuffer;
  /** f32 [K]: the fusion vector used last, which the next frame is smoothed with. */
  readonly fusion: Required<GPUBufferBinding>;
  /** f32 [3]: the means of red, green and blue of the picture computed last. */
  readonly level: Required<GPUBufferBinding>;
  /** Of all its buffers. */
  readonly bytes: number;
  readonly dispatches: readonly Dispatch[];
  /** The next frame's `fusion_mix`, to be called before its commands are submitted. 1 at a start; cuts are found by themselves. */
  setMix(mix: number): void;
  /**
   * Adds the commands for one frame: one compute pass, or one for each dispatch where its times are asked for.
   * Nothing is allocated.
   */
  encode(
    encoder: GPUCommandEncoder,
    timestamps?: (dispatch: number) => GPUComputePassTimestampWrites | undefined,
  ): void;
}

export interface Command extends Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** What the owner of a network sees of its buffers. */
export interface Ends {
  readonly tensor: GPUBuffer;
  readonly subpixels: GPUBuffer;
  readonly vectors: GPUBuffer;
  readonly fusion: Required<GPUBufferBinding>;
  readonly level: Required<GPUBufferBinding>;
  /** Where in `vectors` the mix lies. */
  readonly mix: number;
}

export class DeviceNetwork implements Network {
  readonly width: number;
  readonly height: number;
  readonly tensor: GPUBuffer;
  readonly subpixels: GPUBuffer;
  readonly fusion: Required<GPUBufferBinding>;
  readonly level: Required<GPUBufferBinding>;
  readonly bytes: number;
  readonly dispatches: readonly Dispatch[];
  readonly #device: GPUDevice;
  readonly #commands: readonly Command[];
  readonly #buffers: readonly GPUBuffer[];
  readonly #ends: Ends;
  readonly #mix = new Float32Array(1);

  constructor(
    device: GPUDevice,
    { width, height }: Size,
    commands: readonly Command[],
    buffers: readonly GPUBuffer[],
    ends: Ends,
  ) {
    this.width = width;
    this.height = height;
    this.tensor = ends.tensor;
    this.subpixels = ends.subpixels;
    this.fusion = ends.fusion;
    this.level = ends.level;
    this.bytes = buffers.reduce((sum, buffer) => sum + buffer.size, 0);
    this.dispatches = commands;
    this.#device = device;
    this.#commands = commands;
    this.#buffers = buffers;
    this.#ends = ends;
  }

  setMix(mix: number): void {
    this.#mix[0] = mix;
    this.#device.queue.writeBuffer(this.#ends.vectors, 4 * this.#ends.mix, this.#mix);
  }

  encode(
    encoder: GPUCommandEncoder,
    timestamps?: (dispatch: number) => GPUComputePassTimestampWrites | undefined,
  ): void {
    if (timestamps) {
      this.#commands.forEach((command, index) => {
        const timestampWrites = timestamps(index);
        const pass = encoder.beginComputePass(timestampWrites && { timestampWrites });
        dispatch(pass, command);
        pass.end();
      });
      return;
    }
    const pass = encoder.beginComputePass({ label: 'network' });
    for (const command of this.#commands) dispatch(pass, command);
    pass.end();
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }
}

function dispatch(pass: GPUComputePassEncoder, { pipeline, bindings, workgroups }: Command): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindings);
  pass.dispatchWorkgroups(...workgroups);
}
