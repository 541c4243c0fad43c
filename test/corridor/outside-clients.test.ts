import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { type Timeline, timelineOf } from '../support/asked-timeline.ts';
import { type FaultyCamera, startFaultyCamera } from '../support/faulty-camera.ts';
import * as faults from '../support/faulty-camera-faults.ts';
import { codedPictures, temporaryFolder } from '../support/h264-clip.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { gstPictureSizes, pictureSizes } from '../support/outside-clients.ts';

const USUAL = { width: 160, height: 96, frames: 50, keyInterval: 25 } as const;
const OTHER = { ...USUAL, width: 128, height: 64 } as const;
const CARRIED = 'token=the-token&sets=in-band';
/** Recorded after each event, µs. */
const WHILE = 4e6;
const WAIT = { timeout: 60_000, interval: 200 };
/** A part. Timestamps begin anew where a camera reconnects: players lose a few pictures there. */
const PART_PICTURES = 8;

describe('players from elsewhere, over all that happens to a camera and its server', () => {
  const opened: AsyncDisposable[] = [];
  let config: string;
  let camera: FaultyCamera;
  let server: Nightglass;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    opened.push(folder);
    camera = await startFaultyCamera(await codedPictures(USUAL));
    opened.push(camera);
    config = join(folder.path, 'nightglass.yaml');
    const settings = {
      cameras: { quay: { url: camera.url, timeshift: { hours: 1, maxGiB: 0.5 } } },
      limits: { pictureTimeoutSeconds: 2 },
    };
    await writeFile(
      config,
      stringify({ dataFolder: join(folder.path, 'data'), token: 'the-token', ...settings }),
    );
    server = await startNightglass('--config', config);
    await recordsOn();
    camera.misbehave(faults.anotherSps(await codedPictures(OTHER)));
    await recordsOn();
    camera.behave();
    await recordsOn();
    camera.misbehave(faults.stall);
    const { length } = await spans();
    await camera.sent(100);
    camera.behave();
    await vi.waitUntil(async () => (await spans()).length > length, WAIT);
    await recordsOn();
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  });

  const spans = async (): Promise<Timeline['spans']> => (await timelineOf(server, 'quay')).spans;

  /** So much more of the camera is recorded. */
  async function recordsOn(): Promise<void> {
    const recorded = async () => (await spans()).reduce((sum, { from, to }) => sum + to - from, 0);
    const before = await recorded();
    await vi.waitUntil(async () => (await recorded()) > before + WHILE, WAIT);
  }

  const live = (): string => `${server.origin}/hls/quay/main.m3u8?${CARRIED}`;

  /** An address of all that is recorded now, and how many pictures that are. */
  async function past(): Promise<{ address: string; pictures: number }> {
    const all = await spans();
    const address = `${server.origin}/hls/quay/past.m3u8?from=${all[0]!.from}&to=${all.at(-1)!.to}&${CARRIED}`;
    const names = (await (await fetch(address)).text()).split('\n').filter((line) => /^past\/\d/.test(line));
    const pictures = names.reduce((sum, name) => sum + Number(name.split('-')[3]), 0);
    return { address, pictures };
  }

  const runsOf = (sizes: readonly string[]): string[] => sizes.filter((size, at) => size !== sizes[at - 1]);
  const usual = '160x96';
  const other = '128x64';

  it('play live what is listed, over another size and an outage', async () => {
    const frames = 150;
    const ffmpeg = await pictureSizes([
      '-live_start_index',
      '0',
      '-read_intervals',
      `%+#${frames}`,
      '-i',
      live(),
    ]);
    expect(ffmpeg).toHaveLength(frames);
    expect(new Set(await gstPictureSizes(live(), 50))).toEqual(new Set([usual]));
  });

  it('play all of the past, in the sizes that it had', async () => {
    const { address, pictures } = await past();
    const byFfmpeg = await pictureSizes(['-i', address]);
    expect(runsOf(byFfmpeg)).toEqual([usual, other, usual]);
    const byGst = await gstPictureSizes(address);
    expect(runsOf(byGst)).toEqual([usual, other, usual]);
    expect(byFfmpeg.length).toBeGreaterThanOrEqual(pictures - 3 * PART_PICTURES);
    expect(byGst.length).toBeGreaterThanOrEqual(pictures - 3 * PART_PICTURES);
  });

  it('play live and the past again when the server was killed and started anew', async () => {
    const before = await past();
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    server = await startNightglass('--config', config, '--port', new URL(server.origin).port);
    await recordsOn();
    expect(await pictureSizes(['-read_intervals', '%+#25', '-i', live()])).toEqual(Array(25).fill(usual));
    expect(await gstPictureSizes(live(), 25)).toContain(usual);
    const after = await past();
    expect(after.pictures).toBeGreaterThan(before.pictures);
    expect(runsOf(await pictureSizes(['-i', after.address]))).toEqual([usual, other, usual]);
  });
});
