import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlaybackState } from '../../../client/playback-state.ts';
import type { TileStats } from '../../../client/player-protocol.ts';
import type { NightglassPlayer } from '../../../client/ui/nightglass-player.ts';
import { wallMicros } from '../../../server/wire/time.ts';
import { launchChromium } from '../../support/chromium.ts';
import { DEMO_CLIP, DEMO_FPS, DEMO_TRUTH, frameOf } from '../../support/clip.ts';
import { freeze } from '../../support/frozen-picture.ts';
import { type PastServer, startPastServer } from '../../support/past-server.ts';
import { bestGammaPsnr, psnr } from '../../support/picture-quality.ts';
import { nextStats, pixelsOf, setPlayer, statsWhen, statusWhen } from '../../support/player-page.ts';

const SECOND = 1_000_000;
const FRAME = SECOND / DEMO_FPS;
/** Recorded: 0–8 s and 12–20 s of the clip. */
const BEGAN = Math.floor(Date.now() / 1000 - 600) * SECOND;

let server: PastServer;
let browser: Browser;
let page: Page;
let complaints: string[];

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
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
});

afterEach(async () => {
  server.status = undefined;
  await page.close();
  expect(complaints).toEqual([]);
});

/** Opens the page; its timeline is there once the server has told what it holds. */
async function open(parameters: string): Promise<void> {
  await page.goto(`${server.url}?${parameters}`);
  await page.getByRole('slider', { name: 'Position in the recorded past' }).waitFor();
}

const seek = (seconds: number): Promise<void> =>
  page
    .locator('nightglass-player')
    .evaluate((player: NightglassPlayer, at) => player.time!.seek(at), wallMicros(BEGAN + seconds * SECOND));
const pause = (): Promise<void> =>
  page.locator('nightglass-player').evaluate((player: NightglassPlayer) => player.time!.pause());
const playback = (): Promise<PlaybackState> =>
  page.locator('nightglass-player').evaluate((player: NightglassPlayer) => player.playback);

/** Seconds of the clip that the picture on the canvas was taken at, when it satisfies a condition. */
async function shownWhen(condition: (seconds: number) => boolean): Promise<number> {
  const at = ({ shownCapturedAt }: TileStats) =>
    shownCapturedAt === null ? Number.NaN : (shownCapturedAt - BEGAN) / SECOND;
  return at(await statsWhen(page, (stats) => condition(at(stats))));
}

const near = (seconds: number) => (shown: number) => Math.abs(shown - seconds) < 1e-4;

/** Stands still on the picture of an instant. */
async function standAt(seconds: number): Promise<void> {
  await seek(seconds);
  await pause();
  await shownWhen(near(seconds));
}

describe('the past of a dark camera, in Chromium', () => {
  it('is nearer the truth, enhanced by WASM, than the best gamma of the same picture is', async () => {
    await open('engine=wasm');
    await seek(1);
    await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 10);
    await pause();
    const picture = await freeze(page);
    const { shownCapturedAt, engine } = await nextStats(page);
    expect(engine).toBe('wasm');
    const index = Math.round((shownCapturedAt! - BEGAN) / FRAME);
    const truth = await frameOf(DEMO_TRUTH, index, picture.width, picture.height);
    expect(psnr(picture.enhanced, truth)).toBeGreaterThan(bestGammaPsnr(picture.plain, truth));
  });

  it('shows the very picture of the instant asked for', async () => {
    await open('enhance=off');
    await standAt(6.4);
    const shown = await pixelsOf(page);
    const nearness = await Promise.all(
      [-5, 0, 5].map(async (off) =>
        psnr(shown.pixels, await frameOf(DEMO_CLIP, 6.4 * DEMO_FPS + off, shown.width, shown.height)),
      ),
    );
    expect(Math.max(...nearness)).toBe(nearness[1]);
  });

  it('steps exactly one picture on and back, over the edges of segments and of what is missing', async () => {
    await open('enhance=off');
    await standAt(5.92);
    const steps = [
      ...['Period', 'Period', 'Period', 'Comma', 'Comma', 'Comma', 'Comma'].map((key, index) => ({
        key,
        shown: 5.92 + [1, 2, 3, 2, 1, 0, -1][index]! / DEMO_FPS,
      })),
    ];
    for (const { key, shown } of steps) {
      await page.keyboard.press(key);
      await shownWhen(near(shown));
    }
    await standAt(7.96);
    await page.keyboard.press('Period');
    await shownWhen(near(12));
    await page.keyboard.press('Comma');
    await shownWhen(near(7.96));
  });

  it('takes steps pressed in a quick row one by one', async () => {
    await open('enhance=off');
    await standAt(3);
    for (let press = 0; press < 6; press++) await page.keyboard.press('Period');
    await shownWhen(near(3.24));
  });

  it('begins after a gap where nothing was recorded at the instant asked for', async () => {
    await open('enhance=off');
    await seek(9.5);
    await pause();
    await shownWhen((seconds) => seconds >= 12 && seconds < 13);
  });

  it('plays over a gap, at any speed, and goes live where the past ends', async () => {
    await open('enhance=off');
    await seek(6);
    await shownWhen((seconds) => seconds >= 6 && seconds < 8);
    await page.getByLabel('Speed').selectOption({ label: '8×' });
    expect(await playback()).toMatchObject({ rate: 8, playing: true });
    expect(await page.evaluate(() => document.querySelector('video')?.playbackRate)).toBe(8);
    await shownWhen((seconds) => seconds >= 12);
    await page.getByRole('button', { name: 'Live', pressed: true }).waitFor();
    await expect.poll(playback).toEqual({ mode: 'live', via: 'hls' });
  });

  it('stands still under another look: the same picture, drawn anew', async () => {
    await open('enhance=off');
    await standAt(2);
    const before = await pixelsOf(page);
    await setPlayer(page, { enhance: true });
    await statsWhen(page, ({ computeWidth }) => computeWidth > 0);
    await shownWhen(near(2));
    const after = await pixelsOf(page);
    expect(psnr(before.pixels, after.pixels)).toBeLessThan(25);
  });

  it('says that the server is away, and goes on by itself when it is back', async () => {
    await open('enhance=off');
    server.status = 503;
    await seek(4);
    await statusWhen(page, 'unreachable');
    server.status = undefined;
    await statusWhen(page, 'playing');
    await shownWhen((seconds) => seconds >= 4);
  });

  it('leaves nothing open when it is back to live: no hidden video but that of the live picture', async () => {
    await open('enhance=off');
    await standAt(2);
    await seek(14);
    await shownWhen((seconds) => seconds >= 14);
    await page.keyboard.press('Shift+L');
    await page.getByRole('button', { name: 'Live', pressed: true }).waitFor();
    expect(await page.locator('video').count()).toBeLessThanOrEqual(1);
  });
});

describe('a network that carries no WebSocket', () => {
  it('makes the page ask for HLS by itself', async () => {
    const asked = page.waitForRequest((request) => request.url().endsWith('/hls/quay/index.m3u8'));
    await open('enhance=off');
    await asked;
  });

  it('offers no recording of the original, which only the socket brings, and says so', async () => {
    await open('enhance=off');
    const recorder = page.locator('nightglass-recorder');
    await recorder.getByText('The original cannot be recorded over HLS').waitFor();
    expect(await recorder.locator('option[value="original"]').isDisabled()).toBe(true);
    expect(await recorder.getByLabel('and the original').count()).toBe(0);
    await seek(2);
    await recorder.getByText('The original of the past is exported').waitFor();
  });
});
