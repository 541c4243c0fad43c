import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { timelineOf } from '../support/asked-timeline.ts';
import { type FaultyCamera, startFaultyCamera } from '../support/faulty-camera.ts';
import { codedPictures, temporaryFolder } from '../support/h264-clip.ts';
import { readPlaylist } from '../support/hls-playlist.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { healthOf, WatchedCamera } from '../support/watched-camera.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;
/** A name that every object has. */
const AWKWARD = 'constructor';

/** On a disk of its own, in memory: mounting it needs root. */
describe('a server that records to a small disk', () => {
  const opened: AsyncDisposable[] = [];
  let disk: string;
  let camera: FaultyCamera;
  let server: Nightglass;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    opened.push(folder);
    disk = join(folder.path, 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'nightglass', disk]);
    opened.push({ [Symbol.asyncDispose]: async () => void (await run('umount', [disk])) });
    camera = await startFaultyCamera(
      await codedPictures({ width: 320, height: 180, frames: 50, keyInterval: 25 }),
    );
    opened.push(camera);
    const timeshift = { hours: 1, maxGiB: 0.5 };
    const config = join(folder.path, 'nightglass.yaml');
    const settings = {
      ...{ token: 'the-token', dataFolder: disk, limits: { freeGiB: 2 / 1024 } },
      users: [{ name: 'office', password: 'in the office', cameras: ['quay'] }],
      cameras: {
        quay: { url: camera.url, timeshift },
        [AWKWARD]: { url: camera.url, timeshift },
      },
    };
    await writeFile(config, stringify(settings));
    server = await startNightglass('--config', config);
    opened.push(server);
  });

  afterAll(async () => {
    for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  });

  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(server.origin + path, { headers: { authorization: 'Bearer the-token', ...headers } });

  const recorded = async (name: string): Promise<number> =>
    (await timelineOf(server, name)).spans.reduce((sum, { from, to }) => sum + to - from, 0);

  it('pauses when the disk is full, shows the camera on, and goes on by itself when there is room', async () => {
    await expect.poll(() => recorded('quay')).toBeGreaterThan(3e6);
    const before = await timelineOf(server, 'quay');
    const filler = join(disk, 'of somebody else');
    await writeFile(filler, Buffer.alloc(6.5 * MIB)).catch(() => {});
    const state = async () => (await timelineOf(server, 'quay')).state;
    await expect.poll(state).toBe('paused');
    expect(await healthOf(server, 'quay')).toMatchObject({ state: 'live', timeshift: { state: 'paused' } });
    using watched = await WatchedCamera.open(server, 'quay');
    await watched.message(30, ({ kind }) => kind === 'unit');
    expect((await ask('/hls/quay/main.m3u8')).status).toBe(200);
    await rm(filler);
    await expect.poll(state).toBe('recording');
    const after = await timelineOf(server, 'quay');
    expect(after.spans[0]!.from).toBe(before.spans[0]!.from);
    await expect.poll(async () => (await timelineOf(server, 'quay')).spans.length).toBe(2);
  });

  it('records a camera of an awkward name, gives its past back, and keeps it in its own folder', async () => {
    await expect.poll(() => recorded(AWKWARD)).toBeGreaterThan(0);
    const [span] = (await timelineOf(server, AWKWARD)).spans;
    const base = `/hls/${AWKWARD}/`;
    const answer = await ask(`${base}past.m3u8?from=${span!.from}&to=${span!.to}`);
    const text = await answer.text();
    const uris = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const address = new URL(uris[0]!, server.origin + base);
    expect((await ask(address.pathname)).status).toBe(200);
    const { stdout } = await run('find', [disk, '-name', '*.m4s']);
    const folders = new Set(
      stdout
        .trim()
        .split('\n')
        .map((path) => path.slice(disk.length).split('/').slice(0, 3).join('/')),
    );
    expect(folders.size).toBe(2);
    expect([...folders].every((folder) => folder.startsWith('/timeshift/'))).toBe(true);
  });

  it('shows each viewer the past of the cameras they may see', async () => {
    const body = JSON.stringify({ username: 'office', password: 'in the office' });
    const headers = { 'content-type': 'application/json' };
    const signIn = await fetch(`${server.origin}/api/login`, { method: 'POST', body, headers });
    const cookie = signIn.headers.get('set-cookie')!.split(';')[0]!;
    const statuses = async (name: string) =>
      Promise.all(
        [
          `/api/cameras/${name}/timeline`,
          `/hls/${name}/index.m3u8`,
          `/hls/${name}/past.m3u8?from=1&to=2`,
        ].map(async (path) => (await fetch(server.origin + path, { headers: { cookie } })).status),
      );
    expect(await statuses('quay')).toEqual([200, 200, 404]);
    expect(await statuses(AWKWARD)).toEqual([404, 404, 404]);
  });

  it('answers thousands who wait, over hundreds who do not read, in little memory, and plays on for others', async () => {
    const playlist = async () => readPlaylist(await (await ask('/hls/quay/main.m3u8')).text());
    const { segments } = await playlist();
    const whole = segments.find((segment) => segment.whole)!.whole!.uri;
    const before = await residentBytes(server.pid);
    const next = segments.at(-1)!.number + 1;
    const sockets: Socket[] = [];
    let answered = 0;
    const send = (path: string): void => {
      const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(`GET ${path} HTTP/1.1\r\nHost: quay\r\nAuthorization: Bearer the-token\r\n\r\n`);
      sockets.push(socket);
      if (path.endsWith('.m4s')) socket.pause();
      else socket.on('data', (answer) => (answered += answer.includes('HTTP/1.1 ') ? 1 : 0));
    };
    for (let count = 0; count < 3000; count++) send(`/hls/quay/main.m3u8?_HLS_msn=${next}`);
    for (let count = 0; count < 300; count++) send(`/hls/quay/${whole}`);
    try {
      const last = (await playlist()).segments.at(-1)!.number;
      await expect
        .poll(async () => (await playlist()).segments.at(-1)!.number, { timeout: 20_000 })
        .toBeGreaterThan(last);
      await expect.poll(() => answered, { timeout: 90_000 }).toBe(3000);
      const grown = (await residentBytes(server.pid)) - before;
      expect(grown).toBeLessThan(256 * MIB);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});

/** Linux's VmRSS. */
const residentBytes = async (pid: number): Promise<number> =>
  Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
