import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NightglassPlayer } from '../../client/ui/nightglass-player.ts';
import { verifyEvidence } from '../../server/clips/verify-evidence.ts';
import { launchChromium } from '../support/chromium.ts';
import { DEMO_CLIP, frameOf, scaledClip } from '../support/clip.ts';
import { exportWhen, hasEnded, markAt, pressExport, runs } from '../support/export-page.ts';
import { temporaryFolder } from '../support/h264-clip.ts';
import { meanLevel } from '../support/picture-quality.ts';
import { openPage, statsWhen } from '../support/player-page.ts';
import { packetsOf, probe } from '../support/probe.ts';
import { type RecordedCamera, recordedSpan, startRecordedCamera } from '../support/recorded-camera.ts';
import { type SavedClip, saveClip } from '../support/recorder-page.ts';

const SIZE = { width: 160, height: 96 };
/** What the network makes of so small a picture. */
const SHOWN = { width: 320, height: 192 };
/** The camera's pictures are so far apart. µs. */
const INTERVAL = 40_000;

let made: Awaited<ReturnType<typeof temporaryFolder>>;
let camera: RecordedCamera;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  made = await temporaryFolder();
  const clip = join(made.path, 'dark.mp4');
  await scaledClip(DEMO_CLIP, SIZE.width, SIZE.height, clip);
  camera = await startRecordedCamera(clip);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await camera?.[Symbol.asyncDispose]();
  await made?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  page = await openPage(browser, camera.server.link, 'engine=wasm');
  await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 3);
});

afterEach(() => page.context().close());

/** Every picture of the camera from one to the other, none left out, and all of them enhanced. */
async function expectWhole({ path, fact, json }: SavedClip, from: number, to: number): Promise<void> {
  const packets = await packetsOf(path('enhanced'));
  packets.forEach(({ pts }, index) => {
    expect(Math.abs(pts * 1e6 - index * INTERVAL)).toBeLessThan(2);
  });
  expect(Math.abs((packets.length - 1) * INTERVAL - (to - from))).toBeLessThan(INTERVAL);
  const { pictures } = fact('enhanced');
  const count = packets.length;
  expect(pictures).toMatchObject({ source: count, kept: count, enhanced: count });
  expect(await verifyEvidence(json)).toMatchObject({ holds: true });
}

describe('an export', () => {
  it('shows both side by side when asked, the camera’s left', async () => {
    const span = await recordedSpan(page, 6_000_000);
    await markAt(page, span.from + 1_000_000, 'i');
    await markAt(page, span.from + 2_000_000, 'o');
    await pressExport(page, { shows: 'Side by side' });
    const { clips, failure } = await exportWhen(page, hasEnded);
    expect(failure).toBeUndefined();
    const saved = await saveClip(page, clips[0]!, made.path);
    const file = saved.path('side-by-side');
    const [width, height] = [2 * SHOWN.width, SHOWN.height];
    expect(await probe(file)).toMatchObject({ width, height });
    const pixels = await frameOf(file, 3, width, height);
    const half = (from: number) =>
      meanLevel(pixels.filter((_, at) => Math.floor(((at / 4) % width) / SHOWN.width) === from));
    expect(half(1)).toBeGreaterThan(1.5 * half(0));
    expect(saved.evidence.enhancement).toMatchObject([{ enhanced: true, strength: 1, engine: 'wasm' }]);
    expect(await verifyEvidence(saved.json)).toMatchObject({ holds: true });
  });

  it('waits for another engine where the one it had is lost, and leaves no picture out', async () => {
    const span = await recordedSpan(page, 9_000_000);
    const from = await markAt(page, span.from + 1_000_000, 'i');
    const to = await markAt(page, span.from + 7_000_000, 'o');
    await pressExport(page);
    await exportWhen(page, runs(10));
    await page.locator('nightglass-player').evaluate((player: NightglassPlayer) => {
      player.rehearse('lose-device');
    });
    const { clips, gaps, failure } = await exportWhen(page, hasEnded);
    expect(failure).toBeUndefined();
    expect(gaps).toEqual([]);
    await expectWhole(await saveClip(page, clips[0]!, made.path), from, to);
  });

  it('waits for a server that restarts in the middle; a later one over that time is in parts, and names the gap', {
    timeout: 120_000,
  }, async () => {
    const span = await recordedSpan(page, 14_000_000);
    const from = await markAt(page, span.from + 1_000_000, 'i');
    const to = await markAt(page, span.from + 13_000_000, 'o');
    await pressExport(page);
    await exportWhen(page, runs(10));
    await camera.restart();
    const { clips, gaps, failure } = await exportWhen(page, hasEnded);
    expect(failure).toBeUndefined();
    expect(gaps).toEqual([]);
    await expectWhole(await saveClip(page, clips[0]!, made.path), from, to);

    await page.goto(`${camera.server.link}&engine=wasm`);
    await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 3);
    const next = await recordedSpan(page, 4_000_000);
    const [before] = await spans();
    expect(next.from).toBeGreaterThan(before!.to);
    await markAt(page, before!.to - 1_000_000, 'i');
    await markAt(page, next.from + 1_000_000, 'o');
    await pressExport(page);
    const over = await exportWhen(page, hasEnded);
    expect(over.clips).toHaveLength(2);
    expect(over.gaps).toMatchObject([{ why: 'not-recorded' }]);
    await page.getByText('was not recorded').first().waitFor();
    const last = await saveClip(page, over.clips[1]!, made.path);
    expect(last.evidence.exported?.gaps).toEqual(over.gaps);
    expect(last.evidence).toMatchObject({ part: 2 });
    expect(await verifyEvidence(last.json)).toMatchObject({ holds: true });
  });
});

const spans = (): Promise<{ from: number; to: number }[]> =>
  page.evaluate(
    async () => (await (await fetch('/api/cameras/quay/timeline?from=0&to=9000000000000000')).json()).spans,
  );
