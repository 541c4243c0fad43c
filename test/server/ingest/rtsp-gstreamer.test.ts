/** The client against another maker's camera: GStreamer's RTSP server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RtspCamera } from '../../../server/ingest/rtsp-session.ts';
import { rtspSource } from '../../../server/ingest/rtsp-source.ts';
import type { AccessUnit } from '../../../server/wire/access-unit.ts';
import { ffmpeg } from '../../support/clip.ts';
import { startGstCamera } from '../../support/gst-camera.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightglass-gst-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The first units of a camera. */
async function firstUnits(camera: RtspCamera, count: number): Promise<AccessUnit[]> {
  const units: AccessUnit[] = [];
  for await (const unit of rtspSource(camera).units(new AbortController().signal))
    if (units.push(unit) === count) break;
  return units;
}

/** How a camera fails; 'no error' when it ends well. */
async function codeOf(camera: RtspCamera): Promise<unknown> {
  try {
    await firstUnits(camera, 1);
    return 'no error';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

/** How many frames ffmpeg decodes of these units; throws when it complains of any. */
async function framesOf(units: readonly AccessUnit[]): Promise<number> {
  const file = join(folder, `${units.length}.h264`);
  await writeFile(file, Buffer.concat(units.map(({ data }) => data)));
  const sums = await ffmpeg(['-xerror', '-f', 'h264', '-i', file, '-f', 'framemd5', '-']);
  return sums
    .toString()
    .split('\n')
    .filter((line) => /^\d/.test(line)).length;
}

test('every picture of a test picture decodes, with audio offered and left alone', async () => {
  await using camera = await startGstCamera({ width: 160, height: 96, gop: 10, audio: true });
  const units = await firstUnits({ url: camera.url }, 40);
  expect(units[0]).toMatchObject({
    key: true,
    config: { codedWidth: 160, codedHeight: 96, format: 'annexb' },
  });
  expect(await framesOf(units)).toBe(40);
});

test('a file is looped, every picture decodes and the timestamps run on', async () => {
  const file = join(folder, 'loop.mp4');
  const encode = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', '10', '-pix_fmt', 'yuv420p'];
  await ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=s=160x96:r=25:d=1', ...encode, file]);
  await using camera = await startGstCamera({ file });
  const units = await firstUnits({ url: camera.url }, 60);
  const steps = units.slice(1).map((unit, index) => unit.timestamp - units[index]!.timestamp);
  expect(Math.min(...steps)).toBeGreaterThan(39_000);
  expect(Math.max(...steps)).toBeLessThan(41_000);
  expect(await framesOf(units)).toBe(60);
});

test.each(['basic', 'digest'] as const)(
  'signs in by %s, and is refused with a wrong password or none',
  async (auth) => {
    const credentials = { user: 'ka i', password: 'p:w@/?' };
    await using camera = await startGstCamera({ width: 160, height: 96, auth, ...credentials });
    const { url } = camera;
    expect(await firstUnits({ url, username: 'ka i', password: 'p:w@/?' }, 1)).toHaveLength(1);
    expect(await codeOf({ url, username: 'ka i', password: 'wrong' })).toBe('ingest/unauthorised');
    expect(await codeOf({ url })).toBe('ingest/unauthorised');
  },
);

test('a path it does not know, and a codec that is not carried', async () => {
  await using camera = await startGstCamera({ codec: 'mjpeg', width: 160, height: 96 });
  expect(await codeOf({ url: camera.url.replace('/camera', '/nothing') })).toBe('ingest/not-found');
  expect(await codeOf({ url: camera.url })).toBe('packets/unsupported-codec');
});

test('a camera that dies ends its units with a reason, and is found again on its port', async () => {
  await using first = await startGstCamera({ width: 160, height: 96 });
  const units = rtspSource({ url: first.url }).units(new AbortController().signal);
  await expect(
    (async () => {
      for await (const unit of units) if (unit.key) await first.kill();
    })(),
  ).rejects.toMatchObject({ code: 'ingest/closed' });
  expect(await codeOf({ url: first.url })).toBe('ingest/refused');
  await using again = await startGstCamera({ width: 160, height: 96, port: first.port });
  expect(await firstUnits({ url: again.url }, 2)).toHaveLength(2);
});
