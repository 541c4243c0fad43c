import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import { type FfmpegAddress, inputOf } from '../../../server/ingest/ffmpeg-address.ts';
import { ffmpegSource } from '../../../server/ingest/ffmpeg-source.ts';
import { ffmpeg } from '../../support/clip.ts';
import { decodedFrames, temporaryFolder } from '../../support/h264-clip.ts';
import { FLV, type HttpCameraFormat, MJPEG, MPEG_TS, openHttpCamera } from '../../support/http-camera.ts';

const PASSWORD = 'sec/ret@1';

function camera(port: number, more: Partial<FfmpegAddress> = {}): FfmpegAddress {
  const url = `http://127.0.0.1:${port}/live`;
  return { url, username: 'viewer', password: PASSWORD, encode: false, ...more };
}

/** The first units; the connection is then ended as the corridor ends it. */
async function firstUnits(address: FfmpegAddress, count: number): Promise<AccessUnit[]> {
  const stop = new AbortController();
  const units: AccessUnit[] = [];
  for await (const unit of ffmpegSource(address).units(stop.signal)) {
    units.push(unit);
    if (units.length === count) stop.abort();
  }
  return units;
}

/** The arguments of every child of this process that is called ffmpeg, as any user of the machine could read them. */
function childArguments(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return parent === `${process.pid}` && args.startsWith('ffmpeg') ? [args] : [];
      } catch {
        return [];
      }
    });
}

const ours = (): string[] => childArguments().filter((args) => args.includes('frag_every_frame'));

describe('a camera that ffmpeg opens', () => {
  it.each<[string, HttpCameraFormat]>([
    ['MPEG-TS', MPEG_TS],
    ['FLV', FLV],
  ])('gives the H.264 it sends in %s, every picture decodable and in its time', async (_name, format) => {
    await using server = await openHttpCamera(format);
    const units = await firstUnits(camera(server.port), 30);
    const first = units.findIndex(({ key }) => key);
    expect(first).toBe(0);
    expect(units[0]).toMatchObject({ config: { codedWidth: 160, codedHeight: 96 }, timestamp: 0 });
    const steps = units.slice(1).map((unit, index) => unit.timestamp - units[index]!.timestamp);
    for (const step of steps) expect(Math.abs(step - 40_000)).toBeLessThanOrEqual(1_000);
    expect((await decodedFrames(Buffer.concat(units.map(({ data }) => data)))).length).toBe(30);
  });

  it('passes H.265 on as it is', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'night.mkv');
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=25', '-frames:v', '10'];
    await ffmpeg([...picture, '-c:v', 'libx265', '-x265-params', 'log-level=none:bframes=0', '-y', file]);
    const units = await firstUnits({ url: `file:${file}`, encode: false }, 10);
    expect(units[0]).toMatchObject({
      key: true,
      config: { codec: expect.stringMatching(/^hev1\./), codedWidth: 96 },
    });
    expect(units.map(({ timestamp }) => Math.round(timestamp / 40_000))).toEqual(
      units.map((_, index) => index),
    );
  });

  it('encodes what is neither H.264 nor H.265, and does not look again after a reconnect', async () => {
    await using server = await openHttpCamera(MJPEG);
    const source = ffmpegSource(camera(server.port));
    for (const attempt of ['first', 'again']) {
      const stop = new AbortController();
      const units: AccessUnit[] = [];
      for await (const unit of source.units(stop.signal)) {
        expect(ours()[0], attempt).toContain('libx264');
        units.push(unit);
        if (units.length === 5) stop.abort();
      }
      expect(units[0]).toMatchObject({ key: true, config: { codedWidth: 160, codedHeight: 96 } });
      expect((await decodedFrames(Buffer.concat(units.map(({ data }) => data)))).length).toBe(5);
    }
  });

  it('is replayed over and over from a file that is no MP4', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "night's watch.avi");
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=25', '-frames:v', '5'];
    await ffmpeg([...picture, '-c:v', 'mjpeg', '-y', file]);
    const units = await firstUnits({ url: `file:${file}`, encode: false }, 12);
    expect(units.map(({ timestamp }) => Math.round(timestamp / 40_000))).toEqual(
      units.map((_, index) => index),
    );
  });

  it('ends when the camera does', async () => {
    await using server = await openHttpCamera(MPEG_TS);
    let units = 0;
    for await (const _ of ffmpegSource(camera(server.port)).units(new AbortController().signal))
      if (++units === 5) server.hangUp();
    expect(units).toBeGreaterThanOrEqual(5);
    expect(ours()).toEqual([]);
  });

  it('leaves no child behind when it is stopped while nothing comes', async () => {
    await using server = await openHttpCamera({
      contentType: 'video/mp2t',
      args: ['-t', '0.001', '-f', 'null'],
    });
    const stop = new AbortController();
    const units = ffmpegSource(camera(server.port)).units(stop.signal)[Symbol.asyncIterator]();
    const next = units.next();
    while (ours().length === 0) await new Promise(setImmediate);
    stop.abort();
    expect((await next).done).toBe(true);
    expect(ours()).toEqual([]);
  });

  it('never shows its password: not in the arguments of the child, not in its complaint', async () => {
    await using server = await openHttpCamera(MPEG_TS);
    const stop = new AbortController();
    for await (const _ of ffmpegSource(camera(server.port)).units(stop.signal)) {
      expect(ours().length).toBe(1);
      expect(ours().join()).not.toMatch(/sec.{1,4}ret|127\.0\.0\.1/);
      stop.abort();
    }
    const wrong = firstUnits(camera(server.port, { password: 'wrong-secret' }), 1);
    await expect(wrong).rejects.toMatchObject({ code: 'ingest/ffmpeg-failed' });
    await expect(wrong).rejects.toThrow(/401/);
    await expect(wrong).rejects.not.toThrow(/wrong-secret/);
  });

  it.each([
    ['nobody listens', { url: 'http://127.0.0.1:9/live', encode: false }, /refused/i],
    ['the file is not there', { url: 'file:/nowhere/night.avi', encode: false }, /No such file/],
  ])('says what ffmpeg said when %s', async (_what, address, words) => {
    const units = firstUnits(address, 1);
    await expect(units).rejects.toMatchObject({ code: 'ingest/ffmpeg-failed' });
    await expect(units).rejects.toThrow(words);
  });
});

describe("an address for ffmpeg's eyes", () => {
  const refused = (url: string): void =>
    expect(() => inputOf({ url, encode: false })).toThrow(
      expect.objectContaining({ code: 'ingest/bad-url' }),
    );

  it('may name no protocol that reads files, runs programs or joins several', () => {
    for (const url of ['concat:a|b', 'exec:rm', 'pipe:0', 'subfile:,,:/etc/passwd', 'data:x', 'gopher://x'])
      refused(url);
    refused('v4l2:/etc/passwd');
    refused('v4l2:/dev/video0/../../etc/passwd');
  });

  it('cannot break out of the list it is written into', () => {
    refused("http://host/a'\nfile '/etc/passwd");
    const { script } = inputOf({ url: "http://host/it's", encode: false });
    expect(script.split('\n')).toEqual(['ffconcat version 1.0', String.raw`file 'http://host/it'\''s'`, '']);
  });

  it('escapes a user name and a password that would end them early', () => {
    const { script, secrets } = inputOf({ ...camera(80), username: 'a:b' });
    expect(script).toContain('http://a%3Ab:sec%2Fret%401@127.0.0.1:80/live');
    expect(secrets).toEqual(['sec/ret@1', 'sec%2Fret%401']);
  });

  it('lets a network protocol open nothing but itself', () => {
    const { args } = inputOf(camera(80));
    expect(args[args.indexOf('-protocol_whitelist') + 1]).toBe('pipe,http,tcp');
  });
});
