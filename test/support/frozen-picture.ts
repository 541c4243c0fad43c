/** One picture of a live camera, held still: as the camera gave it and as the network made it. */
import type { Page } from 'playwright-core';
import type { TileStats } from '../../client/player-protocol.ts';
import { nextStats, pixelsOf, setPlayer, statsWhen } from './player-page.ts';

export interface FrozenPicture {
  /** RGBA, both of `width` x `height`. */
  readonly plain: Uint8Array;
  readonly enhanced: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** The tile's numbers while that picture stood there. */
  readonly stats: TileStats;
}

const TRIES = 4;

/** Pauses the tile, waits until its picture stands still, and reads both sides of the divider of that picture. */
export async function freeze(page: Page): Promise<FrozenPicture> {
  await setPlayer(page, { paused: true });
  for (let tries = 1; ; tries++) {
    const before = await statsWhen(page, ({ fpsIn, fpsOut }) => fpsIn === 0 && fpsOut === 0);
    const enhanced = await withDivider(page, 0);
    const plain = await withDivider(page, 1);
    const stats = await nextStats(page);
    // A slow engine may have had one more in its hands.
    if (stats.framesShown > before.framesShown) continue;
    // A slow GPU may not have drawn anew yet; by day the two are the same.
    const same = enhanced.pixels.every((value, at) => value === plain.pixels[at]);
    if (same && tries < TRIES) continue;
    await setPlayer(page, { paused: false, divider: 0 });
    return {
      plain: plain.pixels,
      enhanced: enhanced.pixels,
      width: enhanced.width,
      height: enhanced.height,
      stats,
    };
  }
}

/** The picture under another divider: it is drawn anew by the second numbers after the change. */
async function withDivider(page: Page, divider: number) {
  await setPlayer(page, { divider });
  await nextStats(page);
  await nextStats(page);
  return pixelsOf(page);
}
