/** What an adapter can do at best, for benchmarks to hold the network against. */
import type { ShaderSource } from '../shader-source.ts';

export interface Peak {
  /** f32 multiplications and additions, counted as two; 10^9 a second. */
  readonly gflops: number;
  /** Bytes of memory, read ones and written ones; 10^9 a second. */
  readonly gigabytes: number;
}

export interface PeakOptions {
  /** Of each measurement, ms: a short one measures how a submission is handled. */
  readonly sampleMs?: number;
  /** Bytes that are copied: far more than the caches hold. */
  readonly bytes?: number;
}

/** The kernels, ready to be dispatched. */
export interface PeakKernels extends Disposable {
  /** Floating-point operations of one `multiply`. */
  readonly operations: number;
  /** Bytes that one `copy` reads and writes. */
  readonly bytes: number;
  readonly given: GPUBuffer;
  readonly result: GPUBuffer;
  multiply(pass: GPUComputePassEncoder): void;
  copy(pass: GPUComputePassEncoder): void;
}

/** Chains of quads in `multiply`. */
const CHAINS = 8;
const TURNS = 256;
const MULTIPLY_LANES = 64;
const COPY_LANES = 256;
/** The result stays near 1 however long it runs: x * 0.5 + 0.5. */
const FACTORS = Float32Array.of(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5);
const SAMPLES = 5;

/** Rejects with a `GPUPipelineError` where the driver refuses a kernel. @param bytes of each of the two buffers */
export async function openPeakKernels(
  device: GPUDevice,
  shaders: ShaderSource,
  bytes: number,
): Promise<PeakKernels> {
  const module = device.createShaderModule({ label: 'peak', code: shaders('engine/peak') });
  const pipeline = (entryPoint: string, constants: Record<string, number>) =>
    device.createComputePipelineAsync({
      label: entryPoint,
      layout: 'auto',
      compute: { module, entryPoint, constants },
    });
  const [multiply, copy] = await Promise.all([pipeline('multiply', { turns: TURNS }), pipeline('copy', {})]);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const [given, result] = [0, 1].map(() => device.createBuffer({ size: bytes, usage })) as [
    GPUBuffer,
    GPUBuffer,
  ];
  device.queue.writeBuffer(given, 0, FACTORS);
  const entries = [given, result].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const quads = bytes / 16;
  // As many invocations as fill any GPU, and no more than there is room for.
  const multiplications = Math.min(8192, Math.floor(quads / MULTIPLY_LANES));
  const runs = (made: GPUComputePipeline, groups: number) => {
    const bindings = device.createBindGroup({ layout: made.getBindGroupLayout(0), entries });
    return (pass: GPUComputePassEncoder): void => {
      pass.setPipeline(made);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(groups);
    };
  };
  return {
    operations: 2 * multiplications * MULTIPLY_LANES * CHAINS * 4 * TURNS,
    bytes: 2 * bytes,
    given,
    result,
    multiply: runs(multiply, multiplications),
    copy: runs(copy, quads / COPY_LANES),
    [Symbol.dispose]() {
      given.destroy();
      result.destroy();
    },
  };
}

/** Measures both; takes about 12 samples. Rejects where `openPeakKernels` does. */
export async function measuredPeak(
  device: GPUDevice,
  shaders: ShaderSource,
  { sampleMs = 50, bytes = 128 * 2 ** 20 }: PeakOptions = {},
): Promise<Peak> {
  const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
  const room = Math.min(bytes, maxStorageBufferBindingSize, maxBufferSize);
  using kernels = await openPeakKernels(device, shaders, Math.floor(room / 4096) * 4096);
  const seconds = (kernel: 'multiply' | 'copy') => leastSeconds(device, kernels, kernel, sampleMs);
  return {
    gflops: kernels.operations / (await seconds('multiply')) / 1e9,
    gigabytes: kernels.bytes / (await seconds('copy')) / 1e9,
  };
}

/** Of one dispatch: the fastest sample, for everything that disturbs it makes it slower. */
async function leastSeconds(
  device: GPUDevice,
  kernels: PeakKernels,
  kernel: 'multiply' | 'copy',
  sampleMs: number,
): Promise<number> {
  const sample = async (count: number): Promise<number> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < count; i++) kernels[kernel](pass);
    pass.end();
    const started = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - started) / 1000;
  };
  let count = 1;
  await sample(1);
  for (let took = await sample(1); 1000 * took < sampleMs; took = await sample(count)) count *= 2;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < SAMPLES; i++) least = Math.min(least, (await sample(count)) / count);
  return least;
}
