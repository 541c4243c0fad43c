import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ErrorCode } from '#wire/nightglass-error.ts';
import { DEMO_CLIP } from '../support/clip.ts';
import { startGstCamera } from '../support/gst-camera.ts';
import { type Nightglass, runNightglass, startNightglass } from '../support/nightglass.ts';
import { type Script, SDP_H264, type Step, startScriptCamera } from '../support/rtsp-script-server.ts';
import { WireViewer } from '../support/wire-viewer.ts';

const CANARY = 'canary-pass-word';
const sdpWith = (media: string): string => SDP_H264.replace(/m=video.*/s, media);
const describedAs =
  (sdp: string): Step =>
  (request, camera) =>
    camera.reply(request, 200, [['Content-Type', 'application/sdp']], sdp);

/** Cameras that fail, each by the code a person is told. */
const SCRIPTED: Readonly<Record<string, { readonly code: ErrorCode; readonly script: Script }>> = {
  unauthorised: {
    code: 'ingest/unauthorised',
    script: {
      DESCRIBE: (request, camera) =>
        camera.reply(request, 401, [['WWW-Authenticate', 'Digest realm="quay", nonce="1", algorithm=MD5']]),
    },
  },
  'not-found': {
    code: 'ingest/not-found',
    script: { DESCRIBE: (request, camera) => camera.reply(request, 404) },
  },
  'no-video': {
    code: 'ingest/no-video',
    script: { DESCRIBE: describedAs(sdpWith('m=audio 0 RTP/AVP 0\r\na=control:audio\r\n')) },
  },
  mjpeg: {
    code: 'packets/unsupported-codec',
    script: { DESCRIBE: describedAs(sdpWith('m=video 0 RTP/AVP 26\r\na=control:jpeg\r\n')) },
  },
  av1: {
    code: 'packets/unsupported-codec',
    script: {
      DESCRIBE: describedAs(sdpWith('m=video 0 RTP/AVP 96\r\na=rtpmap:96 AV1/90000\r\na=control:v\r\n')),
    },
  },
  silent: { code: 'ingest/silent', script: { OPTIONS: 'silence', DESCRIBE: 'silence' } },
  garbage: {
    code: 'ingest/garbage',
    script: { onConnect: (camera) => camera.send(Buffer.alloc(300_000, 0x5a)) },
  },
};

describe('cameras that fail beside one that works', () => {
  const disposables: AsyncDisposable[] = [];
  let folder: string;
  let server: Nightglass;
  let viewer: WireViewer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nightglass-'));
    const cameras: Record<string, Record<string, string | boolean>> = {
      good: { file: DEMO_CLIP },
      'bad-url': { url: `rtsp://ann:${CANARY}@:::/quay` },
      'unknown-host': { url: `rtsp://ann:${CANARY}@no-such-host.invalid/quay` },
      refused: { url: `rtsp://ann:${CANARY}@127.0.0.1:1/quay` },
      'no-file': { file: 'gone.mp4' },
    };
    for (const [name, { script }] of Object.entries(SCRIPTED)) {
      const camera = await startScriptCamera(script);
      disposables.push(camera);
      cameras[name] = { url: camera.url, username: 'ann', password: CANARY };
    }
    const file = join(folder, 'nightglass.yaml');
    await writeFile(file, stringify({ token: `token-${CANARY}`, cameras }));
    server = await startNightglass('--config', file);
    viewer = await WireViewer.connect(server.origin, { authorization: `Bearer token-${CANARY}` });
    for (const [index, name] of Object.keys(cameras).entries()) viewer.open(name, index);
    disposables.push(server, { [Symbol.asyncDispose]: async () => viewer[Symbol.dispose]() });
    names = Object.keys(cameras);
  });

  afterAll(async () => {
    for (const disposable of disposables.reverse()) await disposable[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  let names: string[] = [];

  it.each<[string, ErrorCode]>([
    ['bad-url', 'ingest/bad-url'],
    ['unknown-host', 'ingest/unknown-host'],
    ['refused', 'ingest/refused'],
    ['no-file', 'ingest/unreadable-file'],
    ...Object.entries(SCRIPTED).map(([name, { code }]): [string, ErrorCode] => [name, code]),
  ])('tells the viewer of the camera "%s" that it is unreachable: %s', async (name, code) => {
    const state = await viewer.state(({ state }) => state === 'unreachable', names.indexOf(name));
    expect(state).toMatchObject({ code, message: expect.stringMatching(/\w/) });
  });

  it('shows the camera that works meanwhile, without a gap', async () => {
    const good = names.indexOf('good');
    await viewer.state(({ state }) => state === 'live', good);
    await viewer.heard(
      (message) => message.kind === 'unit' && message.stream === good && message.timestamp > 2e6,
    );
    expect(viewer.media.filter(({ stream, kind }) => stream === good && kind === 'gap')).toEqual([]);
  });

  it('says each failure once in the log, however often it tries', async () => {
    await server.printed(/"camera":"silent"[^\n]*unreachable/);
    for (const name of names.filter((name) => name !== 'good')) {
      const lines = server
        .output()
        .split('\n')
        .filter((line) => line.includes(`"camera":"${name}"`));
      expect(lines.filter((line) => line.includes('unreachable'))).toHaveLength(1);
    }
  });

  it('lets no password and no token out: not in the log, not to a viewer, not over the API', async () => {
    const headers = { authorization: `Bearer token-${CANARY}` };
    const answers = await Promise.all(
      ['/api/cameras', '/metrics', '/health', '/api/nothing'].map(async (path) =>
        (await fetch(server.origin + path, { headers })).text(),
      ),
    );
    const log = server.output().replace(/Nightglass ready: \S+/, '');
    for (const text of [log, JSON.stringify(viewer.control), ...answers]) {
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain('query-canary');
    }
  });
});

describe('a viewer that breaks the rules', () => {
  it.each<[string, (viewer: WireViewer) => void]>([
    ['nonsense', (viewer) => viewer.socket.send('nonsense')],
    ['a message of bytes', (viewer) => viewer.socket.send(Buffer.from([1, 2, 3]))],
    ['a message without end', (viewer) => viewer.socket.send('x'.repeat(1_000_000))],
  ])('is disconnected with a reason when it sends %s, and another is not', async (_what, misbehave) => {
    await using server = await startNightglass('--camera', DEMO_CLIP, '--token', 'secret');
    const headers = { authorization: 'Bearer secret' };
    using good = await WireViewer.connect(server.origin, headers);
    using bad = await WireViewer.connect(server.origin, headers);
    good.open('camera');
    misbehave(bad);
    expect([1003, 1007, 1008, 1009]).toContain(await bad.closed);
    await good.heard(({ kind }) => kind === 'unit');
  });
});

describe('a camera that changes', () => {
  it('begins a new epoch with a new config when its picture changes size, after a restart', async () => {
    const small = await startGstCamera({ width: 160, height: 96 });
    await using server = await startNightglass('--camera', small.url, '--token', 'secret');
    using viewer = await WireViewer.connect(server.origin, { authorization: 'Bearer secret' });
    viewer.open('camera');
    const first = await viewer.heard(({ kind }) => kind === 'config');
    await small.kill();
    await viewer.state(({ state }) => state === 'unreachable');
    await using _large = await startGstCamera({ width: 320, height: 192, port: small.port });
    const second = await viewer.heard(
      (message) => message.kind === 'config' && message.config.codedWidth === 320,
    );
    expect(second.epoch).toBeGreaterThan(first.epoch);
    await viewer.heard((message) => message.kind === 'unit' && message.epoch === second.epoch && message.key);
  });
});

describe('the command line', () => {
  it('explains itself, tells its version, and refuses what it cannot do in one line', async () => {
    expect(await runNightglass('--help')).toMatchObject({
      code: 0,
      output: expect.stringContaining('--camera URL'),
    });
    expect(await runNightglass('--version')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    const refused = await runNightglass('--host', '0.0.0.0');
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/^Nightglass cannot start: .*users.*\(config\/unsafe-address\)\n$/);
  });
});

describe('a server for other computers', () => {
  it('speaks HTTPS with a certificate of its own, to users alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nightglass-'));
    const file = join(folder, 'nightglass.yaml');
    const users = [{ name: 'bridge', password: 'on the bridge' }];
    await writeFile(file, stringify({ host: '0.0.0.0', users, cameras: { good: { file: DEMO_CLIP } } }));
    {
      await using server = await startNightglass('--config', file);
      expect(server.origin).toMatch(/^https:\/\/localhost:/);
      using stranger = await WireViewer.connect(server.origin, {});
      expect(await stranger.closed).toBe(4401);
      using holder = await WireViewer.connect(server.origin, { authorization: `Bearer ${server.token}` });
      holder.open('good');
      await holder.heard(({ kind }) => kind === 'unit');
    }
    await rm(folder, { recursive: true });
  });
});
