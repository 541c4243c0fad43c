/** Every way a camera can fail, against a scripted one: each has its own code, and leaves nothing open. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { RtspCamera } from '../../../server/ingest/rtsp-session.ts';
import { rtspSource } from '../../../server/ingest/rtsp-source.ts';
import { type ErrorCode, NightglassError } from '../../../server/wire/nightglass-error.ts';
import { micros } from '../../../server/wire/time.ts';
import { startFullPort } from '../../support/full-port.ts';
import {
  IDR_SLICE,
  interleavedRtp,
  type Script,
  type Step,
  startScriptCamera,
} from '../../support/rtsp-script-server.ts';

const SECRETS = ['user-canary', 'password-canary', 'query-canary'];
const CREDENTIALS = { username: 'user-canary', password: 'password-canary' };
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
    'sends AV1',
    { DESCRIBE: describing('m=video 0 RTP/AVP 96', 'a=rtpmap:96 AV1/90000') },
    'packets/unsupported-codec',
    /AV1/,
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

test('a host that does not answer', async () => {
  await using host = await startFullPort();
  expect((await failureOf({ url: host.url, ...SOON })).code).toBe('ingest/unreachable');
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
