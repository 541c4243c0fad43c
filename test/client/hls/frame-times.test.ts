import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameTimes } from '../../../client/hls/frame-times.ts';
import { ffmpeg } from '../../support/clip.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightglass-times-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** What an HLS player appends of a clip that ffmpeg made: the init segment and the fragments. */
async function appended(name: string, source: string, ...encode: string[]): Promise<Uint8Array[]> {
  const list = join(folder, `${name}.m3u8`);
  await ffmpeg([
    ...['-f', 'lavfi', '-i', source, '-c:v', 'libx264', '-g', '50', ...encode, '-f', 'hls', '-hls_time', '2'],
    ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', `${name}-init.mp4`, list],
  ]);
  const files = (await readdir(folder)).filter((file) => file.startsWith(name) && !file.endsWith('.m3u8'));
  return Promise.all(files.sort((a, b) => order(a) - order(b)).map((file) => readFile(join(folder, file))));
}

const order = (file: string): number => (file.includes('init') ? -1 : Number(/(\d+)\.m4s/.exec(file)![1]));

describe('the times of frames', () => {
  it('follow one another without a hole, over fragments and with frames that are shown in another order', async () => {
    const times = new FrameTimes();
    for (const bytes of await appended('b', 'testsrc=rate=25:duration=4:size=64x64', '-bf', '2'))
      times.add(bytes);
    const first = Array.from({ length: 10 }, (_, frame) => frame / 25).find((start) => times.endAt(start))!;
    // ffmpeg moves the whole clip on by the two frames that a decoder holds back.
    expect(first).toBeCloseTo(0.08, 4);
    let at = first;
    for (let frame = 1; frame < 100; frame++) {
      expect(times.endAt(at)).toBeCloseTo(first + frame / 25, 4);
      at = times.endAt(at)!;
    }
  });

  it('are those of a camera that does not keep its rate', async () => {
    const times = new FrameTimes();
    const uneven = "testsrc=rate=50:duration=4:size=64x64,select='not(mod(n\\,3))+not(mod(n\\,7))'";
    for (const bytes of await appended('v', uneven, '-bf', '0', '-fps_mode', 'vfr')) times.add(bytes);
    expect([0, 0.06, 0.12, 0.14, 0.18].map((at) => times.endAt(at))).toEqual(
      [0.06, 0.12, 0.14, 0.18, 0.24].map((end) => expect.closeTo(end, 4)),
    );
  });

  it('are unknown where nothing was appended, and for what is no fragment', () => {
    const times = new FrameTimes();
    times.add(new Uint8Array([0, 0, 0, 9, 109, 111, 111, 102, 0, 0, 0, 255]));
    times.add(new Uint8Array(3));
    expect(times.endAt(0)).toBeUndefined();
  });
});
