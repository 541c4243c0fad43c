import { readFile, writeFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../server/clips/verify-evidence.ts';
import { launchChromium } from '../support/chromium.ts';
import { DEMO_CLIP, DEMO_FRAMES, DEMO_TRUTH, ffmpeg, frameOf } from '../support/clip.ts';
import { keptSlices, slicesOf } from '../support/clip-slices.ts';
import { type GstCamera, startGstCamera } from '../support/gst-camera.ts';
import { temporaryFolder } from '../support/h264-clip.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { bestGammaPsnr, psnr } from '../support/picture-quality.ts';
import { statsWhen, statusWhen } from '../support/player-page.ts';
import { packetsOf, probe } from '../support/probe.ts';
import {
  hasEnded,
  hasRecorded,
  listedClips,
  recordingWhen,
  saveClip,
  startRecording,
  stopRecording,
} from '../support/recorder-page.ts';

const SIZE = { width: 960, height: 540 };
/** The camera's pictures are so far apart. µs. */
const INTERVAL = 40_000;
/** The wall clock of two pictures may be so much further apart than their timestamps: the network's and the reports'. µs. */
const JITTER = INTERVAL / 2;

let browser: Browser;
let camera: GstCamera;
let server: Nightglass;
let context: BrowserContext;
let page: Page;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

const open = async (): Promise<Page> => {
  const opened = await context.newPage();
  await opened.goto(`${server.link}&engine=wasm&model=base`);
  return opened;
};

/** Ends the tab's process at once, with its workers: nothing in the page is told. */
async function crash(): Promise<void> {
  const session = await context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  // Nobody is left to answer.
  session.send('Page.crash').catch(() => undefined);
  await crashed;
}

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser.close());

beforeEach(async () => {
  folder = await temporaryFolder();
  camera = await startGstCamera({ file: DEMO_CLIP });
  server = await startNightglass('--camera', camera.url);
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true });
  page = await open();
  await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 3);
});

afterEach(async () => {
  await context.close();
  await server[Symbol.asyncDispose]();
  await camera[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe('a recording from live', () => {
  it('is enhanced, whole and in time, and keeps the camera’s own bits beside it', async () => {
    await startRecording(page, { shows: 'Enhanced', keepOriginal: true });
    await recordingWhen(page, hasRecorded(4));
    const { clips } = await stopRecording(page);
    const clip = await saveClip(page, clips[0]!, folder.path);
    expect(clip.evidence).toMatchObject({ medium: 'clip', cutOff: false, end: 'stopped', part: 1 });
    expect(clip.evidence.enhancement).toMatchObject([
      { enhanced: true, strength: 1, model: 'base', engine: 'wasm', mode: 'same-size' },
    ]);

    const fact = clip.fact('enhanced');
    const file = clip.path('enhanced');
    const packets = await packetsOf(file);
    const { duration, ...size } = await probe(file);
    expect(size).toEqual({ codec: 'h264', ...SIZE });
    expect(packets).toHaveLength(fact.pictures.kept);
    expect(fact.pictures).toMatchObject({ enhanced: fact.pictures.kept });
    const steps = packets.slice(1).map(({ pts }, index) => Math.round((pts - packets[index]!.pts) * 1e6));
    // Each is a whole number of the camera's pictures after the one before.
    for (const step of steps)
      expect(step / INTERVAL).toBeCloseTo(Math.max(1, Math.round(step / INTERVAL)), 1);
    expect(Math.abs(duration * 1e6 - (fact.to - fact.from) - steps.at(-1)!)).toBeLessThan(JITTER);
    const { source, kept, lost } = fact.pictures;
    expect(Math.abs((fact.to - fact.from) / INTERVAL + 1 - source)).toBeLessThan(8);
    expect(Math.abs(kept + lost.late + lost.encoder - source)).toBeLessThan(8);

    const sent = await slicesOf(DEMO_CLIP);
    const original = await keptSlices(clip.path('original'));
    expect(original).toHaveLength(clip.fact('original').pictures.kept);
    const first = sent.indexOf(original[0]!);
    expect(original).toEqual(original.map((_, index) => sent[(first + index) % DEMO_FRAMES]));

    const after = Math.round((fact.from - clip.fact('original').from) / INTERVAL);
    for (const picture of [0, packets.length - 1]) {
      const moment = Math.round((packets[picture]!.pts * 1e6) / INTERVAL);
      const index = (first + after + moment + DEMO_FRAMES) % DEMO_FRAMES;
      // Half the size: as good to judge by, and four times as quick.
      const [width, height] = [SIZE.width / 2, SIZE.height / 2];
      const truth = await frameOf(DEMO_TRUTH, index, width, height);
      const gamma = bestGammaPsnr(await frameOf(DEMO_CLIP, index, width, height), truth);
      expect(psnr(await frameOf(file, picture, width, height), truth)).toBeGreaterThan(gamma);
    }

    expect(await verifyEvidence(clip.json)).toMatchObject({ holds: true });
    const bytes = await readFile(file);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(file, bytes);
    expect(await verifyEvidence(clip.json)).toMatchObject({ holds: false });
  });

  it('shows both side by side when asked, the camera’s left', async () => {
    await startRecording(page, { shows: 'Side by side' });
    await recordingWhen(page, hasRecorded(1));
    const { clips } = await stopRecording(page);
    const clip = await saveClip(page, clips[0]!, folder.path);
    const file = clip.path('side-by-side');
    const width = 2 * SIZE.width;
    expect(await probe(file)).toMatchObject({ width, height: SIZE.height });
    const pixels = await frameOf(file, 3, width, SIZE.height);
    const mean = (from: number, to: number) => {
      let sum = 0;
      for (let at = 0; at < pixels.length; at += 4) {
        const x = (at / 4) % width;
        if (x >= from && x < to) sum += pixels[at + 1]!;
      }
      return sum / ((to - from) * SIZE.height);
    };
    expect(mean(SIZE.width, width)).toBeGreaterThan(2 * mean(0, SIZE.width));
    expect(await verifyEvidence(clip.json)).toMatchObject({ holds: true });
  });

  for (const [what, end] of [
    ['is closed', () => page.close()],
    ['crashes', crash],
  ] as const)
    it(`is kept, at most two seconds short, when the tab ${what} in the middle`, async () => {
      await startRecording(page, { shows: 'Enhanced', keepOriginal: true });
      const { seconds } = await recordingWhen(page, hasRecorded(5));
      await end();
      page = await open();
      await page.getByText('A recording was cut off at').waitFor();
      const [id] = await listedClips(page);
      const clip = await saveClip(page, id!, folder.path);
      expect(clip.evidence).toMatchObject({ cutOff: true, end: 'cut-off' });
      for (const shows of ['enhanced', 'original'] as const) {
        const file = clip.path(shows);
        expect(await packetsOf(file)).toHaveLength(clip.fact(shows).pictures.kept);
        const { duration } = await probe(file);
        expect(duration).toBeGreaterThan(seconds - 2 - (shows === 'original' ? 1 : 0));
        await ffmpeg(['-xerror', '-i', file, '-f', 'null', '-']);
      }
      expect(await verifyEvidence(clip.json)).toMatchObject({ holds: true });
    });

  it('goes on in another part when the camera was away', async () => {
    await startRecording(page, { shows: 'Original' });
    await recordingWhen(page, hasRecorded(1));
    await camera.kill();
    await statusWhen(page, 'unreachable');
    camera = await startGstCamera({ file: DEMO_CLIP, port: camera.port });
    const before = await recordingWhen(page, hasRecorded(1, 2));
    await recordingWhen(page, hasRecorded(before.seconds + 1, 2));
    const { clips } = await stopRecording(page);
    expect(clips).toHaveLength(2);
    for (const [index, id] of clips.entries()) {
      const clip = await saveClip(page, id, folder.path);
      expect(clip.evidence).toMatchObject({ part: index + 1, end: index === 0 ? 'new-part' : 'stopped' });
      expect(await packetsOf(clip.path('original'))).toHaveLength(clip.fact('original').pictures.kept);
      expect(await verifyEvidence(clip.json)).toMatchObject({ holds: true });
    }
  });

  it('ends and is kept when the browser has no more room, and says so', async () => {
    const session = await context.newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: server.origin, quotaSize: 1_500_000 });
    const ended = recordingWhen(page, hasEnded);
    await startRecording(page, { shows: 'Original' });
    const { clips, failure } = await ended;
    expect(failure?.code).toBe('record/storage-full');
    await page.getByText('no more room').waitFor();
    const clip = await saveClip(page, clips[0]!, folder.path);
    expect(clip.evidence.end).toBe('storage-full');
    expect(await packetsOf(clip.path('original'))).toHaveLength(clip.fact('original').pictures.kept);
    expect(await verifyEvidence(clip.json)).toMatchObject({ holds: true });
  });
});

describe('a snapshot', () => {
  it('keeps the picture enhanced and as it came, with evidence', async () => {
    await page.mouse.move(300, 300);
    await page.locator('nightglass-recorder button.snapshot').click();
    await page.getByText('Snapshot kept.').waitFor();
    const [id] = await listedClips(page);
    const clip = await saveClip(page, id!, folder.path);
    expect(clip.evidence).toMatchObject({
      medium: 'snapshot',
      enhancement: [{ enhanced: true, model: 'base', mode: 'same-size' }],
    });
    expect(id).toContain(clip.evidence.utc.from.replace(/[-:]/g, ''));
    const { width, height } = SIZE;
    const [bright, dark] = [
      await frameOf(clip.path('enhanced'), 0, width, height),
      await frameOf(clip.path('original'), 0, width, height),
    ];
    expect(Buffer.from(bright).equals(dark)).toBe(false);
    const near = async (index: number) => psnr(dark, await frameOf(DEMO_CLIP, index, width, height));
    expect(Math.max(await near(0), await near(100), await near(250), await near(400))).toBeGreaterThan(20);
    expect(await verifyEvidence(clip.json)).toMatchObject({ holds: true });
  });
});
