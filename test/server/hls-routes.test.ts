import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import { ffmpeg } from '../support/clip.ts';
import { fragmentsOf } from '../support/hls-fragments.ts';
import { readPlaylist } from '../support/hls-playlist.ts';
import { type HlsServer, serveHls } from '../support/hls-server.ts';
import { clipUnits, later } from '../support/hls-units.ts';

const CLIP = { width: 128, height: 96, frames: 150, keyInterval: 50 } as const;
const CLIP_MICROS = 6_000_000;

/** A server whose camera has been played for seven seconds. */
async function playing(units: readonly AccessUnit[]): Promise<HlsServer> {
  const server = await serveHls();
  const answer = server.ask('main.m3u8');
  await vi.waitFor(() => expect(server.stream.readers).toBe(1));
  server.publish([...units, ...later(units.slice(0, 25), CLIP_MICROS)]);
  await answer;
  return server;
}

async function signIn(server: HlsServer): Promise<string> {
  const response = await fetch(`${server.origin}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'office', password: 'in the office' }),
  });
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('HLS over HTTP', () => {
  let server: HlsServer;
  let files: readonly string[];

  beforeAll(async () => {
    server = await playing(await clipUnits({ codec: 'h264', ...CLIP }));
    const { segments } = readPlaylist(await (await server.ask('main.m3u8')).text());
    const [{ map, parts, whole } = { map: '', parts: [], whole: undefined }] = segments;
    files = ['index.m3u8', 'main.m3u8', map!, whole!.uri, parts[0]!.uri];
  });

  afterAll(() => server[Symbol.asyncDispose]());

  const status = async (path: string, headers: Record<string, string>): Promise<number> =>
    (await fetch(`${server.origin}/hls/${path}`, { headers })).status;

  it('gives everything of a camera to who may see it, by cookie and by token', async () => {
    const cookie = await signIn(server);
    for (const file of files) {
      expect(await status(`quay/${file}`, { cookie })).toBe(200);
      expect(await status(`quay/${file}`, { authorization: 'Bearer the-token' })).toBe(200);
    }
  });

  it('gives nothing to who is not signed in', async () => {
    for (const file of files) {
      expect(await status(`quay/${file}`, {})).toBe(401);
      expect(await status(`quay/${file}`, { cookie: 'nightglass=nonsense' })).toBe(401);
      expect(await status(`quay/${file}`, { authorization: 'Bearer wrong' })).toBe(401);
    }
  });

  it('answers of a camera that the viewer may not see as of one that is not there', async () => {
    const cookie = await signIn(server);
    for (const file of files) {
      const hidden = await fetch(`${server.origin}/hls/bridge/${file}`, { headers: { cookie } });
      const absent = await fetch(`${server.origin}/hls/bridgf/${file}`, { headers: { cookie } });
      expect([hidden.status, absent.status]).toEqual([404, 404]);
      expect((await hidden.text()).replace('bridge', 'bridgf')).toBe(await absent.text());
    }
  });

  it('says what each thing is, and what may be kept of it', async () => {
    const told = await Promise.all(
      files.map(async (file) => {
        const { headers } = await server.ask(file);
        return [headers.get('content-type')?.split(';')[0], headers.get('cache-control')];
      }),
    );
    const playlist = ['application/vnd.apple.mpegurl', 'no-store'];
    const media = ['video/mp4', 'private, max-age=3600, immutable'];
    expect(told).toEqual([playlist, playlist, media, media, media]);
  });

  it.each([
    'other.m3u8',
    'main/0.m4s',
    'main/x.m4s',
    'main/init-0000000000000000.mp4',
    'main/..%2f..%2fpackage.json',
    'constructor.m3u8',
  ])('has no %s', async (path) => {
    const response = await server.ask(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'http/not-found' });
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('names the codec, the size and the bandwidth of an H.264 camera, and nothing beside it', async () => {
    const text = await (await server.ask('index.m3u8')).text();
    expect(text).toMatch(/BANDWIDTH=\d{4,},CODECS="avc1\.64000A",RESOLUTION=128x96\nmain\.m3u8\n$/);
    expect(text.match(/m3u8/g)).toHaveLength(1);
  });

  it('carries the token on into every address, for players that send headers with the playlist alone', async () => {
    const cookie = await signIn(server);
    for (const file of ['index.m3u8', 'main.m3u8']) {
      const text = await (await server.ask(`${file}?token=the-token&_HLS_skip=YES`, {})).text();
      const named = text.match(/[\w./-]+\.(?:m3u8|m4s|mp4)(?:\?[^"\n]*)?/g)!;
      expect(named.length).toBeGreaterThan(0);
      expect(named.map((address) => address.split('?')[1])).toEqual(named.map(() => 'token=the-token'));
      for (const address of named.slice(0, 3)) expect((await server.ask(address, {})).status).toBe(200);
      expect(await (await server.ask(file, { cookie })).text()).not.toContain('?');
    }
  });

  it('writes what it carries on so that it stays within its address', async () => {
    const cookie = await signIn(server);
    const answer = await server.ask(`main.m3u8?token=the-token%22%0A%23EXT-X-KEY`, { cookie });
    expect(answer.status).toBe(401);
    const bearer = { authorization: 'Bearer the-token' };
    const text = await (await server.ask('main.m3u8?token=a%22%0A%23EXT-X-ENDLIST', bearer)).text();
    expect(text).not.toContain('\n#EXT-X-ENDLIST');
    expect(readPlaylist(text).segments[0]!.map).toMatch(/\.mp4\?token=a%22%0A%23EXT-X-ENDLIST$/);
  });

  it('gives parameter sets in band to who asks for them, under the names that say so', async () => {
    const index = await (await server.ask('index.m3u8?sets=in-band')).text();
    expect(index).toMatch(/CODECS="avc3\.64000A",RESOLUTION=128x96\nmain\.m3u8\?sets=in-band\n$/);
    const { segments } = readPlaylist(await (await server.ask('main.m3u8?sets=in-band')).text());
    const [{ map, parts, whole }] = segments as [(typeof segments)[number]];
    expect(Buffer.from((await server.get(map!)).bytes).includes('avc3')).toBe(true);
    const both = await Promise.all(
      [whole!.uri, parts[0]!.uri].map(async (uri) => (await server.get(uri)).bytes),
    );
    for (const bytes of both) expect(fragmentsOf(bytes)[0]!.keyFirst).toBe(true);
    const apart = (await server.get(whole!.uri.split('?')[0]!)).bytes;
    expect(both[0]!.length).toBeGreaterThan(apart.length);
    expect((await server.ask('main.m3u8?sets=other')).status).toBe(400);
  });

  it.each([
    ['a token', () => 'Authorization: Bearer the-token'],
    ['a cookie', async () => `Cookie: ${await signIn(server)}`],
  ])('plays in ffmpeg with %s, every picture once', async (_, header) => {
    const input = [
      '-headers',
      `${await header()}\r\n`,
      '-live_start_index',
      '0',
      '-i',
      `${server.origin}/hls/quay/index.m3u8`,
    ];
    const output = await ffmpeg([
      ...input,
      '-frames:v',
      '100',
      '-fps_mode',
      'passthrough',
      '-f',
      'framemd5',
      '-',
    ]);
    const frames = output
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('0,'));
    expect(frames).toHaveLength(100);
    expect(new Set(frames.map((line) => line.split(',').at(-1))).size).toBe(100);
  });

  /** ffmpeg passes over a second init segment: its own limit. */
  it('plays in ffmpeg over an outage and another epoch of the same parameter sets', async () => {
    const units = await clipUnits({ codec: 'h264', ...CLIP });
    await using server = await playing(units.slice(0, 75));
    server.lose();
    await server.ask('main.m3u8');
    server.publish(later([...units, ...later(units.slice(0, 10), CLIP_MICROS)], 90_000_000));
    const address = `${server.origin}/hls/quay/main.m3u8`;
    const input = [
      '-headers',
      'Authorization: Bearer the-token\r\n',
      '-live_start_index',
      '0',
      '-i',
      address,
    ];
    const output = await ffmpeg([
      ...input,
      '-frames:v',
      '170',
      '-fps_mode',
      'passthrough',
      '-f',
      'framemd5',
      '-',
    ]);
    expect(
      output
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('0,')),
    ).toHaveLength(170);
  });
});

describe('HLS of an H.265 camera', () => {
  it('offers H.264 of it too, which plays', async () => {
    const units = await clipUnits({ codec: 'h265', ...CLIP });
    await using server = await playing(units);
    const text = await (await server.ask('index.m3u8')).text();
    expect(text).toMatch(/CODECS="hvc1\.1\.6\.L30\.90",RESOLUTION=128x96\nmain\.m3u8\n/);
    expect(text).toMatch(/CODECS="avc1\.64001F",RESOLUTION=128x96\nmain-h264\.m3u8\n/);
    const asked = server.ask('main-h264.m3u8');
    await expect.poll(() => server.stream.readers).toBe(2);
    server.publish(later(units.slice(50), CLIP_MICROS));
    server.publish(later(units, 2 * CLIP_MICROS));
    const { segments } = readPlaylist(await (await asked).text());
    const init = await server.get(segments[0]!.map!);
    expect(Buffer.from(init.bytes).includes('avc1')).toBe(true);
  });
});
