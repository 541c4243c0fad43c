/** Runs the network on the CPU, in a worker of its own so that pictures keep flowing here meanwhile. */
import { cpuBudget } from './budget.ts';
import { fullComputeSize, type Size, sameSize, withinSize } from './compute-size.ts';
import type { Enhanced, Enhancer, FrameFacts, TileEnhancer } from './enhancer.ts';
import type { Model, NetworkName } from './model.ts';
import { openModels } from './opened-models.ts';
import {
  afterRun,
  ladder,
  type ModelCost,
  type QualityControl,
  type Rung,
  startControl,
} from './quality-control.ts';
import { Turns } from './turns.ts';
import type { FromWasm, ToWasm, WasmMemory } from './wasm-messages.ts';

/** More threads than this gain little on a network this small, and the decoder needs some too. */
const MOST_THREADS = 4;
/** Where nobody waits for the picture: a quarter of a second on two cores, for which a live tile can wait its turn. */
const STEADY: Size = { width: 480, height: 272 };
const STEADY_MACS = 5000;

type Answer<Type extends FromWasm['type']> = Extract<FromWasm, { readonly type: Type }>;

/** Starts the worker and loads the networks into it, cheapest first, of which one is enough to begin. Rejects where it fails. */
export async function openWasmEnhancer(
  models: readonly Model[],
  runtime: string,
): Promise<Enhancer<ImageBitmap>> {
  const threads = crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
  const enhancer = new WasmEnhancer(threads);
  try {
    const open = (model: Model) => enhancer.open(model, { runtime, threads });
    enhancer.networks = await openModels(models, open, () => enhancer.over);
    return enhancer;
  } catch (error) {
    enhancer[Symbol.dispose]();
    throw error;
  }
}

/** A network that the worker has. */
interface WasmNetwork {
  readonly name: NetworkName;
  readonly cost: ModelCost;
}

class WasmEnhancer implements Enhancer<ImageBitmap> {
  readonly engine = 'wasm';
  readonly adapter: string;
  readonly turns = new Turns();
  readonly ended: Promise<string>;
  /** Grows while better ones come; cheapest first. */
  networks: ReadonlyMap<string, WasmNetwork> = new Map();
  readonly #worker = new Worker(new URL('./wasm-worker.ts', import.meta.url), { type: 'module' });
  #answered: ((answer: FromWasm) => void) | undefined;
  #endReason: string | undefined;
  #end: (reason: string) => void = () => {};

  constructor(threads: number) {
    this.adapter = threads === 1 ? '1 thread' : `${threads} threads`;
    this.ended = new Promise((resolve) => {
      this.#end = (reason) => {
        this.#endReason ??= reason;
        this.#answered?.({ type: 'failed', message: reason });
        resolve(reason);
      };
    });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWasm>) => this.#answered?.(data);
    this.#worker.onerror = ({ message }) => this.#end(message || 'its worker could not be started');
  }

  get over(): boolean {
    return this.#endReason !== undefined;
  }

  /** Loads one more network into the worker, in its turn. */
  async open(
    model: Model,
    how: { readonly runtime: string; readonly threads: number },
  ): Promise<WasmNetwork> {
    const { name, fusionSize, macsPerInputPixel } = model;
    const { bytes, sha256 } = await model.onnx();
    using _turn = await this.turns.take();
    await this.ask({ type: 'open', name, model: bytes, fusionSize, ...how }, 'opened', [bytes]);
    return { name: { name, sha256 }, cost: { name, macsPerInputPixel } };
  }

  /** Asks the worker; rejects with its words when it failed. The turns see to it that one question is open at a time. */
  async ask<Type extends FromWasm['type']>(
    question: ToWasm,
    expected: Type,
    given: Transferable[] = [],
  ): Promise<Answer<Type>> {
    const answer = await new Promise<FromWasm>((resolve) => {
      if (this.#endReason !== undefined) return resolve({ type: 'failed', message: this.#endReason });
      this.#answered = resolve;
      this.#worker.postMessage(question, given);
    });
    if (answer.type === expected) return answer as Answer<Type>;
    const message = answer.type === 'failed' ? answer.message : `it answered ${answer.type}`;
    this.#end(message);
    throw new Error(`the network stopped: ${message}`);
  }

  openTile(): TileEnhancer<ImageBitmap> {
    return new WasmTile(this);
  }

  [Symbol.dispose](): void {
    this.#end('it was stopped');
    this.turns.end();
    this.#worker.terminate();
  }
}

/** Remembers one tile's frame before, and at what size its frames are computed. */
class WasmTile implements TileEnhancer<ImageBitmap> {
  readonly ready = true;
  readonly #enhancer: WasmEnhancer;
  /** Of its frame before, and of which network. */
  #memory: { readonly model: string; readonly kept: WasmMemory } | undefined;
  #control: QualityControl | undefined;
  /** How many there were to choose from. */
  #models = 0;
  #picture: ImageBitmap | undefined;

  constructor(enhancer: WasmEnhancer) {
    this.#enhancer = enhancer;
  }

  async enhance(frame: VideoFrame, facts: FrameFacts): Promise<Enhanced<ImageBitmap>> {
    const { timestamp, stretch, steady } = facts;
    const camera = { width: frame.displayWidth, height: frame.displayHeight };
    const control = this.#controlFor(camera);
    const rung = steady ? this.#steadyRung(camera) : control.rungs[control.at]!;
    const { model, size: compute } = rung;
    const given = frame.clone();
    const before = this.#memory?.model === model ? this.#memory.kept : undefined;
    const answer = await this.#enhancer.ask(
      { type: 'enhance', model, frame: given, compute, timestamp, stretch, before },
      'enhanced',
      [given],
    );
    this.#memory = { model, kept: answer.memory };
    if (!steady) this.#control = afterRun(control, answer, cpuBudget(facts), performance.now());
    this.#picture?.close();
    this.#picture = answer.picture;
    const network = this.#enhancer.networks.get(model)!.name;
    return { picture: answer.picture, compute, network, ms: answer.network + answer.rest };
  }

  /** Starts anew when the camera's picture changes its size; a better network comes in above. */
  #controlFor(camera: Size): QualityControl {
    const { networks } = this.#enhancer;
    const known = this.#control;
    const same = known && sameSize(known.rungs.at(-1)!.size, fullComputeSize(camera));
    if (same && this.#models === networks.size) return known;
    this.#models = networks.size;
    const rungs = ladder(
      camera,
      [...networks.values()].map(({ cost }) => cost),
    );
    this.#control = same ? { ...known, rungs } : startControl(rungs);
    return this.#control;
  }

  /** The network that does not keep others waiting, and of those the best. */
  #steadyRung(camera: Size): Pick<Rung, 'model' | 'size'> {
    const size = withinSize(fullComputeSize(camera), STEADY);
    const costs = [...this.#enhancer.networks.values()].map(({ cost }) => cost);
    const fitting = costs.filter(({ macsPerInputPixel }) => macsPerInputPixel <= STEADY_MACS);
    return { model: (fitting.at(-1) ?? costs[0]!).name, size };
  }

  [Symbol.dispose](): void {
    this.#picture?.close();
  }
}
