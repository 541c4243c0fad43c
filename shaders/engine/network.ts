/** Runs a network of one size on a device: our own kernels from the card and its weights. */
import type { ShaderSource } from '../shader-source.ts';
import type { NetworkFiles } from './card.ts';
import { type Command, DeviceNetwork, type Network } from './device-network.ts';
import { type PartialSums, VectorLayout, vectorProgram } from './instructions.ts';
import { memoryPlan } from './memory-plan.ts';
import {
  convKernel,
  type Kernel,
  type KernelSetting,
  POOL_GROUPS,
  pointsKernel,
  poolGroups,
  poolKernel,
  quadsOfPools,
  type Size,
} from './network-kernels.ts';
import { halves, packedWeights } from './packed-weights.ts';
import { channelsOf, quadsOf, type Tensor } from './points.ts';
import { bytesOf } from './precision.ts';
import { type Schedule, type Step, scheduled } from './schedule.ts';
import { PLAIN, type Tuning } from './tuning.ts';

export interface NetworkOptions {
  /** The network's input, pixels: multiples of the card's `multipleOf`. */
  readonly width: number;
  readonly height: number;
  /** PLAIN when left out. */
  readonly tuning?: Tuning;
}

/**
 * Compiles the kernels and lays out the memory. Rejects with a ModelError where the network does not fit the device, with a
 * `GPUPipelineError` where the driver refuses a kernel, and with a RangeError at a size that the network does not take or for which
 * the device's buffers are too small.
 */
export async function openNetwork(
  device: GPUDevice,
  shaders: ShaderSource,
  files: NetworkFiles,
  options: NetworkOptions,
): Promise<Network> {
  const { width, height } = options;
  const step = files.card.multipleOf;
  if (!(width > 0 && height > 0 && width % step === 0 && height % step === 0))
    throw new RangeError(
      `the network takes widths and heights that are multiples of ${step}, not ${width}x${height}`,
    );
  const builder = new NetworkBuilder(device, shaders, files, options);
  try {
    return await builder.build();
  } catch (error) {
    builder[Symbol.dispose]();
    throw error;
  }
}

class NetworkBuilder implements Disposable {
  readonly #device: GPUDevice;
  readonly #files: NetworkFiles;
  readonly #shaders: ShaderSource;
  readonly #size: Size;
  readonly #tuning: Tuning;
  readonly #schedule: Schedule;
  readonly #layout: VectorLayout;
  readonly #buffers: GPUBuffer[] = [];

  constructor(device: GPUDevice, shaders: ShaderSource, files: NetworkFiles, options: NetworkOptions) {
    this.#device = device;
    this.#shaders = shaders;
    this.#files = files;
    this.#size = options;
    this.#tuning = options.tuning ?? PLAIN;
    this.#schedule = scheduled(files.card, this.#tuning.tiles);
    this.#layout = new VectorLayout(files.card);
  }

  async build(): Promise<Network> {
    const { steps } = this.#schedule;
    const sums = this.#partialSums();
    const program = vectorProgram(this.#files, this.#schedule, this.#layout, sums.places);
    const packed = packedWeights(this.#files);
    const { stored } = this.#tuning.precision;
    const weights = this.#filled('weights', stored === 'f16' ? halves(packed.weights) : packed.weights);
    const biases = this.#filled('biases', packed.biases);
    const vectors = this.#filled('vectors', program.vectors, GPUBufferUsage.COPY_SRC);
    const matrices = this.#filled('matrices', program.matrices);
    const instructions = this.#filled('instructions', new Uint8Array(program.instructions));
    const partials = this.#buffer('partial sums', sums.bytes);
    const tensor = this.#buffer(
      'image',
      4 * this.#values(3, 1),
      GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    );
    const subpixels = this.#buffer('subpixels', 4 * this.#values(12, 1), GPUBufferUsage.COPY_SRC);
    const memory = this.#tensors(subpixels);
    const setting: KernelSetting = {
      shaders: this.#shaders,
      tuning: this.#tuning,
      workgroupBytes: this.#device.limits.maxComputeWorkgroupStorageSize,
      sizeOf: (divisor) => this.#sizeOf(divisor),
      places: {
        placeOf: (layer) => packed.placeOf(layer),
        vectorQuad: (name) => this.#layout.at(name) / 4,
        vectorLength: (name) => this.#layout.length(name),
      },
    };
    const bind = (source: Tensor | 'image'): GPUBuffer => (source === 'image' ? tensor : memory(source));
    const vectorModule = this.#device.createShaderModule({
      label: 'vectors',
      code: this.#shaders('engine/vectors'),
    });
    let vectorSteps = 0;
    const commands = await Promise.all(
      steps.map((step): Promise<Command> => {
        if (step.kind !== 'vectors') {
          const kernel = kernelOf(setting, step, sums.bases);
          const output = step.kind === 'pool' ? partials : bind(step.output);
          return this.#command(kernel, [weights, biases, vectors, output, ...kernel.reads.map(bind)]);
        }
        const span = program.spans[vectorSteps++]!;
        return this.#vectorCommand(
          vectorModule,
          span,
          [instructions, vectors, matrices, partials],
          step.layers,
        );
      }),
    );
    return new DeviceNetwork(this.#device, this.#size, commands, this.#buffers, {
      ...{ tensor, subpixels, vectors, mix: program.mix },
      fusion: { buffer: vectors, offset: 4 * program.fusion, size: 4 * this.#files.card.fusionSize },
      level: { buffer: vectors, offset: 4 * program.level, size: 12 },
    });
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }

  /** Room for the sums of every pool's kernel, and where each pool finds its own. */
  #partialSums() {
    const places = new Map<string, PartialSums>();
    const bases = new Map<Step, number>();
    let quads = 0;
    for (const step of this.#schedule.steps) {
      if (step.kind !== 'pool') continue;
      const { width, height } = this.#sizeOf(step.divisor);
      bases.set(step, quads);
      const stride = quadsOfPools(step.pools);
      let at = quads;
      for (const { output, points } of step.pools) {
        const groups = poolGroups({ width, height });
        places.set(output, { at: 4 * at, groups, stride: 4 * stride, pixels: width * height });
        at += quadsOf(channelsOf(points));
      }
      quads += POOL_GROUPS * stride;
    }
    return { places, bases, bytes: 16 * Math.max(1, quads) };
  }

  #tensors(subpixels: GPUBuffer): (tensor: Tensor) => GPUBuffer {
    const isOutput = ({ name }: Tensor): boolean => name === 'subpixels';
    const bytes = ({ channels, divisor }: Tensor): number =>
      bytesOf(this.#tuning.precision.stored) * this.#values(4 * quadsOf(channels), divisor);
    const plan = memoryPlan(this.#schedule, bytes, isOutput);
    const pieces = plan.pieces.map((size, index) => this.#buffer(`tensors ${index}`, size));
    return (tensor) => (isOutput(tensor) ? subpixels : pieces[plan.pieceOf(tensor)]!);
  }

  async #command(kernel: Kernel, buffers: readonly GPUBuffer[]): Promise<Command> {
    const module = this.#device.createShaderModule({ label: kernel.name, code: kernel.code });
    const writable = 3;
    const layout = this.#bindGroupLayout(buffers.length, writable);
    const pipeline = await this.#pipeline(kernel.name, layout, module, kernel.constants);
    const { macs, workgroups, name } = kernel;
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.size, 0);
    return { name, macs, bytes, workgroups, pipeline, bindings: this.#bindings(layout, buffers) };
  }

  async #vectorCommand(
    module: GPUShaderModule,
    constants: { readonly first: number; readonly count: number },
    buffers: readonly GPUBuffer[],
    layers: readonly { readonly output: string; readonly op: string; readonly channels: number }[],
  ): Promise<Command> {
    const writable = 1;
    const layout = this.#bindGroupLayout(buffers.length, writable);
    const pipeline = await this.#pipeline('vectors', layout, module, { ...constants });
    const name = `vectors to ${layers.at(-1)!.output}`;
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.size, 0);
    return {
      name,
      macs: 0,
      bytes,
      workgroups: [1, 1, 1],
      pipeline,
      bindings: this.#bindings(layout, buffers),
    };
  }

  #pipeline(
    label: string,
    layout: GPUBindGroupLayout,
    module: GPUShaderModule,
    constants: Readonly<Record<string, number>>,
  ): Promise<GPUComputePipeline> {
    return this.#device.createComputePipelineAsync({
      label,
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, constants },
    });
  }

  #bindGroupLayout(count: number, writable: number): GPUBindGroupLayout {
    return this.#device.createBindGroupLayout({
      entries: Array.from({ length: count }, (_, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: binding === writable ? 'storage' : 'read-only-storage' },
      })),
    });
  }

  #bindings(layout: GPUBindGroupLayout, buffers: readonly GPUBuffer[]): GPUBindGroup {
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    return this.#device.createBindGroup({ layout, entries });
  }

  #filled(
    label: string,
    values: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>,
    usage = 0,
  ): GPUBuffer {
    const buffer = this.#buffer(label, values.byteLength, usage | GPUBufferUsage.COPY_DST);
    this.#device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }

  #buffer(label: string, bytes: number, usage = 0): GPUBuffer {
    const size = Math.ceil(bytes / 16) * 16;
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    if (size > Math.min(maxBufferSize, maxStorageBufferBindingSize))
      throw new RangeError(
        `the network at ${this.#size.width}x${this.#size.height} needs ${size} bytes for its ${label}, more than this GPU allows`,
      );
    const buffer = this.#device.createBuffer({ label, size, usage: usage | GPUBufferUsage.STORAGE });
    this.#buffers.push(buffer);
    return buffer;
  }

  #sizeOf(divisor: number): Size {
    return { width: Math.ceil(this.#size.width / divisor), height: Math.ceil(this.#size.height / divisor) };
  }

  #values(channels: number, divisor: number): number {
    const { width, height } = this.#sizeOf(divisor);
    return channels * width * height;
  }
}

function kernelOf(
  setting: KernelSetting,
  step: Exclude<Step, { kind: 'vectors' }>,
  bases: ReadonlyMap<Step, number>,
): Kernel {
  switch (step.kind) {
    case 'conv':
      return convKernel(setting, step);
    case 'points':
      return pointsKernel(setting, step);
    case 'pool':
      return poolKernel(setting, step, bases.get(step)!);
  }
}
