/** What every engine looks like to the corridor: its networks for the page, one state a tile. */
import type { Size } from './compute-size.ts';
import type { NetworkName } from './model.ts';
import type { Turns } from './turns.ts';

/** What a tile says of the frame it wants enhanced. */
export interface FrameFacts {
  /** µs since the stream opened. */
  readonly timestamp: number;
  /** Counts the stretches of pictures without a jump. */
  readonly stretch: number;
  /** Tiles that share the engine at present, this one among them. */
  readonly tiles: number;
  /** The camera's frames a second; 0 where that is not known. */
  readonly fps: number;
  /** Nobody waits for it: computed at one size, the largest that keeps others waiting for a moment only. */
  readonly steady?: boolean;
}

export interface Enhanced<Picture> {
  /** Stays the tile's: good until its next `enhance`, or its end. */
  readonly picture: Picture;
  /** The network's input, pixels. */
  readonly compute: Size;
  readonly network: NetworkName;
  /** What it took, from the decoded frame to the enhanced picture. */
  readonly ms: number;
}

/** One tile's use of the engine; it remembers the frame before. */
export interface TileEnhancer<Picture> extends Disposable {
  /** False while it prepares itself: `enhance` then needs no turn, and gives nothing. */
  readonly ready: boolean;
  /**
   * Enhances a frame, which stays the caller's and open. One call at a time, in the engine's `turns`. Gives nothing, at
   * once, where it has to prepare itself for frames of this size first. Rejects when the engine has come to its end.
   */
  enhance(frame: VideoFrame, facts: FrameFacts): Promise<Enhanced<Picture> | undefined>;
}

/** The page's one engine. Disposing it ends it. */
export interface Enhancer<Picture> extends Disposable {
  readonly engine: 'wgsl' | 'ort-webgpu' | 'wasm';
  /** The GPU's name, or the number of threads. */
  readonly adapter: string;
  /** One run at a time: tiles take turns. */
  readonly turns: Turns;
  /** Resolves, with the reason, when it can enhance no more. */
  readonly ended: Promise<string>;
  openTile(): TileEnhancer<Picture>;
}
