/** Where one tile's pictures stand: its canvas, what draws on it at present, and the picture that stands there. */
import type { ShaderSource } from '../shaders/shader-source.ts';
import type { Picture } from './decode/tile-decoder.ts';
import type { Equipment } from './enhance/equipment.ts';
import { openCanvasScreen } from './present/canvas-screen.ts';
import { openGpuScreen } from './present/gpu-screen.ts';
import { type Lane, openLane } from './tile-lane.ts';

export interface StageNews {
  /** The canvas is of the wrong kind; give a fresh one to `replaceCanvas`. */
  readonly canvasWanted: () => void;
  /** There is a new lane: what stood on the canvas is to be drawn anew. */
  readonly ready: () => void;
  /** The canvas cannot be drawn on. */
  readonly failed: (message: string) => void;
}

export class TileStage implements Disposable {
  readonly #shaders: ShaderSource;
  readonly #news: StageNews;
  #canvas: OffscreenCanvas | undefined;
  /** A canvas keeps the kind of its first context for life. */
  #kind: 'fresh' | 'webgpu' | '2d' = 'fresh';
  #equipment: Equipment | undefined;
  #lane: Lane | undefined;
  #standing: Picture | undefined;
  #changes = 0;
  #disposed = false;

  constructor(canvas: OffscreenCanvas, shaders: ShaderSource, news: StageNews) {
    this.#canvas = canvas;
    this.#shaders = shaders;
    this.#news = news;
  }

  /** What enhances and draws at present; undefined while there is nothing to draw with. */
  get lane(): Lane | undefined {
    return this.#lane;
  }

  /** The picture that was shown last. It stays the stage's. */
  get standing(): Picture | undefined {
    return this.#standing;
  }

  /** Takes over the picture that was shown last, and closes the one before. */
  keep(picture: Picture): void {
    this.#standing?.frame.close();
    this.#standing = picture;
    if (this.#disposed) this.#clear();
  }

  /** Goes over to other equipment; the last call wins. The lane before is used until the new one is open. */
  async equip(equipment: Equipment): Promise<void> {
    const change = ++this.#changes;
    this.#equipment = equipment;
    if (equipment.surface === 'none') this.#replaceLane(undefined);
    if (equipment.surface === 'none' || !this.#canvas) return;
    if (this.#kind !== 'fresh' && this.#kind !== equipment.surface) {
      this.#replaceLane(undefined);
      this.#canvas = undefined;
      this.#news.canvasWanted();
      return;
    }
    try {
      this.#kind = equipment.surface;
      const lane = await laneOn(this.#canvas, equipment, this.#shaders);
      if (change !== this.#changes) return lane[Symbol.dispose]();
      this.#replaceLane(lane);
      this.#news.ready();
    } catch (error) {
      if (change === this.#changes) this.#news.failed(error instanceof Error ? error.message : String(error));
    }
  }

  /** Takes a fresh canvas, the answer to `canvasWanted`. */
  replaceCanvas(canvas: OffscreenCanvas): void {
    this.#canvas = canvas;
    this.#kind = 'fresh';
    if (this.#equipment) void this.equip(this.#equipment);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#changes++;
    this.#replaceLane(undefined);
    this.#clear();
  }

  #clear(): void {
    this.#standing?.frame.close();
    this.#standing = undefined;
  }

  #replaceLane(lane: Lane | undefined): void {
    this.#lane?.[Symbol.dispose]();
    this.#lane = lane;
  }
}

async function laneOn(
  canvas: OffscreenCanvas,
  equipment: Exclude<Equipment, { surface: 'none' }>,
  shaders: ShaderSource,
): Promise<Lane> {
  if (equipment.surface === '2d')
    return openLane(openCanvasScreen(canvas), equipment.enhancer?.openTile(), openCanvasScreen);
  const { device, source } = equipment.gpu;
  const openScreen = (on: OffscreenCanvas) => openGpuScreen(on, device, source, shaders);
  return openLane(await openScreen(canvas), equipment.enhancer?.openTile(), openScreen);
}
