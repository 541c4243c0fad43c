import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAccess } from '../../server/access.ts';
import { Camera } from '../../server/camera.ts';
import { readRequest } from '../../server/config.ts';
import { Encoders } from '../../server/encoders.ts';
import { type HttpServer, openHttp } from '../../server/http.ts';
import type { Source } from '../../server/ingest/source.ts';
import { Renditions } from '../../server/renditions.ts';
import { PAGE_FOLDERS } from '../support/page-folders.ts';
import { WireViewer } from '../support/wire-viewer.ts';

const FILE = `
users: [{ name: office, password: in the office, cameras: [quay] }]
cameras: { quay: { title: North quay, file: a.mp4 }, bridge: { file: b.mp4 } }
`;

/** A camera that opens and never sends. */
const quiet: Source = {
  async *units(signal) {
    await new Promise((ended) => signal.addEventListener('abort', ended));
  },
};

describe('the HTTP server', () => {
  let server: HttpServer;
  let cameras: Map<string, Camera>;

  beforeEach(async () => {
    const request = readRequest(['--config', 'x', '--token', 'the-token', '--port', '0'], () => FILE, '');
    if (request.kind !== 'serve') throw new Error('not to serve');
    const { config } = request;
    const log = pino({ level: 'silent' });
    cameras = new Map(
      config.cameras.map((camera) => [camera.name, new Camera(camera, quiet, config.limits, log)]),
    );
    const renditions = new Map(
      [...cameras].map(([name, camera]) => {
        const smaller = name === 'quay' ? new Camera(camera.config, quiet, config.limits, log) : undefined;
        return [name, new Renditions(camera, smaller, config.limits, new Encoders(1), log)];
      }),
    );
    server = await openHttp({
      config,
      access: createAccess(config),
      cameras,
      renditions,
      certificate: undefined,
      metrics: new Registry(),
      folders: PAGE_FOLDERS,
      version: '1.2.3',
      log,
    });
  });

  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    for (const camera of cameras.values()) await camera[Symbol.asyncDispose]();
  });

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(server.origin + path, { headers, redirect: 'manual' });

  async function cookieOf(body: unknown): Promise<string> {
    const response = await fetch(`${server.origin}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.headers.get('set-cookie')?.split(';')[0] ?? `no cookie: ${response.status}`;
  }

  it('turns the login link into a cookie and takes the token out of the address', async () => {
    const response = await get('/?token=the-token&engine=wasm');
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/?engine=wasm');
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    expect(cookie).not.toContain('the-token');
    const listed = await get('/api/cameras', { cookie: cookie.split(';')[0]! });
    expect(await listed.json()).toMatchObject({
      version: '1.2.3',
      cameras: [{ name: 'quay', title: 'North quay' }, {}],
    });
  });

  it('gives no cookie for a wrong token', async () => {
    const response = await get('/?token=wrong');
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it('lists to a user the cameras they may see', async () => {
    const cookie = await cookieOf({ username: 'office', password: 'in the office' });
    const { cameras: listed } = await (await get('/api/cameras', { cookie })).json();
    expect(listed.map(({ name }: { name: string }) => name)).toEqual(['quay']);
  });

  it('tells whoever asks that it is well, and of its cameras only who may see them', async () => {
    const health = async (headers?: Record<string, string>) => (await get('/health', headers)).json();
    const cookie = await cookieOf({ username: 'office', password: 'in the office' });
    expect(await health()).toEqual({ status: 'ok', version: '1.2.3' });
    expect(await health({ cookie: 'nightglass=nonsense' })).toEqual({ status: 'ok', version: '1.2.3' });
    expect(await health({ cookie })).toMatchObject({
      status: 'ok',
      cameras: [{ name: 'quay', state: 'idle', unitsPerSecond: 0, reconnects: 0, viewers: 0 }],
    });
    const all = await health({ authorization: 'Bearer the-token' });
    expect(all.cameras).toMatchObject([{ sub: { state: 'idle' } }, {}]);
    expect(all.cameras[1]).not.toHaveProperty('sub');
    expect(all.cameras.map(({ name }: { name: string }) => name)).toEqual(['quay', 'bridge']);
  });

  it.each(['/api/cameras', '/metrics'])('keeps %s from whoever is not signed in', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'http/unauthorised' });
  });

  it('answers a sign-in that is not right, or no sign-in at all, with 401', async () => {
    expect(await cookieOf({ username: 'office', password: 'wrong' })).toBe('no cookie: 401');
    expect(await cookieOf({ nonsense: 1 })).toBe('no cookie: 401');
    expect(await cookieOf('nonsense')).toMatch(/no cookie: 40[01]/);
  });

  it('slows the guessing of passwords', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, guess) => cookieOf({ username: 'office', password: `guess ${guess}` })),
    );
    expect(answers).toContain('no cookie: 429');
  });

  it('isolates the page, so that WASM gets its threads, and admits no script but its own', async () => {
    const { headers } = await get('/');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(headers.get('content-security-policy')).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('serves the runtime, ffmpeg and its font, and answers what is not there with a clear 404', async () => {
    for (const path of [
      '/runtime/ort-wasm-simd-threaded.mjs',
      '/ffmpeg/ffmpeg-core.js',
      '/ffmpeg/ffmpeg-core.wasm',
      '/fonts/DejaVuSansMono.ttf',
    ])
      expect((await get(path)).status).toBe(200);
    for (const path of [
      '/runtime/../../package.json',
      '/runtime/%2e%2e/package.json',
      '/api/nothing',
      '/nothing',
    ])
      expect((await get(path)).status).toBe(404);
  });

  it('lets a viewer open the cameras they may see, and knows no other', async () => {
    const cookie = await cookieOf({ username: 'office', password: 'in the office' });
    using viewer = await WireViewer.connect(server.origin, { cookie });
    viewer.open('quay', 1);
    viewer.open('bridge', 2);
    viewer.open('nowhere', 3);
    await viewer.told((told) => told.type === 'camera' && told.stream === 1);
    for (const stream of [2, 3]) {
      const refused = await viewer.told((told) => told.type === 'refused' && told.stream === stream);
      expect(refused).toMatchObject({ code: 'socket/unknown-camera' });
    }
  });

  it('closes the socket of whoever is not signed in with 4401', async () => {
    using viewer = await WireViewer.connect(server.origin, {});
    expect(await viewer.closed).toBe(4401);
  });

  /** Sends an upgrade request for this address, with bytes behind it, and waits until the server is done with it. */
  async function upgrade(address: string, behind: Buffer): Promise<void> {
    const { hostname, port } = new URL(server.origin);
    const stranger = connect(Number(port), hostname);
    const request = [
      `GET ${address} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ].join('\r\n');
    stranger.write(Buffer.concat([Buffer.from(`${request}\r\n\r\n`), behind]));
    await once(stranger.resume(), 'close');
  }

  it('outlives whoever is not signed in and breaks the rules of WebSocket', async () => {
    // A frame with every reserved bit set comes along with the request.
    await upgrade('/api/socket', Buffer.from([0xff, 0x80, 0, 0, 0, 0]));
    expect((await get('/health')).status).toBe(200);
  });

  it.each(['//', '//?token=x', '/api/socket?token=%'])(
    'outlives an upgrade to the odd address %s',
    async (address) => {
      await upgrade(address, Buffer.from([0x88, 0x80, 0, 0, 0, 0]));
      expect((await get('/health')).status).toBe(200);
    },
  );

  it("refuses a socket that another site's page opens", async () => {
    const stranger = WireViewer.connect(server.origin, {
      authorization: 'Bearer the-token',
      origin: 'https://elsewhere.example',
    });
    await expect(stranger).rejects.toThrow();
  });
});
