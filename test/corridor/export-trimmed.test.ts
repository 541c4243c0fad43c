import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wallMicros } from '#wire/time.ts';
import type { NightglassTile } from '../../client/ui/nightglass-tile.ts';
import { verifyEvidence } from '../../server/clips/verify-evidence.ts';
import { placeOf, type Stored, storedOf } from '../../server/hls/archive-names.ts';
import { launchChromium } from '../support/chromium.ts';
import { DEMO_CLIP, scaledClip } from '../support/clip.ts';
import { exportWhen, hasEnded, pressExport } from '../support/export-page.ts';
import { temporaryFolder } from '../support/h264-clip.ts';
import { nextStats, openPage, statsWhen } from '../support/player-page.ts';
import { packetsOf } from '../support/probe.ts';
import { type RecordedCamera, recordedSpan, startRecordedCamera } from '../support/recorded-camera.ts';
import { saveClip } from '../support/recorder-page.ts';

/** The shortest that there can be: three minutes. */
const HOURS = 0.05;
/** What was recorded begins so long before its window ends. µs */
const LEFT = 30_000_000;
/** A busy machine dates its pictures that unevenly. µs */
const JITTER = 500_000;

let made: Awaited<ReturnType<typeof temporaryFolder>>;
let camera: RecordedCamera;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  made = await temporaryFolder();
  const clip = join(made.path, 'dark.mp4');
  await scaledClip(DEMO_CLIP, 160, 96, clip);
  camera = await startRecordedCamera(clip, HOURS);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await camera?.[Symbol.asyncDispose]();
  await made?.[Symbol.asyncDispose]();
});

/** Makes all that is recorded so much older that the first of it has to go in half a minute. */
async function age(): Promise<void> {
  const folder = join(camera.folder, 'data/timeshift/quay');
  const files = await readdir(folder, { recursive: true });
  const segments = files.flatMap((file) => {
    const stored = storedOf(file.slice(file.lastIndexOf('/') + 1));
    return stored ? [{ file, stored }] : [];
  });
  const oldest = Math.min(...segments.map(({ stored }) => stored.capturedAt));
  const by = oldest - (Date.now() * 1000 - HOURS * 3600e6 + LEFT);
  for (const { file, stored } of segments) {
    const older: Stored = { ...stored, capturedAt: wallMicros(stored.capturedAt - by) };
    const place = join(folder, placeOf(older));
    await mkdir(dirname(place), { recursive: true });
    await rename(join(folder, file), place);
  }
}

/** The oldest span that the server still has. */
const oldestSpan = (): Promise<{ readonly from: number; readonly to: number }> =>
  page.evaluate(
    async () =>
      (await (await fetch('/api/cameras/quay/timeline?from=0&to=9000000000000000')).json()).spans[0],
  );

/** What is left of it once its first pictures are deleted. */
async function trimmed({ from }: { readonly from: number }) {
  for (;;) {
    const left = await oldestSpan();
    if (left.from > from + JITTER) return left;
    await nextStats(page);
  }
}

describe('a span that was marked and is trimmed before it is exported', () => {
  it('is kept as far as it is still there; what is gone is named, in the evidence too', {
    timeout: 180_000,
  }, async () => {
    page = await openPage(browser, camera.server.link, 'enhance=off');
    await recordedSpan(page, 20_000_000);
    await camera.restart(age);
    await page.goto(`${camera.server.link}&enhance=off`);
    await statsWhen(page, ({ framesShown }) => framesShown > 3);
    const old = await oldestSpan();
    const [from, to] = [old.from + 500_000, old.to - 500_000];
    await page.locator('nightglass-tile').evaluate(
      (tile: NightglassTile, [start, end]) => {
        tile.marks = { in: start as never, out: end as never };
      },
      [from, to] as const,
    );
    const left = await trimmed(old);
    expect(left.to).toBe(old.to);
    await pressExport(page, { shows: 'Original' });
    const { clips, gaps, failure } = await exportWhen(page, hasEnded);
    expect(failure).toBeUndefined();
    expect(clips).toHaveLength(1);
    expect(gaps).toMatchObject([{ from, why: 'not-recorded' }]);
    expect(gaps[0]!.to).toBeGreaterThanOrEqual(left.from - JITTER);
    const saved = await saveClip(page, clips[0]!, made.path);
    expect(saved.evidence.exported).toEqual({ from, to, gaps });
    const { pictures } = saved.fact('original');
    expect(pictures.kept).toBeGreaterThan(25);
    expect(await packetsOf(saved.path('original'))).toHaveLength(pictures.kept);
    expect(await verifyEvidence(saved.json)).toMatchObject({ holds: true });
  });
});
