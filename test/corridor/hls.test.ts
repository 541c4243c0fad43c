import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Timeline, timelineOf } from '../support/asked-timeline.ts';
import { launchChromium, VIDEO_IN_MEMORY } from '../support/chromium.ts';
import { type FaultyCamera, startFaultyCamera } from '../support/faulty-camera.ts';
import * as faults from '../support/faulty-camera-faults.ts';
import { freeze } from '../support/frozen-picture.ts';
import { codedPictures, temporaryFolder } from '../support/h264-clip.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { meanLevel } from '../support/picture-quality.ts';
import { openPage, seekPage, statsOf, statsWhen, statusWhen } from '../support/player-page.ts';

const USUAL = { width: 160, height: 96, frames: 50, keyInterval: 25, night: true } as const;
const OTHER = { ...USUAL, width: 128, height: 64 } as const;
/** What is shown is of now: older pictures are what a player had left over. */
const NOW_MS = 6000;

describe('a page that plays a recorded camera over HLS', () => {
  const opened: AsyncDisposable[] = [];
  let config: string;
  let camera: FaultyCamera;
  let other: Awaited<ReturnType<typeof codedPictures>>;
  let server: Nightglass;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    opened.push(folder);
    other = await codedPictures(OTHER);
    camera = await startFaultyCamera(await codedPictures(USUAL));
    opened.push(camera);
    config = join(folder.path, 'nightglass.yaml');
    const timeshift = { hours: 1, maxGiB: 0.5 };
    const settings = {
      cameras: { quay: { url: camera.url, timeshift } },
      limits: { pictureTimeoutSeconds: 2 },
    };
    await writeFile(
      config,
      stringify({ dataFolder: join(folder.path, 'data'), token: 'the-token', ...settings }),
    );
    server = await startNightglass('--config', config);
    browser = await launchChromium(VIDEO_IN_MEMORY);
    page = await openPage(browser, server.link, 'via=hls&engine=wasm');
  });

  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  });

  afterEach(() => camera.behave());

  /** Pictures are shown that were captured after this call, enhanced. */
  async function playsOn(width: number = USUAL.width): Promise<void> {
    const since = Date.now() * 1000;
    const seen = (await statsOf(page))?.framesEnhanced ?? 0;
    await statsWhen(page, (stats) => {
      const isNew = (stats.shownCapturedAt ?? 0) > since && (stats.ageMs ?? Infinity) < NOW_MS;
      return isNew && stats.width === width && stats.framesEnhanced > seen;
    });
  }

  const spans = async (): Promise<Timeline['spans']> => (await timelineOf(server, 'quay')).spans;

  /** The same address again: what a restart of the machine's service looks like to the page. */
  async function restart(end: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    process.kill(server.pid, end);
    await server.ended;
    server = await startNightglass('--config', config, '--port', new URL(server.origin).port);
  }

  it('shows it live and enhanced', async () => {
    await playsOn();
    const { plain, enhanced } = await freeze(page);
    expect(meanLevel(enhanced)).toBeGreaterThan(1.1 * meanLevel(plain));
  });

  it('goes on when the camera changes the size of its picture, and changes back', async () => {
    camera.misbehave(faults.anotherSps(other));
    await playsOn(OTHER.width);
    camera.behave();
    await playsOn();
  });

  it('says that the camera is away, goes on when it is back, and has the gap in the timeline', async () => {
    const before = await spans();
    camera.misbehave(faults.stall);
    expect(await statusWhen(page, 'unreachable')).toMatchObject({ code: 'hls/not-ready' });
    camera.behave();
    await playsOn();
    await statusWhen(page, 'playing');
    await expect.poll(async () => (await spans()).length).toBe(before.length + 1);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'goes on by itself when the server is ended by %s and starts again',
    async (end) => {
      const before = await spans();
      await restart(end);
      await playsOn();
      const after = await spans();
      // Nothing that was told is lost.
      expect(after.slice(0, before.length).map(({ from }) => from)).toEqual(before.map(({ from }) => from));
      expect(after[before.length - 1]!.to).toBeGreaterThanOrEqual(before.at(-1)!.to);
    },
  );

  it('plays what was before all of that, over its gaps', async () => {
    const all = await spans();
    expect(all.length).toBeGreaterThanOrEqual(3);
    const [first, second] = all;
    await seekPage(page, first!.to - 1_000_000);
    await page.getByText('Past', { exact: true }).waitFor();
    await statsWhen(page, ({ shownCapturedAt }) => shownCapturedAt! < first!.to);
    await statsWhen(
      page,
      ({ shownCapturedAt }) => shownCapturedAt! >= second!.from && shownCapturedAt! < second!.to,
    );
  });
});
