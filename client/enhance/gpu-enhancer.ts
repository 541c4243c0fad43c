/** Runs the network by onnxruntime-web on our own device, to compare our own engine with: the picture never leaves the GPU. */
import type { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import type { EnhancedPicture } from '../../shaders/pixel-shuffle.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';
import { fullComputeSize, type Size, withinSize } from './compute-size.ts';
import type { Enhanced, Enhancer, FrameFacts, TileEnhancer } from './enhancer.ts';
import type { Gpu } from './gpu-device.ts';
import { type GpuWorkspace, openGpuWorkspace } from './gpu-workspace.ts';
import type { Model, NetworkName } from './model.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { Turns } from './turns.ts';

/** What a software adapter can be asked for: the picture is worth seeing, and not worth waiting for. */
const SOFTWARE_LIMIT: Size = { width: 160, height: 96 };

/** What the tiles share. */
export interface GpuNetwork {
  readonly gpu: Gpu;
  readonly shaders: ShaderSource;
  readonly session: InferenceSession;
  readonly Tensor: typeof Tensor;
  readonly fusionSize: number;
  readonly calls: OneAtATime;
}

/** The engine's calls, of this page's sessions one after the other: after a loss two of them overlap. */
const calls = new OneAtATime();

/** Loads onnxruntime's WebGPU engine from `runtime` and the network into it. Rejects where either fails. */
export async function openGpuEnhancer(
  gpu: Gpu,
  shaders: ShaderSource,
  model: Model,
  runtime: string,
): Promise<Enhancer<EnhancedPicture>> {
  const { env, InferenceSession, Tensor } = await import('onnxruntime-web/webgpu');
  env.wasm.wasmPaths = runtime;
  // Everything runs on the GPU: threads would stand idle.
  env.wasm.numThreads = 1;
  const options = { executionProviders: [{ name: 'webgpu', device: gpu.device }] };
  const { bytes, sha256 } = await model.onnx();
  const session = await calls.run(() => InferenceSession.create(new Uint8Array(bytes), options));
  const network: GpuNetwork = { gpu, shaders, session, Tensor, fusionSize: model.fusionSize, calls };
  return new GpuEnhancer(network, { name: model.name, sha256 });
}

class GpuEnhancer implements Enhancer<EnhancedPicture> {
  readonly engine = 'ort-webgpu';
  readonly adapter: string;
  readonly model: NetworkName;
  readonly turns = new Turns();
  readonly ended: Promise<string>;
  readonly network: GpuNetwork;
  /** Resolves `ended`; the first reason counts. */
  end: (reason: string) => void = () => {};

  constructor(network: GpuNetwork, model: NetworkName) {
    this.network = network;
    this.model = model;
    this.adapter = network.gpu.name;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
      void network.gpu.device.lost.then(({ message }) => resolve(message || 'the device was lost'));
    });
  }

  openTile(): TileEnhancer<EnhancedPicture> {
    return new GpuTile(this);
  }

  [Symbol.dispose](): void {
    this.end('it was stopped');
    this.turns.end();
    const { calls, session } = this.network;
    // After a loss there may be nothing left to release.
    calls.run(() => session.release()).catch(() => undefined);
  }
}

/** Owns one tile's buffers, which are made anew only when the camera's picture changes its size. */
class GpuTile implements TileEnhancer<EnhancedPicture> {
  readonly #engine: GpuEnhancer;
  #workspace: GpuWorkspace | undefined;
  #preparing = false;
  #disposed = false;
  #stop: ((error: Error) => void) | undefined;

  constructor(engine: GpuEnhancer) {
    this.#engine = engine;
    void engine.ended.then((reason) => this.#stop?.(new Error(`the network stopped: ${reason}`)));
  }

  get ready(): boolean {
    return this.#workspace !== undefined;
  }

  async enhance(frame: VideoFrame, facts: FrameFacts): Promise<Enhanced<EnhancedPicture> | undefined> {
    const compute = this.#computeSize(frame);
    const workspace = this.#workspace;
    if (!workspace?.fits(compute)) {
      if (!this.#preparing) void this.#prepare(compute);
      return undefined;
    }
    const started = performance.now();
    // Not a race with `ended`, which would remember every frame of the page's life.
    const picture = await new Promise<EnhancedPicture>((resolve, reject) => {
      this.#stop = reject;
      workspace.run(frame, facts).then(resolve, reject);
    }).catch((error: Error) => {
      this.#engine.end(error.message);
      throw error;
    });
    return { picture, compute, network: this.#engine.model, ms: performance.now() - started };
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#workspace?.[Symbol.dispose]();
    this.#workspace = undefined;
  }

  #computeSize({ displayWidth, displayHeight }: VideoFrame): Size {
    const full = fullComputeSize({ width: displayWidth, height: displayHeight });
    return this.#engine.network.gpu.software ? withinSize(full, SOFTWARE_LIMIT) : full;
  }

  /**
   * Opens the buffers and runs once on nothing, which is when onnxruntime compiles its kernels: seconds, on some, in
   * which plain pictures are shown. Not on software, which does one thing at a time and would take twice as long.
   */
  async #prepare(compute: Size): Promise<void> {
    this.#preparing = true;
    this.#workspace?.[Symbol.dispose]();
    this.#workspace = undefined;
    try {
      using _turn = await this.#engine.turns.take();
      const { network } = this.#engine;
      const workspace = await openGpuWorkspace(network, compute);
      if (!network.gpu.software) await workspace.warmUp();
      if (this.#disposed) workspace[Symbol.dispose]();
      else this.#workspace = workspace;
    } catch (error) {
      this.#engine.end(error instanceof Error ? error.message : String(error));
    } finally {
      this.#preparing = false;
    }
  }
}
