/** A canvas of its own, on which a shown picture is drawn once more: for a recording, or a snapshot. */
import type { Look, Scene, Screen, ScreenSize } from './screen.ts';

/** `beside`: the camera's own picture left of the enhanced one. */
export type CopyLayout = 'alone' | 'beside';

/** Draws as the screen that it is opened with does. Owns that screen. */
export class PictureCopy<Picture> implements Disposable {
  readonly #screen: Screen<Picture>;
  readonly #canvas: OffscreenCanvas;
  #both: OffscreenCanvasRenderingContext2D | undefined;

  /** `canvas` is the one that the screen draws on. */
  constructor(screen: Screen<Picture>, canvas: OffscreenCanvas) {
    this.#screen = screen;
    this.#canvas = canvas;
  }

  /** The canvas with the picture; good until the next draw. Its size is even, as encoders ask for. */
  draw(scene: Omit<Scene<Picture>, 'look'>, strength: number, layout: CopyLayout): OffscreenCanvas {
    const size = even(scene.size);
    const look: Look = { strength, divider: 0 };
    this.#screen.draw({ ...scene, look, size });
    if (layout === 'alone') return this.#canvas;
    return this.#besideCamera(scene.frame, size);
  }

  [Symbol.dispose](): void {
    this.#screen[Symbol.dispose]();
  }

  #besideCamera(frame: VideoFrame, { width, height }: ScreenSize): OffscreenCanvas {
    this.#both ??= contextOf(2 * width, height);
    const { canvas } = this.#both;
    if (canvas.width !== 2 * width) canvas.width = 2 * width;
    if (canvas.height !== height) canvas.height = height;
    this.#both.drawImage(frame, 0, 0, width, height);
    this.#both.drawImage(this.#canvas, width, 0, width, height);
    return canvas;
  }
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false });
  if (!context) throw new Error('the browser gave no 2D context to draw on');
  return context;
}

const even = ({ width, height }: ScreenSize): ScreenSize => ({
  width: Math.max(2, width & ~1),
  height: Math.max(2, height & ~1),
});
