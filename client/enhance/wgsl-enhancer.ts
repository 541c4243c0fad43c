/** Runs the network by our own engine: one command encoder and one submit a frame, which never leaves the GPU. */
import type { NetworkFiles } from '../../shaders/engine/card.ts';
import type { EnhancedPicture } from '../../shaders/pixel-shuffle.ts';
import type { Enhancer, TileEnhancer } from './enhancer.ts';
import type { Model } from './model.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { openModels } from './opened-models.ts';
import { Turns } from './turns.ts';
import { WgslTile } from './wgsl-tile.ts';
import type { WgslParts } from './wgsl-workspace.ts';

/** The network's output is the largest thing that is surely bound whole: twelve numbers of four bytes a pixel. */
const BYTES_A_PIXEL = 48;
/** So often the time of nothing is taken. */
const EMPTY_RUNS = 3;

/** Loads the networks, cheapest first, of which one is enough to begin. @throws NoModelError where none can be had */
export async function openWgslEnhancer(parts: WgslParts, models: readonly Model[]): Promise<WgslEnhancer> {
  let over = false;
  const stopped = () => over;
  const networks = await openModels(models, (model) => model.network(), stopped);
  const rest = await emptyRunMs(parts.gpu.device);
  return new WgslEnhancer(parts, networks, rest, () => {
    over = true;
  });
}

export class WgslEnhancer implements Enhancer<EnhancedPicture> {
  readonly engine = 'wgsl';
  readonly adapter: string;
  readonly turns = new Turns();
  readonly ended: Promise<string>;
  readonly parts: WgslParts;
  /** Grows while better ones come; cheapest first. */
  readonly networks: ReadonlyMap<string, NetworkFiles>;
  /** What it takes to have the GPU do nothing, ms: no network makes that shorter. */
  readonly restMs: number;
  /** Workspaces are opened one after the other, because a device has one stack of error scopes. */
  readonly openings = new OneAtATime();
  /** Pixels of the largest input that this GPU may have room for. */
  mostPixels: number;
  /** Resolves `ended`; the first reason counts. */
  end: (reason: string) => void = () => {};
  readonly #stop: () => void;

  constructor(
    parts: WgslParts,
    networks: ReadonlyMap<string, NetworkFiles>,
    restMs: number,
    stop: () => void,
  ) {
    this.parts = parts;
    this.networks = networks;
    this.restMs = restMs;
    this.#stop = stop;
    const { device, name } = parts.gpu;
    this.adapter = name;
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    this.mostPixels = Math.min(maxBufferSize, maxStorageBufferBindingSize) / BYTES_A_PIXEL;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
      void device.lost.then(({ message }) => resolve(message || 'the device was lost'));
    });
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
