import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lengthPrefixed } from '../../../client/record/length-prefixed.ts';
import { Mp4Track } from '../../../client/record/mp4-track.ts';
import { Mp4Fragments } from '../../../server/packets/mp4-fragments.ts';
import { H264_SHAPE, H265_SHAPE } from '../../support/annex-b.ts';
import { frameChecksums } from '../../support/clip.ts';
import { encodeClip, storedPictures, temporaryFolder } from '../../support/h264-clip.ts';
import { encodeH265Clip } from '../../support/h265-clip.ts';
import { packetsOf, probe } from '../../support/probe.ts';

const SIZE = { width: 320, height: 192 };
const H264 = { codec: 'avc1.640028', codedWidth: SIZE.width, codedHeight: SIZE.height };
const H265 = { ...H264, codec: 'hvc1.1.6.L60.90' };
const START_CODE = Buffer.of(0, 0, 0, 1);

const annexB = (nals: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(nals.flatMap((nal) => [START_CODE, nal]));

interface Recorded extends AsyncDisposable {
  /** What the camera sent. */
  readonly source: string;
  readonly pictures: readonly Uint8Array[];
  readonly file: string;
  /** The file's bytes as they were appended. */
  readonly appended: readonly Uint8Array[];
}

/** A clip of three seconds written as a recording is, the camera's clock an hour on. */
async function recorded(codec: 'h264' | 'hevc', keyInterval: number, bFrames: number): Promise<Recorded> {
  const folder = await temporaryFolder();
  const source = join(folder.path, 'camera.mp4');
  const clip = { ...SIZE, frames: 75, keyInterval, bFrames };
  await (codec === 'h264' ? encodeClip(source, clip) : encodeH265Clip(source, clip));
  const stored = await storedPictures(source, codec, codec === 'h264' ? H264_SHAPE : H265_SHAPE);
  const appended: Uint8Array[] = [];
  const track = new Mp4Track((bytes) => appended.push(bytes));
  const pictures = stored.map(({ nals }) => annexB(nals));
  for (const [index, { timestamp }] of stored.entries()) {
    const picture = { data: pictures[index]!, key: index % keyInterval === 0 };
    const microseconds = 3_600_000_000 + Math.round((timestamp * 1e6) / 90_000);
    await track.add({ ...picture, timestamp: microseconds }, codec === 'h264' ? H264 : H265);
  }
  track.finish();
  expect(track.duration).toBe(3_000_000);
  const file = join(folder.path, 'clip.mp4');
  await writeFile(file, Buffer.concat(appended));
  return { source, pictures, file, appended, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe('a recorded MP4 file', () => {
  it.each([
    ['H.264', 'h264', 25, 0],
    ['H.264 with pictures out of order', 'h264', 25, 2],
    ['H.264 of a camera that sends key units seldom', 'h264', 75, 0],
    ['H.264 with pictures out of order, and few key units', 'h264', 75, 2],
    ['H.265', 'hevc', 25, 2],
  ] as const)('holds %s at the camera’s own times, and all of its bytes', async (_, codec, keys, bFrames) => {
    await using clip = await recorded(codec, keys, bFrames);
    expect(await probe(clip.file)).toMatchObject({ ...SIZE, codec, duration: expect.closeTo(3, 2) });
    const packets = await packetsOf(clip.file);
    expect(packets).toHaveLength(75);
    const times = packets.map(({ pts }) => pts).sort((a, b) => a - b);
    // Of pictures out of order ffmpeg calls the first one late by as much as they are reordered.
    expect(times[0]).toBeCloseTo(0, bFrames > 0 ? 0 : 5);
    expect(times.map((time) => time - times[0]!)).toEqual(
      times.map((_, index) => expect.closeTo(index / 25, 5)),
    );
    for (const [index, { dts }] of packets.slice(1).entries())
      expect(dts).toBeGreaterThan(packets[index]!.dts);
    // A fragment that begins at a key unit has its pictures decoded evenly.
    if (keys === 25)
      for (const [index, { dts }] of packets.entries())
        expect(dts - packets[0]!.dts).toBeCloseTo(index / 25, 4);
    expect(packets.map(({ key }) => key)).toEqual(packets.map((_, index) => index % keys === 0));

    const samples = [...new Mp4Fragments().push(Buffer.concat(clip.appended))].flatMap((item) =>
      item.kind === 'sample' ? [item.data] : [],
    );
    expect(samples.map((data) => Buffer.from(data))).toEqual(
      clip.pictures.map((picture) => Buffer.from(lengthPrefixed(picture))),
    );
    expect(await frameChecksums(['-i', clip.file])).toEqual(await frameChecksums(['-i', clip.source]));
  });

  it('can be played wherever it was cut off, at most a second of pictures short', async () => {
    await using clip = await recorded('h264', 75, 0);
    expect(clip.appended).toHaveLength(4);
    for (const [pieces, frames] of [
      [2, 25],
      [3, 50],
    ] as const) {
      await writeFile(clip.file, Buffer.concat(clip.appended.slice(0, pieces)));
      expect(await frameChecksums(['-i', clip.file])).toHaveLength(frames);
    }
  });

  it('keeps a gap in the camera’s pictures as it was', async () => {
    const appended: Uint8Array[] = [];
    await using clip = await recorded('h264', 25, 0);
    const track = new Mp4Track((bytes) => appended.push(bytes));
    for (const [index, data] of clip.pictures.entries()) {
      const timestamp = index * 40_000 + (index >= 25 ? 7_000_000 : 0);
      await track.add({ data, key: index % 25 === 0, timestamp }, H264);
    }
    track.finish();
    await writeFile(clip.file, Buffer.concat(appended));
    const packets = await packetsOf(clip.file);
    expect(packets[25]!.pts - packets[24]!.pts).toBeCloseTo(7.04, 4);
    expect((await probe(clip.file)).duration).toBeCloseTo(10, 2);
  });
});

describe('NAL units behind their lengths', () => {
  const cases: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ['of one unit', [0, 0, 0, 1, 9, 8], [0, 0, 0, 2, 9, 8]],
    [
      'of two, one behind a start code of three bytes',
      [0, 0, 0, 1, 9, 0, 0, 1, 7],
      [0, 0, 0, 1, 9, 0, 0, 0, 1, 7],
    ],
    [
      'without the zero bytes between and after them',
      [0, 0, 0, 0, 1, 9, 0, 0, 0, 0, 1, 7, 0, 0],
      [0, 0, 0, 1, 9, 0, 0, 0, 1, 7],
    ],
    [
      'with ones and zeros that are no start code',
      [0, 0, 1, 1, 0, 1, 0, 0, 3, 1, 1],
      [0, 0, 0, 8, 1, 0, 1, 0, 0, 3, 1, 1],
    ],
    ['of nothing', [], []],
    ['of a start code and nothing after it', [0, 0, 1, 5, 0, 0, 1], [0, 0, 0, 1, 5]],
  ];
  it.each(cases)('are those %s', (_, given, expected) => {
    expect([...lengthPrefixed(Uint8Array.from(given))]).toEqual(expected);
  });
});
