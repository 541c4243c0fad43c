/** Runs the network on the CPU, in a worker of its own so that pictures keep flowing here meanwhile. */
import { cpuBudget } from './budget.ts';
import { fullComputeSize, type Size, sameSize, withinSize } from './compute-size.ts';
import type { Enhanced, Enhancer, FrameFacts, TileEnhancer } from './enhancer.ts';
import type { Model } from './model.ts';
import { afterRun, ladder, type ModelCost, type QualityControl, startControl } from './quality-control.ts';
import { Turns } from './turns.ts';
import type { FromWasm, ToWasm, WasmMemory } from './wasm-messages.ts';

/** More threads than this gain little on a network this small, and the decoder needs some too. */
const MOST_THREADS = 4;
/** Where nobody waits for the picture: a quarter of a second on two cores, for which a live tile can wait its turn. */
const STEADY: Size = { width: 480, height: 272 };

type Answer<Type extends FromWasm['type']> = Extract<FromWasm, { readonly type: Type }>;

/** Starts the worker and loads the network into it. Rejects where either fails. */
export async function openWasmEnhancer(model: Model, runtime: string): Promise<Enhancer<ImageBitmap>> {
  const threads = crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
  const enhancer = new WasmEnhancer(model, threads);
  try {
    const { bytes, fusionSize } = model;
    await enhancer.ask({ type: 'open', model: bytes, fusionSize, runtime, threads }, 'opened');
    return enhancer;
  } catch (error) {
    enhancer[Symbol.dispose]();
    throw error;
  }
}

class WasmEnhancer implements Enhancer<ImageBitmap> {
  readonly engine = 'wasm';
  readonly adapter: string;
  readonly model: string;
  readonly modelSha256: string;
  readonly cost: ModelCost;
  readonly turns = new Turns();
  readonly ended: Promise<string>;
  readonly #worker = new Worker(new URL('./wasm-worker.ts', import.meta.url), { type: 'module' });
  #answered: ((answer: FromWasm) => void) | undefined;
  #endReason: string | undefined;
  #end: (reason: string) => void = () => {};

  constructor({ name, sha256, macsPerInputPixel }: Model, threads: number) {
    this.model = name;
    this.cost = { name, macsPerInputPixel };
    this.modelSha256 = sha256;
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
  #memory: WasmMemory | undefined;
  #control: QualityControl | undefined;
  #picture: ImageBitmap | undefined;

  constructor(enhancer: WasmEnhancer) {
    this.#enhancer = enhancer;
  }

  async enhance(frame: VideoFrame, facts: FrameFacts): Promise<Enhanced<ImageBitmap>> {
    const { timestamp, stretch, steady } = facts;
    const camera = { width: frame.displayWidth, height: frame.displayHeight };
    const control = this.#controlFor(camera);
    const compute = steady ? withinSize(fullComputeSize(camera), STEADY) : control.rungs[control.at]!.size;
    const given = frame.clone();
    const answer = await this.#enhancer.ask(
      { type: 'enhance', frame: given, compute, timestamp, stretch, before: this.#memory },
      'enhanced',
      [given],
    );
    this.#memory = answer.memory;
    this.#control = afterRun(control, answer, cpuBudget(facts), performance.now());
    this.#picture?.close();
    this.#picture = answer.picture;
    return { picture: answer.picture, compute, ms: answer.network + answer.rest };
  }

  /** Starts anew when the camera's picture changes its size. */
  #controlFor(camera: Size): QualityControl {
    const known = this.#control;
    if (known && sameSize(known.rungs.at(-1)!.size, fullComputeSize(camera))) return known;
    this.#control = startControl(ladder(camera, [this.#enhancer.cost]));
    return this.#control;
  }

  [Symbol.dispose](): void {
    this.#picture?.close();
  }
}
