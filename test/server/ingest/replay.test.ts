import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import { wallNow } from '#wire/time.ts';
import { replaySource } from '../../../server/ingest/replay.ts';
import { H265_SHAPE, nalTypes } from '../../support/annex-b.ts';
import { ffmpeg } from '../../support/clip.ts';
import { decodedFrames, encodeClip, temporaryFolder } from '../../support/h264-clip.ts';
import { encodeH265Clip } from '../../support/h265-clip.ts';

const FRAMES = 10;
const FRAME_US = 40_000;
const LOOP_US = FRAMES * FRAME_US;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  const clip = { width: 96, height: 64, frames: FRAMES, keyInterval: 5 };
  await encodeClip(at('clip.mp4'), clip);
  await encodeClip(at('reordered.mp4'), { ...clip, bFrames: 2, x264: 'b-adapt=0' });
});
afterAll(() => folder[Symbol.asyncDispose]());

/** The first units of a replay, which is stopped after them as the corridor stops it. */
async function firstUnits(count: number, name = 'clip.mp4', loop = true): Promise<AccessUnit[]> {
  const stop = new AbortController();
  const units: AccessUnit[] = [];
  for await (const unit of replaySource({ file: at(name), loop }).units(stop.signal)) {
    units.push(unit);
    if (units.length === count) stop.abort();
  }
  return units;
}

const dataOf = (units: readonly AccessUnit[]): Uint8Array => Buffer.concat(units.map((unit) => unit.data));
const times = (units: readonly AccessUnit[]): number[] => units.map((unit) => unit.timestamp);

describe('a replayed clip', () => {
  it('runs on without a break where it begins again, the last picture’s time counted', async () => {
    const units = await firstUnits(2 * FRAMES + 1);
    expect(times(units)).toEqual(units.map((_, index) => index * FRAME_US));
    expect(dataOf(units.slice(FRAMES, 2 * FRAMES))).toEqual(dataOf(units.slice(0, FRAMES)));
  });

  it('comes no faster than it was taken, and each picture is captured as it comes', async () => {
    const stop = new AbortController();
    const opened = wallNow();
    let first: number | undefined;
    for await (const unit of replaySource({ file: at('clip.mp4'), loop: true }).units(stop.signal)) {
      const now = performance.now();
      first ??= now;
      // A timer may fire a millisecond early.
      expect((now - first) * 1000).toBeGreaterThanOrEqual(unit.timestamp - 2_000);
      expect(unit.capturedAt).toBeGreaterThanOrEqual(opened);
      expect(unit.capturedAt).toBeLessThanOrEqual(wallNow());
      expect(unit.captureClock).toBe('arrival');
      if (unit.timestamp > LOOP_US) stop.abort();
    }
  });

  it('is Annex B with parameter sets at the head of each key unit', async () => {
    const units = await firstUnits(FRAMES);
    expect(units.map((unit) => unit.key)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => n % 5 === 0));
    for (const unit of units)
      if (unit.key) {
        expect(nalTypes(unit.data).slice(0, 2)).toEqual([7, 8]);
        expect(unit.config).toEqual({
          codec: expect.stringMatching(/^avc1\.6400[0-9A-F]{2}$/),
          codedWidth: 96,
          codedHeight: 64,
          format: 'annexb',
        });
      }
    const file = await ffmpeg(['-i', at('clip.mp4'), '-c', 'copy', '-f', 'h264', '-']);
    expect(await decodedFrames(dataOf(units))).toEqual(await decodedFrames(file));
  });

  it('with reordered pictures keeps their times and their order of decoding', async () => {
    const units = await firstUnits(FRAMES + 1, 'reordered.mp4');
    expect(times(units)).not.toEqual(times(units).toSorted((a, b) => a - b));
    expect(times(units.slice(0, FRAMES)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: FRAMES }, (_, index) => index * FRAME_US),
    );
    expect(units[FRAMES]).toMatchObject({ key: true, timestamp: LOOP_US });
    expect(await decodedFrames(dataOf(units.slice(0, FRAMES)))).toHaveLength(FRAMES);
  });

  it('of H.265 is Annex B with parameter sets at the head of each key unit too', async () => {
    const clip = { width: 96, height: 64, frames: FRAMES, keyInterval: 4, bFrames: 2, openGop: true };
    await encodeH265Clip(at('h265.mp4'), clip);
    const units = await firstUnits(FRAMES, 'h265.mp4');
    const config = { codec: 'hev1.1.6.L30.90', codedWidth: 96, codedHeight: 64, format: 'annexb' };
    for (const unit of units)
      if (unit.key) {
        expect(nalTypes(unit.data, H265_SHAPE).slice(0, 3)).toEqual([32, 33, 34]);
        expect(unit.config).toEqual(config);
      }
    const toAnnexB = ['-c', 'copy', '-bsf:v', 'hevc_mp4toannexb', '-f', 'hevc', '-'];
    const file = await ffmpeg(['-i', at('h265.mp4'), ...toAnnexB]);
    const frames = await decodedFrames(file, 'strict', 'hevc');
    expect(await decodedFrames(dataOf(units), 'strict', 'hevc')).toEqual(frames);
    expect(units.filter((unit) => unit.key)).toHaveLength(3);
  });

  it('of H.265 that begins with an open GOP leaves out what refers to before it, in every round', async () => {
    const clip = { width: 96, height: 64, frames: 13, keyInterval: 5, bFrames: 2, openGop: true };
    await encodeH265Clip(at('whole.mp4'), clip);
    const fromSecondKey = ['-ss', '0.2', '-i', at('whole.mp4'), '-c', 'copy', '-tag:v', 'hvc1'];
    await ffmpeg([...fromSecondKey, at('open.mp4')]);
    const units = await firstUnits(16, 'open.mp4');
    const types = units.map(({ data }) => nalTypes(data, H265_SHAPE).find(H265_SHAPE.isSlice));
    // CRA is 21; RASL, which is 8 or 9, stands only behind the CRA in the middle.
    const round = [21, 1, 1, 0, 21, 8, 1, 0];
    expect(types).toEqual([...round, ...round]);
  });

  it('ends after its last picture when it is not looped', async () => {
    expect(await firstUnits(1000, 'clip.mp4', false)).toHaveLength(FRAMES);
  });

  it('stops at once when it is told to, even while it waits for the next picture', async () => {
    const everyTenMinutes = ['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=1/600', '-frames:v', '2'];
    await ffmpeg([...everyTenMinutes, '-c:v', 'libx264', at('slow.mp4')]);
    const stop = new AbortController();
    const source = replaySource({ file: at('slow.mp4'), loop: true });
    const units = source.units(stop.signal)[Symbol.asyncIterator]();
    await units.next();
    const next = units.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('plays from its beginning at every connection', async () => {
    const source = replaySource({ file: at('clip.mp4'), loop: true });
    for (let connection = 0; connection < 2; connection++)
      for await (const unit of source.units(new AbortController().signal)) {
        expect(unit).toMatchObject({ key: true, timestamp: 0 });
        break;
      }
  });
});

describe('a file that cannot be replayed', () => {
  beforeAll(async () => {
    await writeFile(at('text.mp4'), 'not a film');
    await writeFile(at('empty.mp4'), '');
    await writeFile(at('half.mp4'), (await readFile(at('clip.mp4'))).subarray(0, 2000));
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=25', '-frames:v', '5'];
    await ffmpeg([...picture, '-c:v', 'mpeg4', at('mpeg4.mp4')]);
    await ffmpeg([...picture, '-c:v', 'libx264', at('film.mkv')]);
    await ffmpeg(['-f', 'lavfi', '-i', 'sine=duration=0.2', at('sound.mp4')]);
  });

  it.each([
    ['missing.mp4', 'there is no such file'],
    ['text.mp4', 'it is another kind of file, or broken'],
    ['empty.mp4', 'it is another kind of file, or broken'],
    ['half.mp4', 'it has no video track'],
    ['mpeg4.mp4', 'its video is of an unknown codec, not H.264 or H.265'],
    ['film.mkv', 'it is another kind of file, or broken'],
    ['sound.mp4', 'it has no video track'],
  ])('is named with what is wrong with it: %s', async (name, reason) => {
    await expect(firstUnits(1, name)).rejects.toMatchObject({
      code: 'ingest/unreadable-file',
      message: `an MP4 file with H.264 or H.265 video was expected at ${at(name)}: ${reason}`,
    });
  });
});
