/** Every way a camera can fail, against a scripted one: each has its own code, and leaves nothing open. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RtspCamera } from '../../../server/ingest/rtsp-session.ts';
import { rtspSource } from '../../../server/ingest/rtsp-source.ts';
import { type ErrorCode, NightglassError } from '../../../server/wire/nightglass-error.ts';
import { micros } from '../../../server/wire/time.ts';
import { packetise, rtpBytes } from '../../support/rtp-packetiser.ts';
import {
  IDR_SLICE,
  interleavedRtp,
  type Script,
  type Step,
  startScriptCamera,
} from '../../support/rtsp-script-server.ts';

const SECRETS = ['user-canary', 'password-canary', 'query-canary'];
const CREDENTIALS = { username: 'user-canary', password: 'password-canary' };
/** No test waits so long: only being told to stop ends a wait. */
const PATIENT = { answerTimeout: micros(600_000_000), mediaTimeout: micros(600_000_000) };
const SOON = { answerTimeout: micros(60_000), mediaTimeout: micros(60_000) };

/** How a visit to a camera fails; throws when it ends without an error. */
async function failureOf(camera: RtspCamera): Promise<NightglassError> {
  try {
    for await (const _unit of rtspSource(camera).units(new AbortController().signal));
  } catch (error) {
    if (error instanceof NightglassError) return error;
    throw error;
  }
  throw new Error('the camera did not fail');
}

const status =
  (code: number, headers: readonly (readonly [string, string])[] = []): Step =>
  (request, connection) =>
    connection.reply(request, code, headers);
const describing =
  (...lines: string[]): Step =>
  (request, connection) =>
    connection.reply(request, 200, [], ['v=0', 's=x', ...lines, ''].join('\r\n'));
const closing: Step = (_request, connection) => connection.socket.destroy();
const playing =
  (...bytes: Uint8Array[]): Step =>
  (request, connection) => {
    connection.reply(request, 200);
    for (const each of bytes) connection.send(each);
  };

const failures: readonly [
  title: string,
  script: Script,
  code: ErrorCode,
  says: RegExp,
  camera?: Partial<RtspCamera>,
][] = [
  [
    'asks to sign in',
    { OPTIONS: status(401, [['WWW-Authenticate', 'Basic realm="x"']]) },
    'ingest/unauthorised',
    /asks for a user name/,
  ],
  [
    'does not accept a Basic password',
    { DESCRIBE: status(401, [['WWW-Authenticate', 'Basic realm="x"']]) },
    'ingest/unauthorised',
    /did not accept/,
    CREDENTIALS,
  ],
  [
    'does not accept a Digest password',
    { DESCRIBE: status(401, [['WWW-Authenticate', 'Digest realm="x", nonce="n"']]) },
    'ingest/unauthorised',
    /did not accept/,
    CREDENTIALS,
  ],
  [
    'calls every nonce stale',
    { DESCRIBE: status(401, [['WWW-Authenticate', 'Digest realm="x", nonce="n", stale=true']]) },
    'ingest/unauthorised',
    /did not accept/,
    CREDENTIALS,
  ],
  [
    'asks to sign in by an unknown way',
    { DESCRIBE: status(401, [['WWW-Authenticate', 'Bearer']]) },
    'ingest/unauthorised',
    /does not know/,
    CREDENTIALS,
  ],
  ['forbids', { DESCRIBE: status(403) }, 'ingest/unauthorised', /forbids/, CREDENTIALS],
  ['knows no such path', { DESCRIBE: status(404) }, 'ingest/not-found', /404/],
  ['has no bandwidth left', { SETUP: status(453) }, 'ingest/rejected', /SETUP.*453/],
  ['takes no RTP over TCP', { SETUP: status(461) }, 'ingest/rejected', /over TCP.*461/],
  [
    'chooses UDP all the same',
    { SETUP: status(200, [['Transport', 'RTP/AVP;unicast;client_port=1-2']]) },
    'ingest/rejected',
    /chose another way/,
  ],
  ['will not play', { PLAY: status(455) }, 'ingest/rejected', /PLAY.*455/],
  ['is out of order', { DESCRIBE: status(500) }, 'ingest/rejected', /DESCRIBE.*500/],
  ['redirects nowhere', { DESCRIBE: status(302) }, 'ingest/rejected', /302/],
  ['has only sound', { DESCRIBE: describing('m=audio 0 RTP/AVP 0') }, 'ingest/no-video', /offers none/],
  ['describes nothing', { DESCRIBE: status(200) }, 'ingest/no-video', /offers none/],
  ['sends MJPEG', { DESCRIBE: describing('m=video 0 RTP/AVP 26') }, 'packets/unsupported-codec', /MJPEG/],
  [
    'sends H.265',
    { DESCRIBE: describing('m=video 0 RTP/AVP 96', 'a=rtpmap:96 H265/90000') },
    'packets/unsupported-codec',
    /H\.265/,
  ],
  ['accepts and says nothing', { OPTIONS: 'silence' }, 'ingest/silent', /OPTIONS.*0\.06 s/, SOON],
  ['falls silent at SETUP', { SETUP: 'silence' }, 'ingest/silent', /SETUP/, SOON],
  ['plays and sends nothing', {}, 'ingest/silent', /RTP packets.*0\.06 s/, SOON],
  [
    'plays and then stalls',
    { PLAY: playing(interleavedRtp(1, 0, IDR_SLICE)) },
    'ingest/silent',
    /RTP packets/,
    SOON,
  ],
  [
    'sends packets on channels nobody asked for',
    { PLAY: playing(interleavedRtp(1, 0, IDR_SLICE, 8)) },
    'ingest/silent',
    /RTP packets/,
    SOON,
  ],
  [
    'is a web server',
    { onConnect: (connection) => connection.send('HTTP/1.1 400 Bad Request\r\n\r\n') },
    'ingest/garbage',
    /RTSP was expected/,
  ],
  [
    'sends a body without end',
    { DESCRIBE: status(200, [['Content-Length', '999999']]) },
    'ingest/garbage',
    /body/,
  ],
  [
    'plays garbage without end',
    { PLAY: playing(Buffer.alloc(70_000, 0xee)) },
    'ingest/garbage',
    /belong to nothing/,
  ],
  [
    'plays garbage and stalls',
    { PLAY: playing(Buffer.alloc(70, 0xee)) },
    'ingest/garbage',
    /something else/,
    SOON,
  ],
  [
    'plays packets that are not RTP',
    { PLAY: playing(...Array.from({ length: 64 }, () => Buffer.from('$\0\0\x04nope'))) },
    'ingest/garbage',
    /something else/,
  ],
  ['hangs up at once', { onConnect: (connection) => connection.socket.destroy() }, 'ingest/closed', /closed/],
  ['hangs up at DESCRIBE', { DESCRIBE: closing }, 'ingest/closed', /closed/],
  [
    'hangs up while it plays',
    {
      PLAY: (request, connection) => {
        connection.reply(request, 200);
        connection.send(interleavedRtp(1, 0, IDR_SLICE));
        connection.socket.end();
      },
    },
    'ingest/closed',
    /closed/,
  ],
  [
    'resets the connection',
    { PLAY: (_request, connection) => connection.socket.resetAndDestroy() },
    'ingest/closed',
    /closed/,
  ],
];

test.each(failures)('a camera that %s', async (_title, script, code, says, options = {}) => {
  await using camera = await startScriptCamera(script);
  const error = await failureOf({ url: camera.url, ...options });
  expect(error.code).toBe(code);
  expect(error.message).toMatch(says);
  expect(error.message).toMatch(new RegExp(`^127\\.0\\.0\\.1:${camera.port}/quay: `));
  for (const secret of SECRETS) expect(`${error.stack} ${String(error.cause)}`).not.toContain(secret);
  await camera.deserted();
});

test('a camera that repeats our words in its refusal does not get them into the error', async () => {
  await using camera = await startScriptCamera({
    before(request, connection) {
      const said = request.headers.get('authorization');
      if (said === undefined) connection.reply(request, 401, [['WWW-Authenticate', 'Basic realm="x"']]);
      else
        connection.send(
          `RTSP/1.0 500 ${said} password-canary\r\nCSeq: ${request.headers.get('cseq')}\r\n\r\n`,
        );
      return true;
    },
  });
  const error = await failureOf({ url: camera.url, ...CREDENTIALS });
  expect(error.code).toBe('ingest/rejected');
  expect(`${error.stack}`).not.toMatch(/canary|Basic/);
});

test('an address that is none', async () => {
  expect((await failureOf({ url: 'http://127.0.0.1/quay' })).code).toBe('ingest/bad-url');
  expect((await failureOf({ url: 'rtsp://127.0.0.1/quay', username: 'a\r\nb' })).code).toBe('ingest/bad-url');
});

test('a host name without an address', async () => {
  const error = await failureOf({ url: 'rtsp://camera.invalid/quay' });
  expect([error.code, error.message]).toEqual([
    'ingest/unknown-host',
    expect.stringMatching(/^camera\.invalid:554\/quay: /),
  ]);
});

test('a port where nothing listens', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  const error = await failureOf({ url: `rtsp://127.0.0.1:${port}/quay` });
  expect([error.code, error.message]).toEqual([
    'ingest/refused',
    `127.0.0.1:${port}/quay: the host refused the port`,
  ]);
});

/** A port whose queue of connections is full: the kernel lets further ones wait, as a host that is gone does. */
const FULL_PORT = `
import socket, sys
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(0)
fillers = []
for _ in range(4):
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex(server.getsockname())
    fillers.append(filler)
print(server.getsockname()[1], flush=True)
sys.stdin.read()
`;

/** A host that lets every connection wait. */
async function startFullPort(): Promise<{ readonly url: string } & AsyncDisposable> {
  const child: ChildProcess = spawn('/usr/bin/python3', ['-c', FULL_PORT], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout!, 'data');
  return {
    url: `rtsp://127.0.0.1:${Number(line)}/quay`,
    async [Symbol.asyncDispose]() {
      child.stdin!.end();
      await once(child, 'exit');
    },
  };
}

test('a host that does not answer', async () => {
  await using host = await startFullPort();
  expect((await failureOf({ url: host.url, ...SOON })).code).toBe('ingest/unreachable');
});

test('being told to stop while a host does not answer ends without an error', async () => {
  await using host = await startFullPort();
  const stop = new AbortController();
  const ended = (async () => {
    for await (const _unit of rtspSource({ url: host.url, ...PATIENT }).units(stop.signal));
  })();
  setImmediate(() => stop.abort());
  await ended;
});

test('a camera that redirects for ever', async () => {
  await using camera = await startScriptCamera({ DESCRIBE: status(301, [['Location', '/elsewhere']]) });
  const error = await failureOf({ url: camera.url });
  expect([error.code, error.message]).toEqual([
    'ingest/redirect-loop',
    expect.stringContaining(`127.0.0.1:${camera.port}/quay: `),
  ]);
  expect(camera.requests.filter(({ method }) => method === 'DESCRIBE')).toHaveLength(6);
  await camera.deserted();
});

test('a camera that redirects to something that is not RTSP', async () => {
  await using camera = await startScriptCamera({ OPTIONS: status(302, [['Location', 'http://127.0.0.1/']]) });
  expect((await failureOf({ url: camera.url })).code).toBe('ingest/bad-url');
});

test.each(['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY'])(
  'being told to stop while %s waits for its answer ends without an error',
  async (method) => {
    await using camera = await startScriptCamera({ [method]: 'silence' });
    const stop = new AbortController();
    const ended = (async () => {
      for await (const _unit of rtspSource({ url: camera.url, ...PATIENT }).units(stop.signal));
    })();
    await camera.asked(method);
    stop.abort();
    await ended;
    await camera.deserted();
  },
);

test('being told to stop before it began connects to nothing', async () => {
  await using camera = await startScriptCamera();
  for await (const _unit of rtspSource({ url: camera.url, ...PATIENT }).units(AbortSignal.abort()));
  expect(camera.requests).toEqual([]);
});

test('being told to stop while no picture comes ends with TEARDOWN', async () => {
  await using camera = await startScriptCamera();
  const stop = new AbortController();
  const ended = (async () => {
    for await (const _unit of rtspSource({ url: camera.url, ...PATIENT }).units(stop.signal));
  })();
  await camera.asked('PLAY');
  // PLAY's answer is on its way; a request of the camera's own, answered, shows that it has arrived.
  for (const connection of camera.connections) connection.send('OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n');
  await camera.asked('RTSP/1.0 200 OK');
  stop.abort();
  await ended;
  expect((await camera.asked('TEARDOWN')).headers.get('session')).toBe('4711');
  await camera.deserted();
});

test('a camera that never answers TEARDOWN is left all the same', async () => {
  await using camera = await startScriptCamera({ TEARDOWN: 'silence', PLAY: playing(...keyUnits(3)) });
  for await (const unit of rtspSource({ url: camera.url, ...PATIENT }).units(new AbortController().signal)) {
    expect(unit.key).toBe(true);
    break;
  }
  await camera.asked('TEARDOWN');
  await camera.deserted();
});

/** Pictures of one packet each. */
function keyUnits(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => interleavedRtp(index, index * 3600, IDR_SLICE));
}

test.each(['last-packet', 'every-nal', 'never'] as const)(
  'every picture comes out as it went in while memory is used again, the marker on %s',
  async (marker) => {
    const count = 300;
    const pictures = Array.from({ length: count }, (_, index) => ({
      nals: [slice(index, 0), slice(index, 1)],
      timestamp: index * 3600,
    }));
    const packets = packetise(pictures, { mtu: 1_400, marker }).map(rtpBytes).map(interleaved);
    await using camera = await startScriptCamera({ PLAY: playing(Buffer.concat(packets)) });
    let index = 0;
    for await (const unit of rtspSource({ url: camera.url }).units(new AbortController().signal)) {
      const sent = Buffer.concat(pictures[index]!.nals.flatMap((nal) => [Uint8Array.of(0, 0, 0, 1), nal]));
      const came = Buffer.from(unit.data.subarray(unit.data.length - sent.length));
      if (!came.equals(sent)) throw new Error(`picture ${index} of ${count} came out changed`);
      index += 1;
      // The last is not known to be whole where no marker says so.
      if (index === count - 1) break;
      if (index % 3 === 0) await nextTurn();
    }
    expect(index).toBe(count - 1);
  },
);

/** A slice of some kilobytes that no other resembles. */
function slice(picture: number, part: number): Uint8Array {
  const bytes = new Uint8Array(7_000 + ((picture * 1_237) % 9_000)).fill(1 + ((picture * 2 + part) % 255));
  bytes.set(part === 0 ? IDR_SLICE : [0x65, 0x40], 0);
  return bytes;
}

function interleaved(packet: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x24, 0, packet.length >> 8, packet.length & 0xff]), packet]);
}
