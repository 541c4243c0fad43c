import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page, Worker } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NightglassPlayer } from '../../client/ui/nightglass-player.ts';
import { launchChromium } from '../support/chromium.ts';
import { DEMO_CLIP, ffmpeg, frameOf } from '../support/clip.ts';
import { freeze } from '../support/frozen-picture.ts';
import { temporaryFolder } from '../support/h264-clip.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { meanLevel, psnr } from '../support/picture-quality.ts';
import { nextStats, pixelsOf, statsOf, statsWhen } from '../support/player-page.ts';

const SIZE = { width: 320, height: 180 };
const FRAMES = 75;
/** µs between two pictures. */
const FRAME = 40_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let browser: Browser;
let server: Nightglass;
let page: Page;
let complaints: string[];
const at = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  const small = [
    '-i',
    DEMO_CLIP,
    '-vf',
    `scale=${SIZE.width}:${SIZE.height}`,
    '-frames:v',
    `${FRAMES}`,
    '-y',
  ];
  await ffmpeg([...small, '-c:v', 'mjpeg', '-q:v', '2', at('dvr.avi')]);
  await ffmpeg([...small, '-c:v', 'libx264', '-bf', '2', '-g', '20', at('plain.mp4')]);
  server = await startNightglass();
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  // As for a viewer who may see none.
  await page.route('**/api/cameras', (route) => route.fulfill({ json: { cameras: [], version: '0' } }));
  await page.goto(`${server.link}&engine=wasm`);
});

afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

/** Holds a file over the page, then lets it go. */
async function drop(name: string): Promise<void> {
  const base64 = (await readFile(at(name))).toString('base64');
  await page.locator('nightglass-open-file').waitFor({ state: 'attached' });
  await page.evaluate(
    ([bytes, title]) => {
      const dataTransfer = new DataTransfer();
      const file = new File([Uint8Array.from(atob(bytes!), (letter) => letter.charCodeAt(0))], title!);
      dataTransfer.items.add(file);
      const tell = (type: string) =>
        document.body.dispatchEvent(
          new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true, composed: true }),
        );
      tell('dragover');
      Object.assign(globalThis, { letGo: () => tell('drop') });
    },
    [base64, name],
  );
  await page.getByText('Drop to watch it enhanced').waitFor();
  await page.evaluate(() => (globalThis as unknown as { letGo: () => void }).letGo());
}

const choose = (name: string): Promise<void> =>
  page.locator('nightglass-open-file input').setInputFiles(at(name));

/** A short file may be over before the network is loaded: its last picture is enhanced then. */
const enhanced = (): Promise<void> =>
  page.locator('nightglass-player').evaluate(
    (player: NightglassPlayer) =>
      new Promise<void>((reached) => {
        const look = () => {
          if (player.status.status === 'playing' && player.status.note === undefined) reached();
        };
        player.addEventListener('status-changed', look);
        look();
      }),
  );

const pause = (): Promise<void> =>
  page.locator('nightglass-player').evaluate((player: NightglassPlayer) => player.time!.pause());

/** Presses a key, and gives the time of the picture that is shown instead; µs from 0:00 on. */
async function press(key: string): Promise<number> {
  const before = (await statsOf(page))?.shownCapturedAt;
  await page.keyboard.press(key);
  return (await statsWhen(page, ({ shownCapturedAt }) => shownCapturedAt !== before)).shownCapturedAt!;
}

/** The index of the file's picture that is on the canvas. */
async function shownPicture(file: string, near: number): Promise<number> {
  const { pixels } = await pixelsOf(page);
  const nearness = await Promise.all(
    [-1, 0, 1].map(async (off) => {
      const index = near + off;
      if (index < 0 || index >= FRAMES) return { index, db: 0 };
      return { index, db: psnr(pixels, await frameOf(at(file), index, SIZE.width, SIZE.height)) };
    }),
  );
  return nearness.sort((a, b) => b.db - a.db)[0]!.index;
}

describe('a recorder’s file, on a page without a camera', () => {
  it('in Motion JPEG is converted, plays enhanced, and is scrubbed and stepped picture by picture', {
    timeout: 120_000,
  }, async () => {
    const converters: Worker[] = [];
    page.on('worker', (worker) => /\/worker-/.test(worker.url()) && converters.push(worker));
    await drop('dvr.avi');
    await page.getByText('GPL-2.0-or-later').waitFor();
    await page.locator('nightglass-player').waitFor();
    await enhanced();
    await pause();
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const picture = await freeze(page);
    expect(meanLevel(picture.enhanced)).toBeGreaterThan(1.5 * meanLevel(picture.plain));

    const track = page.getByRole('slider', { name: 'Position in the recorded past' });
    expect(Number(await track.getAttribute('aria-valuemax'))).toBe((FRAMES * FRAME) / 1e6);
    const { width } = (await track.boundingBox())!;
    await page.getByRole('switch', { name: 'Enhance' }).click();
    await track.click({ position: { x: (width / 1.03) * 0.5, y: 12 } });
    const { shownCapturedAt: middle } = await statsWhen(
      page,
      ({ shownCapturedAt }) => Math.abs(shownCapturedAt! - (FRAMES * FRAME) / 2) < 2 * FRAME,
    );
    expect(await page.locator('nightglass-tile .when').textContent()).toMatch(/0:01\.\d\d of 0:03/);
    const moments = [];
    for (const key of ['Period', 'Period', 'Comma', 'Comma', 'Comma']) moments.push(await press(key));
    expect(moments.map((moment) => Math.round((moment - middle!) / FRAME))).toEqual([1, 2, 1, 0, -1]);
    const index = Math.round(moments.at(-1)! / FRAME);
    await nextStats(page);
    expect(await shownPicture('dvr.avi', index)).toBe(index);

    await page.getByRole('button', { name: 'Close file' }).click();
    await page.getByText('No camera yet').waitFor();
    expect(await page.locator('video').count()).toBe(0);
    expect(converters).toHaveLength(1);
    expect(page.workers().filter((worker) => converters.includes(worker))).toEqual([]);
  });

  it('that the browser plays itself is shown without ffmpeg and stepped over reordered pictures; a recording of its own bits is not offered', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open a file' }).click();
    await (await chooser).setFiles(at('plain.mp4'));
    await page.locator('nightglass-player').waitFor();
    await statsWhen(page, ({ framesShown }) => framesShown > 0);
    await pause();
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await page.getByRole('switch', { name: 'Enhance' }).click();
    await page.keyboard.press('Home');
    await statsWhen(page, ({ shownCapturedAt }) => shownCapturedAt === 0);
    for (let index = 1; index <= 24; index++) expect(Math.round((await press('Period')) / FRAME)).toBe(index);
    await nextStats(page);
    expect(await shownPicture('plain.mp4', 24)).toBe(24);
    expect(asked.filter((path) => path.startsWith('/ffmpeg'))).toEqual([]);
    const original = page.getByLabel('What is recorded').locator('option', { hasText: 'Original' });
    expect(await original.isDisabled()).toBe(true);
  });
});

describe('what cannot be opened', () => {
  it('is refused before anything is read where it is over 2 GiB, and said', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await writeFile(at('week.avi'), '');
    await truncate(at('week.avi'), 3 * 1024 ** 3);
    await choose('week.avi');
    await page.getByText('week.avi has 3.0 GiB; ffmpeg in a browser takes files up to 2 GiB').waitFor();
    expect(asked.filter((path) => path.startsWith('/ffmpeg'))).toEqual([]);
  });

  it('is told of a text file, and the next file is opened all the same', async () => {
    await writeFile(at('notes.txt'), 'Tuesday: the harbour was dark.\n'.repeat(200));
    await drop('notes.txt');
    await page.getByText('notes.txt holds no video that can be read').waitFor();
    await choose('plain.mp4');
    await statsWhen(page, ({ framesShown }) => framesShown > 0);
  });
});
