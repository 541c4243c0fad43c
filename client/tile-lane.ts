/** One tile's last two steps, enhance and present, on one kind of canvas. */
import { type Size, shownSize } from './enhance/compute-size.ts';
import type { Enhanced, FrameFacts, TileEnhancer } from './enhance/enhancer.ts';
import type { NetworkName } from './enhance/model.ts';
import { type CopyLayout, PictureCopy } from './present/picture-copy.ts';
import type { Look, Screen } from './present/screen.ts';

/** What it took to enhance a picture. */
export interface Enhancement {
  readonly ms: number;
  /** The network's input, pixels. */
  readonly compute: Size;
  readonly network: NetworkName;
}

/** Hides of which kind the enhanced picture is: the two steps agree on it. */
export interface Lane extends Disposable {
  /** It can enhance at once. */
  readonly ready: boolean;
  /** It holds an enhanced picture. */
  readonly holds: boolean;
  /** That made the picture it holds. */
  readonly network: NetworkName | undefined;
  /**
   * Enhances the frame and keeps the outcome for `present`; without it, or when it fails, the next picture is plain.
   */
  enhance(frame: VideoFrame, facts: FrameFacts): Promise<Enhancement | undefined>;
  /** Forgets the enhanced picture: the next is plain. */
  forget(): void;
  /** Draws the frame, with what `enhance` made of it. Returns the size on the canvas. */
  present(frame: VideoFrame, look: Look): Size;
  /** Opens a canvas of the lane's kind, on which what it presents is drawn once more. Good until the lane ends. */
  openCopy(): Promise<LaneCopy>;
}

/** Whoever opened it disposes of it. */
export interface LaneCopy extends Disposable {
  /**
   * Draws the frame with what `enhance` made of it, always in the size an enhanced picture has. Gives the canvas, which
   * is good until the next draw; nothing where the lane has ended.
   */
  draw(frame: VideoFrame, strength: number, layout: CopyLayout): OffscreenCanvas | undefined;
}

/** Takes over the screen and the enhancer's share for this tile. `openScreen` opens another of the same kind. */
export function openLane<Picture>(
  screen: Screen<Picture>,
  enhancer: TileEnhancer<Picture> | undefined,
  openScreen: (canvas: OffscreenCanvas) => Screen<Picture> | Promise<Screen<Picture>>,
): Lane {
  let enhanced: Enhanced<Picture> | undefined;
  let disposed = false;
  return {
    get ready() {
      return enhancer?.ready === true;
    },
    get holds() {
      return enhanced !== undefined;
    },
    get network() {
      return enhanced?.network;
    },
    async enhance(frame, facts) {
      try {
        enhanced = await enhancer?.enhance(frame, facts);
      } catch (error) {
        // The engine says on its own what ended it; the picture is shown plain until another comes.
        enhanced = undefined;
        if (!disposed) console.warn('enhance/failed', error);
      }
      return enhanced;
    },
    forget() {
      enhanced = undefined;
    },
    present(frame, look) {
      const camera = { width: frame.displayWidth, height: frame.displayHeight };
      const size = enhanced ? shownSize(camera) : camera;
      if (!disposed) screen.draw({ frame, enhanced: enhanced?.picture, look, size });
      return size;
    },
    async openCopy() {
      const canvas = new OffscreenCanvas(2, 2);
      const copy = new PictureCopy(await openScreen(canvas), canvas);
      return {
        draw(frame, strength, layout) {
          const size = shownSize({ width: frame.displayWidth, height: frame.displayHeight });
          return disposed
            ? undefined
            : copy.draw({ frame, enhanced: enhanced?.picture, size }, strength, layout);
        },
        [Symbol.dispose]: () => copy[Symbol.dispose](),
      };
    },
    [Symbol.dispose]() {
      disposed = true;
      enhanced = undefined;
      enhancer?.[Symbol.dispose]();
      screen[Symbol.dispose]();
    },
  };
}
