import { rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import { wallMicros } from '#wire/time.ts';
import { createAccess } from '../../server/access.ts';
import { Camera } from '../../server/camera.ts';
import { CameraHls } from '../../server/camera-hls.ts';
import { readRequest } from '../../server/config.ts';
import { Encoders } from '../../server/encoders.ts';
import { Archive } from '../../server/hls/archive.ts';
import { type HttpServer, openHttp } from '../../server/http.ts';
import { Renditions } from '../../server/renditions.ts';
import { frameChecksums } from '../support/clip.ts';
import { at, initOf, namesIn, segmentAt, temporaryFolder } from '../support/hls-segments.ts';
import { CAPTURED, clipUnits, later } from '../support/hls-units.ts';
import { pictureSizes } from '../support/outside-clients.ts';
import { PAGE_FOLDERS } from '../support/page-folders.ts';

const FILE = `
users: [{ name: office, password: in the office, cameras: [quay] }]
cameras:
  quay: { url: 'rtsp://127.0.0.1/quay' }
  bridge: { url: 'rtsp://127.0.0.1/bridge' }
  plain: { url: 'rtsp://127.0.0.1/plain' }
`;
const TOKEN = { authorization: 'Bearer the-token' };

const silent = {
  async *units(signal: AbortSignal): AsyncGenerator<AccessUnit, void, undefined> {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  },
};

describe('the past over HTTP', () => {
  let opened: AsyncDisposable[];
  let server: HttpServer;
  let archive: Archive;
  let camera: Camera;
  let folder: string;
  let hls: CameraHls;

  beforeEach(async () => {
    opened = [];
    const request = readRequest(['--config', 'x', '--token', 'the-token', '--port', '0'], () => FILE, '');
    if (request.kind !== 'serve') throw new Error('not to serve');
    // No camera goes away for want of pictures: what they send comes from the test.
    const limits = { ...request.config.limits, pictureTimeoutSeconds: 600 };
    const config = { ...request.config, limits };
    const log = pino({ level: 'silent' });
    folder = own(await temporaryFolder()).path;
    const archives = new Map(
      ['quay', 'bridge'].map((name) => [
        name,
        own(Archive.open(join(folder, name), { hours: 2, maxGiB: 1, freeGiB: 0 }, log, () => at(0))),
      ]),
    );
    archive = archives.get('quay')!;
    const cameras = new Map(
      config.cameras.map((settings) => [settings.name, new Camera(settings, silent, config.limits, log)]),
    );
    camera = cameras.get('quay')!;
    const renditions = new Map(
      [...cameras].map(([name, main]) => [
        name,
        own(new Renditions(main, undefined, config.limits, new Encoders(1), log)),
      ]),
    );
    hls = own(new CameraHls(renditions.get('quay')!, archive));
    server = own(
      await openHttp({
        ...{ config, access: createAccess(config), cameras, renditions, archives, log },
        hls: new Map([['quay', hls]]),
        certificate: undefined,
        version: '1',
        metrics: new Registry(),
        folders: PAGE_FOLDERS,
      }),
    );
  });

  afterEach(async () => {
    for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  });

  function own<T extends AsyncDisposable>(one: T): T {
    opened.push(one);
    return one;
  }

  const get = (path: string, headers: Record<string, string> = TOKEN) =>
    fetch(server.origin + path, { headers });

  const span = (from: number, to: number): string => `from=${at(from)}&to=${at(to)}`;
  const playlist = (from: number, to: number) => get(`/hls/quay/past.m3u8?${span(from, to)}`);

  it('tells the spans that are recorded, of all or of a part, and whether recording goes on', async () => {
    for (const seconds of [0, 2, 100]) await archive.add(segmentAt(seconds));
    const spans = [
      { from: at(0), to: at(4) },
      { from: at(100), to: at(102) },
    ];
    const timeline = await (await get('/api/cameras/quay/timeline')).json();
    expect(timeline).toEqual({
      now: expect.any(Number),
      window: { hours: 2, maxGiB: 1 },
      state: 'recording',
      bytes: archive.bytes,
      spans,
    });
    const part = await (await get(`/api/cameras/quay/timeline?${span(50, 1000)}`)).json();
    expect(part.spans).toEqual(spans.slice(1));
    expect(await (await get('/api/cameras/plain/timeline')).json()).toEqual({
      now: expect.any(Number),
      window: null,
      state: 'off',
      bytes: 0,
      spans: [],
    });
  });

  it('tells in the timeline and in /health why recording pauses', async () => {
    await archive.ready;
    await rename(archive.folder, `${archive.folder}-away`);
    await archive.add(segmentAt(0));
    const pause = { state: 'paused', code: 'hls/disk-failed', message: expect.any(String) };
    expect(await (await get('/api/cameras/quay/timeline')).json()).toMatchObject(pause);
    const { cameras } = await (await get('/health')).json();
    expect(cameras[0].timeshift).toEqual({
      ...pause,
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      hours: 2,
      maxGiB: 1,
      bytes: 0,
      leftOut: { segments: 1, seconds: 2 },
    });
    expect(cameras[1].timeshift).toMatchObject({ state: 'recording' });
    expect(cameras[2]).not.toHaveProperty('timeshift');
  });

  it('gives a playlist of a span, and its files as they were recorded, whole or a range', async () => {
    for (const seconds of [0, 2, 4]) await archive.add(segmentAt(seconds));
    const answer = await playlist(1, 3);
    expect(answer.headers.get('content-type')).toMatch('application/vnd.apple.mpegurl');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const names = namesIn(await answer.text());
    expect(names).toHaveLength(2);
    const file = await get(`/hls/quay/past/${names[1]}`);
    expect(file.headers.get('content-type')).toBe('video/mp4');
    expect(file.headers.get('cache-control')).toMatch(/private.*immutable/);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(segmentAt(2).bytes);
    const range = await get(`/hls/quay/past/${names[1]}`, { ...TOKEN, range: 'bytes=10-19' });
    expect([range.status, (await range.arrayBuffer()).byteLength]).toEqual([206, 10]);
    const init = initOf('the camera');
    const sent = await get(`/hls/quay/past/init-${init.id}.mp4`);
    expect(Buffer.from(await sent.arrayBuffer())).toEqual(init.bytes);
  });

  it.each([
    ['nothing', '', 'from'],
    ['no end', `from=${at(0)}`, 'needed'],
    ['no beginning', `to=${at(0)}`, 'needed'],
    ['words', 'from=yesterday&to=today', 'from is none'],
    ['a number that is not whole', `from=1.5&to=${at(1)}`, 'from is none'],
    ['a number without an end', `from=${'9'.repeat(40)}&to=${at(1)}`, 'from is none'],
    ['a span the wrong way round', span(10, 5), 'not before'],
    ['an empty span', span(5, 5), 'not before'],
    ['more than an hour', span(0, 3600.000001), 'more than an hour'],
  ])('answers a playlist of %s with what was wrong', async (_what, query, why) => {
    await archive.add(segmentAt(0));
    const answer = await get(`/hls/quay/past.m3u8?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ code: 'http/bad-request', message: expect.stringContaining(why) });
  });

  it('gives the playlist of a whole hour', async () => {
    await archive.add(segmentAt(0));
    expect((await playlist(0, 3600)).status).toBe(200);
  });

  it('says where nothing is recorded', async () => {
    await archive.add(segmentAt(0));
    const plain = get(`/hls/plain/past.m3u8?${span(0, 1)}`);
    for (const answer of [await playlist(2, 100), await plain]) {
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: 'hls/nothing-recorded' });
    }
  });

  it('gives no file by a name that leads elsewhere, nor one that is gone', async () => {
    await archive.add(segmentAt(0));
    const [name = ''] = namesIn(await (await playlist(0, 1)).text());
    const tricks = [`..%2Fquay%2F${name}`, `2026-05-28T20%2F${name}`, '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '..'];
    for (const trick of tricks) expect((await get(`/hls/quay/past/${trick}`)).status).toBe(404);
    expect((await get(`/hls/bridge/past/${name}`)).status).toBe(404);
    await unlink(join(archive.folder, '2026-05-28T20', name));
    const gone = await get(`/hls/quay/past/${name}`);
    expect(gone.status).toBe(404);
    expect(gone.headers.get('cache-control')).toBe('no-store');
    expect(await gone.json()).toMatchObject({ code: 'http/not-found' });
  });

  it('shows the past to who may see the camera, and answers any other as if there were none', async () => {
    await archive.add(segmentAt(0));
    const [name = ''] = namesIn(await (await playlist(0, 1)).text());
    const signIn = await fetch(`${server.origin}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'office', password: 'in the office' }),
    });
    const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const paths = (camera: string) => [
      `/api/cameras/${camera}/timeline`,
      `/hls/${camera}/past.m3u8?${span(0, 1)}`,
      `/hls/${camera}/past/${name}`,
      `/hls/${camera}/past/init-${initOf('the camera').id}.mp4`,
    ];
    for (const path of paths('quay')) {
      expect((await get(path, { cookie })).status).toBe(200);
      expect((await get(path, {})).status).toBe(401);
    }
    for (const [index, path] of paths('bridge').entries()) {
      const forbidden = await get(path, { cookie });
      const unknown = await get(paths('nowhere')[index]!, { cookie });
      expect([forbidden.status, unknown.status]).toEqual([404, 404]);
      const inWords = async (answer: Response) => (await answer.text()).replace(/bridge|nowhere/, 'X');
      expect(await inWords(forbidden)).toBe(await inWords(unknown));
    }
  });

  it('carries the token on into its addresses, and nothing that was not asked for', async () => {
    await archive.add(segmentAt(0));
    const path = `/hls/quay/past.m3u8?${span(0, 1)}`;
    const text = await (await get(`${path}&token=the-token&sets=in-band&other=1`, {})).text();
    const [name = ''] = namesIn(await (await playlist(0, 1)).text());
    const query = '?token=the-token&sets=in-band';
    expect(text.split('\n')).toContain(`past/${name}${query}`);
    expect(text).toContain(`URI="past/init-${initOf('the camera').id}.mp4${query}"`);
    expect((await get(`/hls/quay/past/${name}?token=the-token`, {})).status).toBe(200);
    expect((await get(`${path}&sets=other`)).status).toBe(400);
    expect(await (await playlist(0, 1)).text()).not.toContain('token');
  });

  it('plays in ffmpeg over a change of size, with parameter sets in band', async () => {
    const clip = { codec: 'h264', height: 96, frames: 50, keyInterval: 50 } as const;
    const units = await clipUnits({ ...clip, width: 128 });
    const other = await clipUnits({ ...clip, width: 160 }, 2_000_000);
    await expect.poll(() => camera.stream.readers).toBeGreaterThan(0);
    camera.stream.setState({ state: 'live', since: wallMicros(0) });
    for (const unit of [...units, ...other, ...later(units, 4_000_000), ...later(units, 6_000_000)])
      camera.stream.publish(unit);
    await expect.poll(() => archive.spans().at(-1)?.to, { timeout: 10_000 }).toBe(CAPTURED + 6e6);
    const list = `past.m3u8?from=${CAPTURED}&to=${CAPTURED + 10e6}&token=the-token&sets=in-band`;
    const sizes = await pictureSizes(['-i', `${server.origin}/hls/quay/${list}`]);
    expect(sizes).toEqual([
      ...Array(50).fill('128x96'),
      ...Array(50).fill('160x96'),
      ...Array(50).fill('128x96'),
    ]);
  });

  it('plays in ffmpeg what the camera sent, picture for picture, over an outage', async () => {
    const units = await clipUnits({ codec: 'h264', width: 128, height: 96, frames: 150, keyInterval: 50 });
    const { stream } = camera;
    const send = (some: readonly AccessUnit[]) => {
      stream.setState({ state: 'live', since: wallMicros(0) });
      for (const unit of some) stream.publish(unit);
    };
    await expect.poll(() => stream.readers).toBeGreaterThan(0);
    send(units);
    stream.discontinuity();
    stream.setState({ state: 'unreachable', since: wallMicros(0), code: 'ingest/closed', message: '' });
    send(later(units, 20_000_000));
    send(later(units.slice(0, 25), 26_000_000));
    await expect.poll(() => archive.spans().at(-1)?.to, { timeout: 10_000 }).toBe(CAPTURED + 26e6);
    const from = CAPTURED - 1e6;
    const list = `${server.origin}/hls/quay/past.m3u8?from=${from}&to=${from + 60e6}`;
    const text = await (await fetch(list, { headers: TOKEN })).text();
    expect(text.match(/DISCONTINUITY/g)).toHaveLength(1);
    const sent = join(folder, 'sent.h264');
    await writeFile(sent, Buffer.concat(units.map(({ data }) => data)));
    const pictures = await frameChecksums(['-i', sent]);
    const authorised = ['-headers', `Authorization: ${TOKEN.authorization}\r\n`];
    expect(await frameChecksums([...authorised, '-i', list])).toEqual([...pictures, ...pictures]);
    expect(pictures).toHaveLength(150);
  });
});
