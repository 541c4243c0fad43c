/** Runs the network by our own engine: one command encoder and one submit a frame, which never leaves the GPU. */
import type { TuningStore } from '../../shaders/engine/tune.ts';
import type { EnhancedPicture } from '../../shaders/pixel-shuffle.ts';
import type { Enhancer, TileEnhancer } from './enhancer.ts';
import type { Model } from './model.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { openModels } from './opened-models.ts';
import { Turns } from './turns.ts';
import { WgslTile } from './wgsl-tile.ts';
import { kernelsText, tunedNetwork, type WgslNetwork } from './wgsl-tuning.ts';
import type { WgslParts } from './wgsl-workspace.ts';

/** The network's output is the largest thing that is surely bound whole: twelve numbers of four bytes a pixel. */
const BYTES_A_PIXEL = 48;
/** So often the time of nothing is taken. */
const EMPTY_RUNS = 3;

/**
 * Loads and tunes the networks, cheapest first, of which one is enough to begin.
 * @throws NoModelError where none can be had, WrongNumbers where this GPU computes none rightly
 */
export async function openWgslEnhancer(
  parts: WgslParts,
  models: readonly Model[],
  tunings: TuningStore,
): Promise<WgslEnhancer> {
  let over = false;
  const openings = new OneAtATime();
  const open = async (model: Model): Promise<WgslNetwork> => {
    const files = await model.files();
    return await openings.run(() => tunedNetwork(parts.gpu, parts.shaders, files, tunings));
  };
  const networks = await openModels(models, open, () => over);
  const restMs = await emptyRunMs(parts.gpu.device);
  const stop = () => {
    over = true;
  };
  return new WgslEnhancer(parts, networks, { openings, restMs, stop });
}

interface EnhancerFacts {
  readonly openings: OneAtATime;
  readonly restMs: number;
  readonly stop: () => void;
}

export class WgslEnhancer implements Enhancer<EnhancedPicture> {
  readonly engine = 'wgsl';
  readonly turns = new Turns();
  readonly ended: Promise<string>;
  readonly parts: WgslParts;
  /** Grows while better ones come; cheapest first. */
  readonly networks: ReadonlyMap<string, WgslNetwork>;
  /** What it takes to have the GPU do nothing, ms: no network makes that shorter. */
  readonly restMs: number;
  /** Workspaces are opened and networks tuned one after the other, because a device has one stack of error scopes. */
  readonly openings: OneAtATime;
  /** Pixels of the largest input that this GPU may have room for. */
  mostPixels: number;
  /** Resolves `ended`; the first reason counts. */
  end: (reason: string) => void = () => {};
  readonly #stop: () => void;

  constructor(
    parts: WgslParts,
    networks: ReadonlyMap<string, WgslNetwork>,
    { openings, restMs, stop }: EnhancerFacts,
  ) {
    this.parts = parts;
    this.networks = networks;
    this.openings = openings;
    this.restMs = restMs;
    this.#stop = stop;
    const { device } = parts.gpu;
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    this.mostPixels = Math.min(maxBufferSize, maxStorageBufferBindingSize) / BYTES_A_PIXEL;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
      void device.lost.then(({ message }) => resolve(message || 'the device was lost'));
    });
  }

  /** The GPU's name, by which kernels the best network is run on it, and what is done before the network. */
  get adapter(): string {
    const { gpu, denoise } = this.parts;
    const best = [...this.networks.values()].at(-1);
    const kernels = best && !gpu.software ? [kernelsText(best)] : [];
    return [gpu.name, ...kernels, ...(denoise ? ['noise averaged over time'] : [])].join(', ');
  }

  openTile(): TileEnhancer<EnhancedPicture> {
    return new WgslTile(this);
  }

  [Symbol.dispose](): void {
    this.end('it was stopped');
    this.turns.end();
    this.#stop();
  }
}

/** The shortest of a few: what is measured is the way to the GPU and back. */
async function emptyRunMs(device: GPUDevice): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < EMPTY_RUNS; run++) {
    const started = performance.now();
    device.queue.submit([device.createCommandEncoder().finish()]);
    await device.queue.onSubmittedWorkDone();
    times.push(performance.now() - started);
  }
  return Math.min(...times);
}
