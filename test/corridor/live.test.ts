import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { DEMO_CLIP, DEMO_FPS, DEMO_FRAMES, DEMO_TRUTH, frameOf, scaledClip } from '../support/clip.ts';
import { freeze } from '../support/frozen-picture.ts';
import { type GstCamera, startGstCamera } from '../support/gst-camera.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { bestGammaPsnr, psnr } from '../support/picture-quality.ts';
import { nextStats, openPage, statsWhen, statusWhen } from '../support/player-page.ts';
import { WireViewer } from '../support/wire-viewer.ts';

const TOKEN = 'the-token';

let browser: Browser;
let camera: GstCamera;
let server: Nightglass;
const pages: Page[] = [];

async function open(parameters: string): Promise<Page> {
  const page = await openPage(browser, server.link, parameters);
  pages.push(page);
  return page;
}

/** PSNR to the truth of the enhanced picture, and of the best gamma of the same picture as the camera gave it. */
async function quality(page: Page, truthClip: string): Promise<{ enhanced: number; gamma: number }> {
  const picture = await freeze(page);
  const index = Math.round((picture.stats.shownTimestamp / 1e6) * DEMO_FPS) % DEMO_FRAMES;
  const truth = await frameOf(truthClip, index, picture.width, picture.height);
  return { enhanced: psnr(picture.enhanced, truth), gamma: bestGammaPsnr(picture.plain, truth) };
}

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser.close());

afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close();
});

describe('a dark camera of another maker, live in Chromium', () => {
  beforeEach(async () => {
    camera = await startGstCamera({ file: DEMO_CLIP, user: 'ann', password: 'canary-pass-word' });
    const url = camera.url.replace('rtsp://', 'rtsp://ann:canary-pass-word@');
    server = await startNightglass('--camera', url, '--token', TOKEN);
  });

  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await camera[Symbol.asyncDispose]();
    expect(server.output()).not.toContain('canary-pass-word');
  });

  it('is nearer the truth, enhanced by WASM, than the best gamma of the dark picture is', async () => {
    const page = await open('engine=wasm');
    const stats = await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 20);
    expect(stats).toMatchObject({ engine: 'wasm', width: 960, height: 540 });
    const { enhanced, gamma } = await quality(page, DEMO_TRUTH);
    expect(enhanced).toBeGreaterThan(gamma);
  });

  it('is back on the page after it was switched off and on again', async () => {
    const page = await open('enhance=off');
    await statusWhen(page, 'playing');
    await camera.kill();
    expect(await statusWhen(page, 'unreachable')).toMatchObject({ message: expect.stringMatching(/\w/) });
    camera = await startGstCamera({
      file: DEMO_CLIP,
      user: 'ann',
      password: 'canary-pass-word',
      port: camera.port,
    });
    await statusWhen(page, 'playing');
    const { framesShown } = await nextStats(page);
    await statsWhen(page, (stats) => stats.framesShown > framesShown + 25);
  });

  it('comes back by itself after the link dropped, and after the decoder failed', async () => {
    const page = await open('enhance=off');
    await statsWhen(page, ({ framesShown }) => framesShown > 5);
    for (const fault of ['drop-socket', 'lose-decoder'] as const) {
      const { framesShown } = await nextStats(page);
      await page.locator('nightglass-player').evaluate((player, name) => {
        (player as HTMLElementTagNameMap['nightglass-player']).rehearse(name);
      }, fault);
      await statsWhen(page, (stats) => stats.framesShown > framesShown + 25);
    }
    expect((await nextStats(page)).reconnects).toBe(1);
  });

  it('serves two viewers, and a third that stops reading slows neither', async () => {
    const page = await open('enhance=off');
    const connect = () => WireViewer.connect(server.origin, { authorization: `Bearer ${TOKEN}` });
    // A page on a busy machine may itself be too slow to miss nothing.
    using other = await connect();
    using stuck = await connect();
    for (const viewer of [other, stuck]) {
      viewer.open('camera');
      await viewer.heard(({ kind }) => kind === 'unit');
    }
    stuck.socket.pause();
    const { framesIn } = await nextStats(page);
    await statsWhen(page, (stats) => stats.framesIn > framesIn + 75);
    const seen = other.media.length;
    await other.heard((message) => message.kind === 'unit' && other.media.indexOf(message) >= seen + 75);
    expect(other.media.filter(({ kind }) => kind === 'gap')).toEqual([]);
  });

  it('shows a picture that is as old as it says: near, on this machine', async () => {
    const page = await open('enhance=off');
    const { framesShown } = await statsWhen(page, ({ ageMs }) => ageMs !== null && ageMs < 1000);
    const { ageMs } = await statsWhen(
      page,
      (stats) => stats.framesShown > framesShown + 50 && stats.ageMs! < 1000,
    );
    expect(ageMs).toBeGreaterThan(0);
  });
});

/** Seconds a picture, and longer for the first: the adapter is a processor that plays a GPU. */
const SOFTWARE_ADAPTER = 300_000;

describe('a small dark camera on WebGPU', { timeout: SOFTWARE_ADAPTER }, () => {
  const width = 160;
  const height = 96;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nightglass-'));
    await scaledClip(DEMO_CLIP, width, height, join(folder, 'small.mp4'));
    camera = await startGstCamera({ file: join(folder, 'small.mp4') });
    server = await startNightglass('--camera', camera.url, '--token', TOKEN);
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await camera[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it.each(['wgsl', 'ort-webgpu'])(
    'is nearer the truth, enhanced by %s, than the best gamma of the dark picture is',
    async (engine) => {
      const page = await open(`engine=${engine}&model=base`);
      const stats = await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 0);
      expect(stats).toMatchObject({ engine, width, height });
      const { enhanced, gamma } = await quality(page, DEMO_TRUTH);
      expect(enhanced).toBeGreaterThan(gamma);
    },
  );

  it('comes back by itself after the device was lost', async () => {
    const page = await open('engine=wgsl');
    const { framesEnhanced } = await statsWhen(page, (stats) => stats.framesEnhanced > 0);
    await page.locator('nightglass-player').evaluate((player) => {
      (player as HTMLElementTagNameMap['nightglass-player']).rehearse('lose-device');
    });
    await statsWhen(page, (stats) => stats.framesEnhanced > framesEnhanced);
  });
});

describe('a camera by day', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nightglass-'));
    await scaledClip(DEMO_TRUTH, 160, 96, join(folder, 'day.mp4'));
    server = await startNightglass('--camera', join(folder, 'day.mp4'), '--token', TOKEN);
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it('is shown as it sees, with the network at work', async () => {
    const page = await open('engine=wasm');
    await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 1);
    const picture = await freeze(page);
    // The browser scales a canvas and a frame a little differently.
    expect(psnr(picture.enhanced, picture.plain)).toBeGreaterThan(40);
  });
});
