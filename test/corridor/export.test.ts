import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../server/clips/verify-evidence.ts';
import { launchChromium } from '../support/chromium.ts';
import { DEMO_CLIP, DEMO_FRAMES, DEMO_TRUTH, ffmpeg, frameOf, scaledClip } from '../support/clip.ts';
import { keptSlices, slicesOf } from '../support/clip-slices.ts';
import { exportWhen, hasEnded, markAt, pressExport, runs } from '../support/export-page.ts';
import { temporaryFolder } from '../support/h264-clip.ts';
import { fragmentsOf } from '../support/hls-fragments.ts';
import { bestGammaPsnr, psnr } from '../support/picture-quality.ts';
import { nextStats, statsOf, statsWhen } from '../support/player-page.ts';
import { packetsOf, probe } from '../support/probe.ts';
import { type RecordedCamera, recordedSpan, startRecordedCamera } from '../support/recorded-camera.ts';
import { listedClips, saveClip } from '../support/recorder-page.ts';

const SIZE = { width: 160, height: 96 };
/** What the network makes of so small a picture. */
const SHOWN = { width: 320, height: 192 };
/** The camera's pictures are so far apart. µs. */
const INTERVAL = 40_000;
/** A busy machine sends them that unevenly. µs */
const JITTER = 500_000;

let made: Awaited<ReturnType<typeof temporaryFolder>>;
let folder: string;
let clip: string;
let truth: string;
let browser: Browser;
let camera: RecordedCamera;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  made = await temporaryFolder();
  folder = made.path;
  [clip, truth] = [join(folder, 'dark.mp4'), join(folder, 'truth.mp4')];
  await scaledClip(DEMO_CLIP, SIZE.width, SIZE.height, clip);
  await scaledClip(DEMO_TRUTH, SHOWN.width, SHOWN.height, truth);
  camera = await startRecordedCamera(clip);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await camera?.[Symbol.asyncDispose]();
  await made?.[Symbol.asyncDispose]();
});

const open = async (): Promise<Page> => {
  const opened = await context.newPage();
  await opened.goto(`${camera.server.link}&engine=wasm&model=base`);
  return opened;
};

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true });
  page = await open();
  await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 3);
});

afterEach(() => context.close());

/** When each picture around a span was captured, by the timeline's clock: its segment's date, and its place in it. */
async function picturesAround(from: number, to: number): Promise<number[]> {
  const cookie = { Authorization: `Bearer ${camera.server.token}` };
  const base = `${camera.server.origin}/hls/quay/`;
  const playlist = await fetch(`${base}past.m3u8?from=${from}&to=${to + 1}`, { headers: cookie });
  const pictures: number[] = [];
  let date = 0;
  for (const line of (await playlist.text()).split('\n')) {
    if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) date = Date.parse(line.slice(25)) * 1000;
    if (!line.endsWith('.m4s')) continue;
    const response = await fetch(base + line, { headers: cookie });
    const fragments = fragmentsOf(new Uint8Array(await response.arrayBuffer()));
    for (const { start, duration, samples } of fragments)
      for (let sample = 0; sample < samples; sample++)
        pictures.push(date + start - fragments[0]!.start + (sample * duration) / samples);
  }
  return pictures;
}

/** Pictures from one that was marked to another, both with them. */
async function countedFrom(from: number, to: number): Promise<number> {
  const pictures = await picturesAround(from, to);
  const nearest = (mark: number) => {
    const off = pictures.map((at) => Math.abs(at - mark));
    const index = off.indexOf(Math.min(...off));
    expect(off[index]).toBeLessThan(1500);
    return index;
  };
  return nearest(to) - nearest(from) + 1;
}

describe('a span of the past, exported', () => {
  it('is enhanced picture by picture, none left out, with the camera’s own bits beside it, while live goes on', {
    timeout: 180_000,
  }, async () => {
    const span = await recordedSpan(page, 9_000_000);
    const from = await markAt(page, span.from + 2_500_000, 'i');
    const to = await markAt(page, span.from + 6_500_000, 'o');
    await page.keyboard.press('Shift+L');
    await statsWhen(page, ({ ageMs, shownEpoch }) => shownEpoch > 0 && ageMs! < 5000);
    const began = performance.now();
    await pressExport(page, { keepOriginal: true });
    await exportWhen(page, runs(10));
    const before = (await statsOf(page))!;
    const { clips, pictures, gaps, failure } = await exportWhen(page, hasEnded);
    const seconds = (performance.now() - began) / 1000;
    const after = await nextStats(page);
    console.info(`${pictures} pictures of ${(to - from) / 1e6} s in ${seconds.toFixed(1)} s`);
    expect(failure).toBeUndefined();
    expect(gaps).toEqual([]);
    // A live picture was enhanced meanwhile, and is of now.
    expect(after.framesEnhanced).toBeGreaterThan(before.framesEnhanced);
    expect(after.ageMs!).toBeLessThan(5000);

    const saved = await saveClip(page, clips[0]!, folder);
    const fact = saved.fact('enhanced');
    const file = saved.path('enhanced');
    const packets = await packetsOf(file);
    const count = await countedFrom(from, to);
    expect(pictures).toBe(count);
    expect(packets).toHaveLength(count);
    expect(fact.pictures).toEqual({
      source: count,
      kept: count,
      enhanced: count,
      lost: { server: 0, late: 0, encoder: 0 },
    });
    packets.forEach(({ pts }, index) => {
      expect(Math.abs(pts * 1e6 - index * INTERVAL)).toBeLessThan(2);
    });
    // The camera is dated by arrival: a segment as a whole in the timeline, each part of it in the evidence.
    expect(Math.abs(fact.from - from)).toBeLessThan(JITTER);
    expect(saved.evidence).toMatchObject({
      captureClock: 'archive',
      end: 'stopped',
      exported: { from, to, gaps: [] },
      enhancement: [{ enhanced: true, strength: 1, model: 'base', engine: 'wasm', mode: 'super-resolve' }],
    });
    expect(await probe(file)).toMatchObject(SHOWN);

    const sent = await slicesOf(clip);
    const original = await keptSlices(saved.path('original'));
    const first = sent.indexOf(original[0]!);
    expect(original).toEqual(original.map((_, index) => sent[(first + index) % DEMO_FRAMES]));
    // From the key unit before the mark on.
    const lead = original.length - count;
    expect(first % 25).toBe(0);
    expect(lead).toBeGreaterThanOrEqual(0);
    expect(lead).toBeLessThan(25);
    await ffmpeg(['-xerror', '-i', saved.path('original'), '-f', 'null', '-']);

    for (const picture of [0, count - 1]) {
      const index = (first + lead + picture) % DEMO_FRAMES;
      const wanted = await frameOf(truth, index, SHOWN.width, SHOWN.height);
      const gamma = bestGammaPsnr(await frameOf(clip, index, SHOWN.width, SHOWN.height), wanted);
      expect(psnr(await frameOf(file, picture, SHOWN.width, SHOWN.height), wanted)).toBeGreaterThan(gamma);
    }
    expect(await verifyEvidence(saved.json)).toMatchObject({ holds: true });
  });

  it('is the original alone when asked, without a decoder', async () => {
    const span = await recordedSpan(page, 6_000_000);
    const from = await markAt(page, span.from + 1_000_000, 'i');
    const to = await markAt(page, span.from + 3_000_000, 'o');
    await pressExport(page, { shows: 'Original' });
    const { clips } = await exportWhen(page, hasEnded);
    const saved = await saveClip(page, clips[0]!, folder);
    const kept = await keptSlices(saved.path('original'));
    const count = await countedFrom(from, to);
    expect(kept.length).toBeGreaterThanOrEqual(count);
    expect(kept.length).toBeLessThan(count + 25);
    const fact = saved.fact('original');
    expect(Math.abs(fact.to - to)).toBeLessThan(JITTER);
    expect(fact.from).toBeLessThanOrEqual(from + JITTER);
  });

  it('goes on without a segment that the server has deleted meanwhile, in parts, and names what is missing', async () => {
    const span = await recordedSpan(page, 9_000_000);
    const from = await markAt(page, span.from + 500_000, 'i');
    const to = await markAt(page, span.from + 8_500_000, 'o');
    const gone = await page.evaluate(
      async ([first, last]) => {
        const playlist = await fetch(`/hls/quay/past.m3u8?from=${first}&to=${last}`);
        return (await playlist.text()).split('\n').filter((line) => line.endsWith('.m4s'))[1]!;
      },
      [from, to] as const,
    );
    await context.route(`**/${gone}`, (route) => route.fulfill({ status: 404 }));
    await pressExport(page, { shows: 'Original' });
    const { clips, gaps } = await exportWhen(page, hasEnded);
    expect(clips).toHaveLength(2);
    expect(gaps).toMatchObject([{ why: 'gone' }]);
    await page.getByText('had been deleted by the server').waitFor();
    const saved = await saveClip(page, clips[1]!, folder);
    expect(saved.evidence.exported?.gaps).toEqual(gaps);
    expect(saved.evidence).toMatchObject({ part: 2 });
    expect(Math.abs(saved.evidence.from - gaps[0]!.to)).toBeLessThan(JITTER);
  });

  it('is kept as far as it was done when the person stops it', async () => {
    const span = await recordedSpan(page, 9_000_000);
    await markAt(page, span.from + 500_000, 'i');
    await markAt(page, span.from + 8_500_000, 'o');
    await pressExport(page);
    await exportWhen(page, runs(10));
    await page.locator('nightglass-export').getByRole('button', { name: 'Stop export' }).click();
    const { clips, stopped, pictures } = await exportWhen(page, hasEnded);
    expect(stopped).toBe(true);
    const saved = await saveClip(page, clips[0]!, folder);
    expect(await packetsOf(saved.path('enhanced'))).toHaveLength(pictures);
    expect(pictures).toBeLessThan(201);
    expect(await verifyEvidence(saved.json)).toMatchObject({ holds: true });
  });

  it('is kept, as far as it was written, when the tab is closed in the middle', async () => {
    const span = await recordedSpan(page, 9_000_000);
    await markAt(page, span.from + 500_000, 'i');
    await markAt(page, span.from + 8_500_000, 'o');
    await pressExport(page);
    await exportWhen(page, runs(60));
    await page.close();
    page = await open();
    await page.getByText('A recording was cut off at').waitFor();
    const [id] = await listedClips(page);
    const saved = await saveClip(page, id!, folder);
    expect(saved.evidence).toMatchObject({ cutOff: true, end: 'cut-off', exported: { gaps: [] } });
    expect(await packetsOf(saved.path('enhanced'))).toHaveLength(saved.fact('enhanced').pictures.kept);
    expect(await verifyEvidence(saved.json)).toMatchObject({ holds: true });
  });

  it('ends and is kept when the browser has no more room, and says so', async () => {
    const span = await recordedSpan(page, 9_000_000);
    await markAt(page, span.from + 500_000, 'i');
    await markAt(page, span.from + 8_500_000, 'o');
    const session = await context.newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: camera.server.origin, quotaSize: 60_000 });
    await pressExport(page, { shows: 'Original' });
    const { failure, stopped } = await exportWhen(page, hasEnded);
    expect(failure?.code).toBe('record/storage-full');
    expect(stopped).toBe(false);
    await page.getByText(/no (more )?room/).waitFor();
  });
});
