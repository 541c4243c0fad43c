/** What every kind of canvas looks like to the corridor. */

/** How the camera's picture and the enhanced one are shown together. */
export interface Look {
  /** 0 = the camera's own picture, 1 = the enhanced one. */
  readonly strength: number;
  /** The share of the width, from the left, that shows the camera's own picture; 0 = none. */
  readonly divider: number;
}

/** Pixels. */
export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

/** What is to stand on the canvas; everything in it stays the caller's. */
export interface Scene<Picture> {
  /** The camera's own picture, open. */
  readonly frame: VideoFrame;
  /** What the network made of it; absent: the camera's own picture is shown alone. */
  readonly enhanced: Picture | undefined;
  readonly look: Look;
  /** The canvas is given this size. */
  readonly size: ScreenSize;
}

/** Draws on one canvas. A canvas keeps the kind of its first context for life; a screen of the same kind may follow. */
export interface Screen<Picture> extends Disposable {
  /** Draws at once; on a lost device it draws nothing. */
  draw(scene: Scene<Picture>): void;
}

/** Gives the canvas its size; setting the same size again would clear it. */
export function resize(canvas: OffscreenCanvas, { width, height }: ScreenSize): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
