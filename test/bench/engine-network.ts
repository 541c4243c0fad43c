/** One network at one size on one device, and how its time is taken: in a browser and in Node alike. */
import type { NetworkFiles } from '../../shaders/engine/card.ts';
import type { Network } from '../../shaders/engine/device-network.ts';
import { openNetwork } from '../../shaders/engine/network.ts';
import { tuned } from '../../shaders/engine/tune.ts';
import { PLAIN, type Tuning } from '../../shaders/engine/tuning.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import type { KernelTime, Picture } from './engine-report.ts';
import { trafficOf } from './engine-traffic.ts';

export interface BenchDevice {
  readonly device: GPUDevice;
  readonly shaders: ShaderSource;
  readonly adapter: string;
  readonly software: boolean;
}

export interface BenchNetwork {
  readonly network: Network;
  readonly tuning: Tuning;
  /** Name, multiplications and bytes of each dispatch; `ms` is undefined without timestamps. */
  readonly kernels: readonly KernelTime[];
}

/** What a frame costs is measured over so much GPU time, ms: clocks are coarse and submissions are not free. */
export const SAMPLE_MS = 40;
/** Of 255. */
const LARGEST_DIFFERENCE = { f32: 1, f16: 2 } as const;
const FEATURES = ['timestamp-query', 'shader-f16', 'subgroups'] as const;
/** Timestamps in a query set, at most (WebGPU §20.2). */
const MOST_QUERIES = 4096;

/** With everything of the adapter that the engine or onnxruntime may use. */
export function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { limits, features } = adapter;
  return adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => features.has(feature)),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
      maxComputeWorkgroupSizeZ: limits.maxComputeWorkgroupSizeZ,
    },
  });
}

export const adapterName = ({ description, vendor, architecture }: GPUAdapterInfo): string =>
  description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter';

/** The network's input for an output of this size: half of it, rounded up to what the network takes. */
export const inputOf = (picture: Picture, multipleOf: number): Picture => ({
  width: Math.ceil(picture.width / 2 / multipleOf) * multipleOf,
  height: Math.ceil(picture.height / 2 / multipleOf) * multipleOf,
});

/** Opens the network as the engine would choose to run it, with a dark picture in it. The caller disposes of it. */
export async function openBenchNetwork(
  { device, shaders, adapter, software }: BenchDevice,
  files: NetworkFiles,
  input: Picture,
): Promise<BenchNetwork> {
  const tuning = software ? PLAIN : (await tuned(device, shaders, files, { ...input, adapter })).tuning;
  const network = await openNetwork(device, shaders, files, { ...input, tuning });
  device.queue.writeBuffer(network.tensor, 0, darkPicture(input));
  const traffic = trafficOf(files.card, tuning, input);
  const kernels = network.dispatches.map(({ name, macs }, i) => ({
    name,
    macs,
    bytes: traffic[i]!,
    ms: undefined,
  }));
  return { network, tuning, kernels };
}

/** Light and dark squares with noise, f32 NCHW [1,3,height,width], the same each time. */
export function darkPicture({ width, height }: Picture): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    return (
      0.02 +
      0.1 * ((Math.floor(x / 16) + Math.floor(y / 16)) % 2) +
      (Math.imul(i, 2_654_435_761) >>> 24) / 4096
    );
  });
}

/** Resolves with what a buffer holds when all that was submitted is done. */
export async function valuesOf(device: GPUDevice, buffer: GPUBuffer): Promise<Float32Array> {
  const { size } = buffer;
  const answer = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, answer, 0, size);
  device.queue.submit([encoder.finish()]);
  await answer.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(answer.getMappedRange().slice(0));
  answer.destroy();
  return values;
}

/**
 * The largest difference between two outputs, of 255.
 *
 * @throws Error where it is more than a kernel may have: its time would mean nothing @param what they are of
 */
export function rightDifference(
  what: string,
  found: Float32Array,
  expected: Float32Array,
  tuning: Tuning,
): number {
  const difference = 255 * largestDifference(found, expected);
  // Written so that NaN does not pass.
  if (!(difference <= LARGEST_DIFFERENCE[tuning.precision.stored]))
    throw new Error(`${what}: the output is wrong by ${difference} of 255`);
  return difference;
}

/** NaN where either has one. */
const largestDifference = (a: Float32Array, b: Float32Array): number =>
  b.reduce((largest, value, i) => Math.max(largest, Math.abs(value - a[i]!)), 0);

/** Wall-clock ms of a frame, of `frames` of them, each in a submission of its own as in the player. */
export async function framesTime(device: GPUDevice, network: Network, frames: number): Promise<number> {
  const started = performance.now();
  for (let frame = 0; frame < frames; frame++) {
    const encoder = device.createCommandEncoder();
    network.encode(encoder);
    device.queue.submit([encoder.finish()]);
  }
  await device.queue.onSubmittedWorkDone();
  return (performance.now() - started) / frames;
}

/** GPU ms of a frame, of `frames` of them in one submission; undefined without timestamps. */
export async function gpuTime(
  device: GPUDevice,
  network: Network,
  frames: number,
): Promise<number | undefined> {
  if (!device.features.has('timestamp-query')) return undefined;
  using clock = new Clock(device, 2);
  const encoder = device.createCommandEncoder();
  encoder.beginComputePass({ timestampWrites: { querySet: clock.set, beginningOfPassWriteIndex: 0 } }).end();
  for (let frame = 0; frame < frames; frame++) network.encode(encoder);
  encoder.beginComputePass({ timestampWrites: { querySet: clock.set, endOfPassWriteIndex: 1 } }).end();
  const [start, end] = (await clock.read(encoder)) as [number, number];
  return (end - start) / frames;
}

/** GPU ms of each dispatch, the mean of `frames` frames in which each has a pass of its own; undefined without timestamps. */
export async function kernelTimes(
  device: GPUDevice,
  { network, kernels }: BenchNetwork,
  frames: number,
): Promise<readonly KernelTime[]> {
  if (!device.features.has('timestamp-query')) return kernels;
  const count = kernels.length;
  const atOnce = Math.min(frames, Math.floor(MOST_QUERIES / (2 * count)));
  using clock = new Clock(device, 2 * count * atOnce);
  const sums = new Array<number>(count).fill(0);
  let measured = 0;
  for (; measured < frames; measured += atOnce) {
    const encoder = device.createCommandEncoder();
    for (let frame = 0; frame < atOnce; frame++)
      network.encode(encoder, (i) => {
        const at = 2 * (frame * count + i);
        return { querySet: clock.set, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 };
      });
    const times = await clock.read(encoder);
    for (let at = 0; at < times.length; at += 2) sums[(at / 2) % count]! += times[at + 1]! - times[at]!;
  }
  return kernels.map((kernel, i) => ({ ...kernel, ms: sums[i]! / measured }));
}

class Clock implements Disposable {
  readonly set: GPUQuerySet;
  readonly #device: GPUDevice;
  readonly #resolved: GPUBuffer;
  readonly #answer: GPUBuffer;

  constructor(device: GPUDevice, count: number) {
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    this.#device = device;
    this.set = device.createQuerySet({ type: 'timestamp', count });
    this.#resolved = device.createBuffer({ size: 8 * count, usage: QUERY_RESOLVE | COPY_SRC });
    this.#answer = device.createBuffer({ size: 8 * count, usage: COPY_DST | MAP_READ });
  }

  /** Submits the commands; resolves with all times, in ms. */
  async read(encoder: GPUCommandEncoder): Promise<readonly number[]> {
    encoder.resolveQuerySet(this.set, 0, this.set.count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#answer, 0, this.#answer.size);
    this.#device.queue.submit([encoder.finish()]);
    await this.#answer.mapAsync(GPUMapMode.READ);
    const times = [...new BigUint64Array(this.#answer.getMappedRange())].map((time) => Number(time) / 1e6);
    this.#answer.unmap();
    return times;
  }

  [Symbol.dispose](): void {
    this.set.destroy();
    this.#resolved.destroy();
    this.#answer.destroy();
  }
}

/** How many frames make a sample. */
export const framesInSample = (ms: number): number =>
  Math.max(1, Math.min(200, Math.round(SAMPLE_MS / Math.max(ms, 0.01))));
