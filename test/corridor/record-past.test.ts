import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../server/clips/verify-evidence.ts';
import { launchChromium } from '../support/chromium.ts';
import { DEMO_CLIP, ffmpeg, frameOf, scaledClip } from '../support/clip.ts';
import { temporaryFolder } from '../support/h264-clip.ts';
import { meanLevel } from '../support/picture-quality.ts';
import { openPage, seekPage, statsWhen } from '../support/player-page.ts';
import { packetsOf, probe } from '../support/probe.ts';
import { type RecordedCamera, recordedSpan, startRecordedCamera } from '../support/recorded-camera.ts';
import {
  hasRecorded,
  recordingWhen,
  saveClip,
  startRecording,
  stopRecording,
} from '../support/recorder-page.ts';

const SIZE = { width: 160, height: 96 };
/** What the network makes of so small a picture. */
const SHOWN = { width: 320, height: 192 };
/** Seconds between the camera's pictures. */
const INTERVAL = 0.04;

let made: Awaited<ReturnType<typeof temporaryFolder>>;
let clip: string;
let camera: RecordedCamera;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  made = await temporaryFolder();
  clip = join(made.path, 'dark.mp4');
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
  page = await openPage(browser, camera.server.link, 'engine=wasm&model=base');
  await statsWhen(page, ({ framesEnhanced }) => framesEnhanced > 3);
});

afterEach(() => page.context().close());

/** Plays the past from so many µs after its beginning on, once so much is recorded behind that: at its end a new part begins. */
async function playPast(after: number, ahead = 6_000_000): Promise<{ from: number; to: number }> {
  const span = await recordedSpan(page, after + ahead);
  await seekPage(page, span.from + after);
  await statsWhen(page, ({ shownCapturedAt, shownEpoch }) => shownEpoch < 0 && shownCapturedAt! < span.to);
  return span;
}

/** The level of the clip's brightest picture, by a look at every second of it. */
async function brightestDark(): Promise<number> {
  const levels: number[] = [];
  for (let index = 0; index < 500; index += 50)
    levels.push(meanLevel(await frameOf(clip, index, SHOWN.width, SHOWN.height)));
  return Math.max(...levels);
}

describe('a recording of the past, as it is played', () => {
  it('is enhanced, in time, and dated by the server’s record of it', { timeout: 120_000 }, async () => {
    const span = await playPast(1_000_000);
    await startRecording(page, { shows: 'Enhanced' });
    await recordingWhen(page, hasRecorded(3));
    const { clips } = await stopRecording(page);
    const saved = await saveClip(page, clips[0]!, camera.folder);
    expect(clips).toHaveLength(1);
    expect(saved.evidence).toMatchObject({
      captureClock: 'archive',
      end: 'stopped',
      cutOff: false,
      enhancement: [{ enhanced: true, strength: 1, model: 'base', engine: 'wasm', mode: 'super-resolve' }],
    });

    const fact = saved.fact('enhanced');
    const file = saved.path('enhanced');
    expect(fact.from).toBeGreaterThanOrEqual(span.from + 1_000_000);
    expect(fact.from).toBeLessThan(span.to);
    const packets = await packetsOf(file);
    expect(packets).toHaveLength(fact.pictures.kept);
    expect(fact.pictures.enhanced).toBe(fact.pictures.kept);
    const steps = packets.slice(1).map(({ pts }, index) => (pts - packets[index]!.pts) / INTERVAL);
    // Each is a whole number of the camera's pictures after the one before.
    for (const step of steps) expect(step).toBeCloseTo(Math.max(1, Math.round(step)), 1);
    const { duration, ...size } = await probe(file);
    expect(size).toEqual({ codec: 'h264', ...SHOWN });
    expect(duration).toBeGreaterThanOrEqual(3);
    const last = steps.at(-1)! * INTERVAL;
    expect(Math.abs(duration - (fact.to - fact.from) / 1e6 - last)).toBeLessThan(INTERVAL);

    const dark = await brightestDark();
    for (const picture of [0, packets.length - 1])
      expect(meanLevel(await frameOf(file, picture, SHOWN.width, SHOWN.height))).toBeGreaterThan(1.5 * dark);
    await ffmpeg(['-xerror', '-i', file, '-f', 'null', '-']);
    expect(await verifyEvidence(saved.json)).toMatchObject({ holds: true });
  });

  it('goes on in another part, with a clock of its own, when the person goes live or elsewhere in the past', {
    timeout: 120_000,
  }, async () => {
    const span = await playPast(500_000, 20_000_000);
    await startRecording(page, { shows: 'Enhanced' });
    await recordingWhen(page, hasRecorded(1));
    await seekPage(page, span.from + 3_000_000);
    const { seconds } = await recordingWhen(page, hasRecorded(1, 2));
    await recordingWhen(page, hasRecorded(seconds + 1, 2));
    await page.keyboard.press('Shift+L');
    const before = await recordingWhen(page, hasRecorded(1, 3));
    await recordingWhen(page, hasRecorded(before.seconds + 1, 3));
    const { clips } = await stopRecording(page);
    const kept = [];
    for (const id of clips) kept.push(await saveClip(page, id, camera.folder));
    expect(kept.map(({ evidence: { part, captureClock, end } }) => ({ part, captureClock, end }))).toEqual([
      { part: 1, captureClock: 'archive', end: 'new-part' },
      { part: 2, captureClock: 'archive', end: 'new-part' },
      { part: 3, captureClock: 'arrival', end: 'stopped' },
    ]);
    // The picture of that instant may have begun an interval before it.
    expect(kept[1]!.evidence.from).toBeGreaterThan(span.from + 3_000_000 - INTERVAL * 1e6 - 1000);
    for (const { path, fact, json } of kept) {
      expect(await packetsOf(path('enhanced'))).toHaveLength(fact('enhanced').pictures.kept);
      expect(await verifyEvidence(json)).toMatchObject({ holds: true });
    }
  });
});
