/** H.265 of another maker's camera: GStreamer's RTSP server. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rtspSource } from '../../../server/ingest/rtsp-source.ts';
import type { AccessUnit } from '../../../server/wire/access-unit.ts';
import { ffmpeg } from '../../support/clip.ts';
import { startGstCamera } from '../../support/gst-camera.ts';
import { decodedFrames, temporaryFolder } from '../../support/h264-clip.ts';
import { encodeH265Clip } from '../../support/h265-clip.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

/** The first units of a camera. */
async function firstUnits(url: string, count: number): Promise<AccessUnit[]> {
  const units: AccessUnit[] = [];
  for await (const unit of rtspSource({ url }).units(new AbortController().signal))
    if (units.push(unit) === count) break;
  return units;
}

const framesOf = (units: readonly AccessUnit[]): Promise<string[]> =>
  decodedFrames(Buffer.concat(units.map(({ data }) => data)), 'strict', 'hevc');

/** A file's own stream, as ffmpeg takes it out. */
const stored = (file: string): Promise<Buffer> =>
  ffmpeg(['-i', file, '-c', 'copy', '-bsf:v', 'hevc_mp4toannexb', '-f', 'hevc', '-']);

test('every picture of an H.265 test picture decodes', async () => {
  await using camera = await startGstCamera({ codec: 'h265', width: 160, height: 96, gop: 10 });
  const units = await firstUnits(camera.url, 40);
  expect(units[0]).toMatchObject({
    key: true,
    config: { codec: expect.stringMatching(/^hev1\.1\.6\.L\d+\./), codedWidth: 160, codedHeight: 96 },
  });
  expect(units.filter(({ key }) => key).length).toBeGreaterThan(2);
  expect(await framesOf(units)).toHaveLength(40);
});

test.each([
  ['closed', false],
  ['open', true],
])('a file with B pictures in %s GOPs comes as it is: frames, order and times', async (_, openGop) => {
  const file = join(folder.path, 'b-pictures.mp4');
  await encodeH265Clip(file, { width: 160, height: 96, frames: 25, keyInterval: 8, bFrames: 3, openGop });
  await using camera = await startGstCamera({ file, codec: 'h265' });
  const units = await firstUnits(camera.url, 25);
  expect(units.map(({ key }) => key).filter(Boolean)).toHaveLength(4);
  expect(await framesOf(units)).toEqual(await decodedFrames(await stored(file), 'strict', 'hevc'));
  const times = units.map(({ timestamp }) => timestamp);
  const shown = times.toSorted((a, b) => a - b);
  expect(times).not.toEqual(shown);
  for (const [index, time] of shown.entries()) expect(time).toBeCloseTo(index * 40_000, -2);
});
