/** One tile's use of our own engine: which network at which size, and a change between two without a dark moment. */
import type { EnhancedPicture } from '../../shaders/pixel-shuffle.ts';
import { cpuBudget, gpuBudget } from './budget.ts';
import { type Size, sameSize } from './compute-size.ts';
import type { Enhanced, FrameFacts, TileEnhancer } from './enhancer.ts';
import type { NetworkName } from './model.ts';
import { afterRun, ladder, type QualityControl, type Rung, startControl } from './quality-control.ts';
import type { WgslEnhancer } from './wgsl-enhancer.ts';
import { openWgslWorkspace, type WgslWorkspace } from './wgsl-workspace.ts';

/** A workspace and what it was opened for. */
interface Desk {
  readonly rung: Rung;
  readonly network: NetworkName;
  readonly workspace: WgslWorkspace;
}

export class WgslTile implements TileEnhancer<EnhancedPicture> {
  readonly #engine: WgslEnhancer;
  /** In use. It stays so until the one for another rung has warmed up. */
  #desk: Desk | undefined;
  #next: Desk | undefined;
  /** Its picture may still stand on the canvas. */
  #retired: Desk | undefined;
  #preparing = false;
  /** The engine has ended: nothing is prepared any more. */
  #over = false;
  #disposed = false;
  #control: QualityControl | undefined;
  /** What the rungs of `#control` were made for: the camera, how many networks, and how many pixels there may be room for. */
  #camera: Size = { width: 0, height: 0 };
  #networks = 0;
  #mostPixels = 0;
  #stop: ((error: Error) => void) | undefined;

  constructor(engine: WgslEnhancer) {
    this.#engine = engine;
    void engine.ended.then((reason) => {
      this.#over = true;
      this.#stop?.(new Error(`the network stopped: ${reason}`));
    });
  }

  get ready(): boolean {
    return this.#desk !== undefined || this.#next !== undefined;
  }

  async enhance(frame: VideoFrame, facts: FrameFacts): Promise<Enhanced<EnhancedPicture> | undefined> {
    this.#retired?.workspace[Symbol.dispose]();
    this.#retired = undefined;
    const control = this.#controlFor({ width: frame.displayWidth, height: frame.displayHeight });
    const rung = facts.steady ? this.#steadyRung(control) : control.rungs[control.at]!;
    this.#sitDown();
    const desk = this.#desk;
    if (!desk || !sameRung(desk.rung, rung)) this.#prepare(rung);
    if (!desk) return undefined;
    const started = performance.now();
    // Not a race with `ended`, which would remember every frame of the page's life.
    const picture = await new Promise<EnhancedPicture>((resolve, reject) => {
      this.#stop = reject;
      desk.workspace.run(frame, facts).then(resolve, reject);
    }).catch((error: Error) => {
      this.#engine.end(error.message);
      throw error;
    });
    const ended = performance.now();
    const ms = ended - started;
    if (!facts.steady && sameRung(desk.rung, rung)) this.#learn(ms, facts, ended);
    return { picture, compute: desk.rung.size, network: desk.network, ms };
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const desk of [this.#desk, this.#next, this.#retired]) desk?.workspace[Symbol.dispose]();
    this.#desk = undefined;
    this.#next = undefined;
    this.#retired = undefined;
  }

  /** Goes over to what was prepared. */
  #sitDown(): void {
    if (!this.#next) return;
    this.#retired = this.#desk;
    this.#desk = this.#next;
    this.#next = undefined;
  }

  /** Rungs made anew when the camera's picture changes its size, a better network has come or a size was too large. */
  #controlFor(camera: Size): QualityControl {
    const { networks, mostPixels } = this.#engine;
    const same = sameSize(camera, this.#camera);
    if (this.#control && same && networks.size === this.#networks && mostPixels === this.#mostPixels)
      return this.#control;
    const models = [...networks.values()].map(({ files }) => files.card);
    const rungs = ladder(camera, models, mostPixels);
    // A better network comes in above: nothing is found anew for it.
    const before = same ? this.#control : undefined;
    const control = before && isPrefix(before.rungs, rungs) ? { ...before, rungs } : startControl(rungs);
    this.#control = control;
    this.#camera = camera;
    this.#networks = networks.size;
    this.#mostPixels = mostPixels;
    return control;
  }

  /** The best, where a GPU computes; on a processor the least. */
  #steadyRung({ rungs }: QualityControl): Rung {
    return this.#engine.parts.gpu.software ? rungs[0]! : rungs.at(-1)!;
  }

  #learn(ms: number, facts: FrameFacts, now: number): void {
    const { gpu } = this.#engine.parts;
    const rest = Math.min(ms, this.#engine.restMs);
    const budget = gpu.software ? cpuBudget(facts) : gpuBudget(facts);
    if (this.#control) this.#control = afterRun(this.#control, { network: ms - rest, rest }, budget, now);
  }

  #prepare(rung: Rung): void {
    if (this.#preparing || this.#disposed || this.#over) return;
    this.#preparing = true;
    void this.#open(rung)
      .catch((error: unknown) => this.#failed(error, rung))
      .finally(() => {
        this.#preparing = false;
      });
  }

  /** Not warmed up on software, which does one thing at a time and would take twice as long. */
  async #open(rung: Rung): Promise<void> {
    const { parts, networks, openings, turns } = this.#engine;
    const network = networks.get(rung.model)!;
    const workspace = await openings.run(() => openWgslWorkspace(parts, network, rung.size));
    if (!parts.gpu.software) {
      using _turn = await turns.take();
      if (!this.#disposed) await workspace.warmUp();
    }
    const { name, weights } = network.files.card;
    if (this.#disposed) workspace[Symbol.dispose]();
    else this.#next = { rung, network: { name, sha256: weights.sha256 }, workspace };
  }

  /** Where there is no room for a size, smaller ones are chosen from; all else ends the engine. */
  #failed(error: unknown, rung: Rung): void {
    const { rungs } = this.#control ?? { rungs: [] };
    const smaller = rungs[0] && rungs[0].size.width < rung.size.width;
    if (error instanceof RangeError && smaller)
      this.#engine.mostPixels = Math.min(this.#engine.mostPixels, rung.size.width * rung.size.height - 1);
    else this.#engine.end(error instanceof Error ? error.message : String(error));
  }
}

const sameRung = (a: Rung, b: Rung): boolean => a.model === b.model && sameSize(a.size, b.size);

const isPrefix = (rungs: readonly Rung[], of: readonly Rung[]): boolean =>
  rungs.every((rung, at) => {
    const other = of[at];
    return other !== undefined && sameRung(rung, other);
  });
