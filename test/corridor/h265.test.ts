import { readdirSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { type GstCamera, startGstCamera } from '../support/gst-camera.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { openPage, statsWhen, statusWhen } from '../support/player-page.ts';

let browser: Browser;
let camera: GstCamera;

beforeAll(async () => {
  browser = await launchChromium();
  camera = await startGstCamera({ codec: 'h265', width: 160, height: 96 });
});

afterAll(async () => {
  await browser.close();
  await camera[Symbol.asyncDispose]();
});

/** Children of the server called ffmpeg. */
const childrenOf = ({ pid }: Nightglass): number =>
  readdirSync('/proc').filter((one) => {
    try {
      const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1];
      return parent === `${pid}` && readFileSync(`/proc/${one}/cmdline`, 'utf8').startsWith('ffmpeg');
    } catch {
      return false;
    }
  }).length;

describe('an H.265 camera in a browser that cannot decode it', () => {
  it('plays as H.264, which one child makes for all who watch and which ends after them', async () => {
    await using server = await startNightglass('--camera', camera.url);
    const pages = [await openPage(browser, server.link, 'enhance=off')];
    await statusWhen(pages[0]!, 'playing');
    pages.push(await openPage(browser, server.link, 'enhance=off'));
    for (const page of pages) {
      const stats = await statsWhen(page, ({ framesShown }) => framesShown > 25);
      expect(stats).toMatchObject({ width: 160, height: 96, codec: expect.stringMatching(/^avc1\./) });
      expect(stats.ageMs).toBeGreaterThan(0);
    }
    expect(childrenOf(server)).toBe(1);
    for (const page of pages) await page.context().close();
    await expect.poll(() => childrenOf(server)).toBe(0);
  });

  it('says what is missing where the server has no ffmpeg, and what to do', async () => {
    const { PATH } = process.env;
    process.env.PATH = '/nowhere';
    await using server = await startNightglass('--camera', camera.url);
    process.env.PATH = PATH;
    const page = await openPage(browser, server.link);
    expect(await statusWhen(page, 'unreachable')).toMatchObject({ code: 'ingest/no-ffmpeg' });
    await page.getByText('ffmpeg is missing on the server').waitFor();
    await page.getByText('this browser cannot decode the camera’s H.265').waitFor();
    await page.context().close();
  });
});
