import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlaybackState } from '../../../client/playback-state.ts';
import type { NightglassPlayer } from '../../../client/ui/nightglass-player.ts';
import { launchChromium } from '../../support/chromium.ts';
import { DEMO_CLIP } from '../../support/clip.ts';
import { type PastServer, startPastServer } from '../../support/past-server.ts';
import { seekPage, statsWhen } from '../../support/player-page.ts';

const SECOND = 1_000_000;
/** Recorded: 0–8 s and 12–20 s of the clip. The timeline shows all of it at first, and what came since. */
const BEGAN = Math.floor(Date.now() / 1000 - 90) * SECOND;

let server: PastServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  server = await startPastServer(DEMO_CLIP, 10, BEGAN);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${server.url}?enhance=off`);
  await track().waitFor();
});

afterEach(() => page.close());

const track = (): Locator => page.getByRole('slider', { name: 'Position in the recorded past' });

/** Resolves with the playback once it satisfies a condition. */
async function playbackWhen(condition: (state: PlaybackState) => boolean): Promise<PlaybackState> {
  for (let seen = ''; ; ) {
    const state = await page.locator('nightglass-player').evaluate(
      (player: NightglassPlayer, before) =>
        new Promise<PlaybackState>((heard) => {
          if (JSON.stringify(player.playback) !== before) return heard(player.playback);
          player.addEventListener('playback-changed', () => heard(player.playback), { once: true });
        }),
      seen,
    );
    if (condition(state)) return state;
    seen = JSON.stringify(state);
  }
}

/** Resolves once the picture on the canvas is one of these seconds of the clip. */
const shown = (from: number, to = from) =>
  statsWhen(page, ({ shownCapturedAt }) => {
    const at = ((shownCapturedAt ?? 0) - BEGAN) / SECOND;
    return at > from - 1e-4 && at < to + 1e-4;
  });

/** Stands still on the picture of a second of the clip. */
async function standAt(seconds: number): Promise<void> {
  await seekPage(page, BEGAN + seconds * SECOND);
  await page.locator('nightglass-player').evaluate((player: NightglassPlayer) => player.time!.pause());
  await shown(seconds);
}

const isLive = (state: PlaybackState): boolean => state.mode === 'live';
const plays = (rate: number) => (state: PlaybackState) =>
  state.mode === 'past' && state.playing && state.rate === rate;
const stands = (state: PlaybackState): boolean =>
  state.mode === 'past' && !state.playing && state.rewinding !== true;

describe('the timeline’s keys, pressed', () => {
  it('play and stop with Space, and with K', async () => {
    await standAt(2);
    await page.keyboard.press('Space');
    await playbackWhen(plays(1));
    await shown(2.2, 8);
    await page.keyboard.press('Space');
    await playbackWhen(stands);
    await page.keyboard.press('k');
    await playbackWhen(plays(1));
    await page.keyboard.press('k');
    await playbackWhen(stands);
  });

  it('move five seconds with an arrow, with Shift a minute, and no further back than what is kept', async () => {
    await standAt(2);
    await page.keyboard.press('ArrowRight');
    await shown(7);
    await page.keyboard.press('ArrowLeft');
    await shown(2);
    await page.keyboard.press('ArrowRight');
    await shown(7);
    await page.keyboard.press('Shift+ArrowLeft');
    await shown(0);
  });

  it('go back by themselves with J, from key picture to key picture, until K', async () => {
    await standAt(7.4);
    await page.keyboard.press('j');
    await playbackWhen((state) => state.mode === 'past' && state.rewinding === true);
    await shown(0, 6);
    await page.keyboard.press('k');
    await playbackWhen(stands);
  });

  it('play with L and faster with each more of it, slower with Shift+J, down to a quarter', async () => {
    await standAt(1);
    await page.keyboard.press('l');
    await playbackWhen(plays(1));
    await page.keyboard.press('l');
    await playbackWhen(plays(2));
    for (const rate of [1, 0.5, 0.25, 0.25]) {
      await page.keyboard.press('Shift+J');
      await playbackWhen(plays(rate));
    }
    expect(await page.locator('video').evaluate((video: HTMLVideoElement) => video.playbackRate)).toBe(0.25);
    expect(await page.getByLabel('Speed').inputValue()).toBe('0.25');
    const { shownCapturedAt } = await shown(1, 20);
    await statsWhen(page, (stats) => stats.shownCapturedAt! > shownCapturedAt!);
  });

  it('go live with Shift+L and with End', async () => {
    for (const key of ['Shift+L', 'End']) {
      await standAt(2);
      await page.keyboard.press(key);
      await playbackWhen(isLive);
      await page.getByRole('button', { name: 'Live', pressed: true }).waitFor();
    }
  });
});

describe('the timeline’s track', () => {
  /** Its bars, as they stand on the page at one moment: live, they move to the left. */
  const bars = () =>
    track()
      .locator('.bars i')
      .evaluateAll((all) =>
        all.map((bar) => {
          const { x, y, width, height } = bar.getBoundingClientRect();
          return { x, y, width, height };
        }),
      );

  it('shows what is recorded as bars, and what is missing between them in its length', async () => {
    await standAt(2);
    const [first, second, ...more] = await bars();
    expect(more).toEqual([]);
    expect(second!.width).toBeGreaterThan(50);
    // The first may have begun to leave the view, which ended now until then.
    expect(first!.width).toBeGreaterThan(0);
    expect(first!.width).toBeLessThan(second!.width + 2);
    const gap = second!.x - first!.x - first!.width;
    expect(Math.abs(gap - second!.width / 2)).toBeLessThan(2);
  });

  it('is dragged: the picture follows the pointer, and goes on from where it was let go', async () => {
    await standAt(2);
    const { x, y, width } = (await bars())[1]!;
    /** Where a second of the clip is: the bar is of 12–20 s. */
    const placeOf = (second: number) => x + ((second - 12) / 8) * width;
    await page.mouse.move(placeOf(4), y + 1);
    await page.mouse.down();
    await shown(3.5, 4.5);
    await page.mouse.move(placeOf(16), y + 1, { steps: 5 });
    await shown(15.5, 16.5);
    await page.mouse.up();
    await playbackWhen(stands);
    await page.keyboard.press('Space');
    await shown(16.6, 20);
  });
});
