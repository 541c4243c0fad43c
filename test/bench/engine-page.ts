/** In the page of the benchmark `engine`: our engine and onnxruntime's on one device, in turns. */
import type { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { checkedFiles, type NetworkFiles } from '../../shaders/engine/card.ts';
import { measuredPeak, type Peak } from '../../shaders/engine/peak.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import {
  adapterName,
  type BenchDevice,
  darkPicture,
  framesInSample,
  framesTime,
  gpuTime,
  inputOf,
  kernelTimes,
  openBenchNetwork,
  openDevice,
  rightDifference,
  valuesOf,
} from './engine-network.ts';
import { median, type Picture, type Row } from './engine-report.ts';

export interface Wanted {
  readonly model: string;
  readonly output: Picture;
  /** For the rounds, about; there are at least three. */
  readonly seconds: number;
}

const LEAST_ROUNDS = 3;
const MOST_ROUNDS = 31;

const texts = import.meta.glob<string>('../../shaders/engine/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const shaders: ShaderSource = (name) => texts[`../../shaders/${name}.wgsl`]!;

/** One network at one size, run by onnxruntime with pictures on the GPU, as our engine is. */
interface OrtNetwork extends AsyncDisposable {
  readonly subpixels: GPUBuffer;
  /** Wall-clock ms of a frame, of so many. */
  time(frames: number): Promise<number>;
}

let bench: BenchDevice;
let ort: typeof import('onnxruntime-web/webgpu');

async function open(): Promise<{ adapter: string; software: boolean; peak: Peak }> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('this browser has no WebGPU adapter');
  const device = await openDevice(adapter);
  const software = adapter.info.isFallbackAdapter;
  bench = { device, shaders, adapter: adapterName(adapter.info), software };
  ort = await import('onnxruntime-web/webgpu');
  ort.env.wasm.wasmPaths = new URL('/runtime/', location.href).href;
  ort.env.wasm.numThreads = 1;
  return { adapter: bench.adapter, software, peak: await measuredPeak(device, shaders) };
}

async function row({ model, output, seconds }: Wanted): Promise<Row> {
  const { device } = bench;
  const files = await filesOf(model);
  const input = inputOf(output, files.card.multipleOf);
  const ours = await openBenchNetwork(bench, files, input);
  using network = ours.network;
  await using theirs = await openOrtNetwork(model, files, input);
  const once = { wgsl: await framesTime(device, network, 1), ort: await theirs.time(1) };
  const difference = rightDifference(
    `${model} at ${input.width}x${input.height} (${ours.tuning.name})`,
    await valuesOf(device, network.subpixels),
    await valuesOf(device, theirs.subpixels),
    ours.tuning,
  );
  // Neither first frame counts for more than the length of a sample: kernels were compiled and memory was touched.
  const frames = { wgsl: framesInSample(once.wgsl), ort: framesInSample(once.ort) };
  const times = { wgsl: [] as number[], ort: [] as number[] };
  const began = performance.now();
  const isOver = (round: number) => round >= LEAST_ROUNDS && performance.now() - began > 1000 * seconds;
  let rounds = 0;
  for (; rounds < MOST_ROUNDS && !isOver(rounds); rounds++) {
    times.wgsl.push(await framesTime(device, network, frames.wgsl));
    times.ort.push(await theirs.time(frames.ort));
    times.wgsl.push(await framesTime(device, network, frames.wgsl));
  }
  return {
    ...{ model, output, input, tuning: ours.tuning.name, difference, rounds },
    macs: files.card.macsPerInputPixel * input.width * input.height,
    memory: network.bytes,
    wgslMs: median(times.wgsl),
    ortMs: median(times.ort),
    gpuMs: await gpuTime(device, network, frames.wgsl),
    kernels: await kernelTimes(device, ours, Math.max(3, frames.wgsl)),
  };
}

async function openOrtNetwork(model: string, { card }: NetworkFiles, input: Picture): Promise<OrtNetwork> {
  const { device } = bench;
  const { width, height } = input;
  const bytes = new Uint8Array(await (await fetch(`/models/${model}/model.onnx`)).arrayBuffer());
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [{ name: 'webgpu', device }],
  });
  const image = filled(darkPicture(input));
  const mix = filled(Float32Array.of(1));
  const [previous, fusion] = [
    filled(new Float32Array(card.fusionSize)),
    filled(new Float32Array(card.fusionSize)),
  ];
  const subpixels = filled(new Float32Array(12 * width * height));
  const tensor = (buffer: GPUBuffer, dims: readonly number[]): Tensor =>
    ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims });
  const feeds = {
    image: tensor(image, [1, 3, height, width]),
    fusion_previous: tensor(previous, [1, card.fusionSize]),
    fusion_mix: tensor(mix, [1]),
  };
  const fetches: InferenceSession.OnnxValueMapType = {
    subpixels: tensor(subpixels, [1, 12, height, width]),
    fusion: tensor(fusion, [1, card.fusionSize]),
  };
  return {
    subpixels,
    async time(frames) {
      const started = performance.now();
      for (let frame = 0; frame < frames; frame++) await session.run(feeds, fetches);
      await device.queue.onSubmittedWorkDone();
      return (performance.now() - started) / frames;
    },
    async [Symbol.asyncDispose]() {
      await session.release();
      for (const buffer of [image, mix, previous, fusion, subpixels]) buffer.destroy();
    },
  };
}

async function filesOf(model: string): Promise<NetworkFiles> {
  const [card, weights] = await Promise.all(
    ['card.json', 'weights.bin'].map((name) => fetch(`/models/${model}/${name}`)),
  );
  return checkedFiles(await card!.json(), await weights!.arrayBuffer());
}

/** onnxruntime binds whole vec4s, and copies in both directions. */
function filled(values: Float32Array<ArrayBuffer>): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = bench.device.createBuffer({ size: Math.ceil(values.length / 4) * 16, usage });
  bench.device.queue.writeBuffer(buffer, 0, values);
  return buffer;
}

const tools = { open, row };

declare global {
  var engineBench: typeof tools;
}
globalThis.engineBench = tools;
