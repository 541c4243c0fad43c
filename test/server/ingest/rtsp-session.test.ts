/** What a session says to a camera, and how it takes what cameras do within the rules and beside them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { openRtspSession, type RtspCamera } from '../../../server/ingest/rtsp-session.ts';
import { micros } from '../../../server/wire/time.ts';
import {
  IDR_SLICE,
  interleavedRtp,
  type ScriptCamera,
  SDP_H264,
  type Step,
  startScriptCamera,
} from '../../support/rtsp-script-server.ts';

const NEVER = new AbortController().signal;

/** Opens a session and closes it again. */
async function visit(camera: RtspCamera): Promise<void> {
  await using _session = await openRtspSession(camera, NEVER);
}

const said = (camera: ScriptCamera): string[] => camera.requests.map(({ method, url }) => `${method} ${url}`);

const playing =
  (...bytes: readonly (Uint8Array | string)[]): Step =>
  (request, connection) => {
    connection.reply(request, 200);
    for (const each of bytes) connection.send(each);
  };

/** The sequence numbers of the next packets. */
async function take(items: AsyncIterable<{ kind: string; sequence?: number }>, count: number) {
  const numbers: (number | undefined)[] = [];
  for await (const item of items) if (numbers.push(item.sequence) === count) break;
  return numbers;
}

test('asks for the video track alone, by the names the camera gave, and says goodbye', async () => {
  const sdp = SDP_H264.replace('m=video', 'm=audio 0 RTP/AVP 0\r\na=control:trackID=0\r\nm=video');
  await using camera = await startScriptCamera({
    DESCRIBE: (request, connection) =>
      connection.reply(request, 200, [['Content-Base', `rtsp://127.0.0.1:${camera.port}/base/`]], sdp),
  });
  await visit({ url: camera.url });
  const base = `rtsp://127.0.0.1:${camera.port}/base/`;
  expect(said(camera)).toEqual([
    `OPTIONS ${camera.url}`,
    `DESCRIBE ${camera.url}`,
    `SETUP ${base}trackID=1`,
    `PLAY ${base}`,
    `TEARDOWN ${base}`,
  ]);
  const [, describe, setUp, play, tearDown] = camera.requests;
  expect(describe?.headers.get('accept')).toBe('application/sdp');
  expect(setUp?.headers.get('transport')).toBe('RTP/AVP/TCP;unicast;interleaved=0-1');
  expect([setUp, play, tearDown].map((request) => request?.headers.get('session'))).toEqual([
    undefined,
    '4711',
    '4711',
  ]);
  expect(camera.requests.map(({ headers }) => headers.get('cseq'))).toEqual(['1', '2', '3', '4', '5']);
});

test('tells the track and its parameter sets', async () => {
  await using camera = await startScriptCamera();
  await using session = await openRtspSession({ url: camera.url }, NEVER);
  expect(session.track).toMatchObject({ codec: 'h264', payloadType: 96, clockRate: 90000 });
  expect(session.track.parameterSets.map(([first = 0]) => first & 0x1f)).toEqual([7, 8]);
});

const SECOND = 1_000;

/** From here to the end of the test timers wait for `vi.advanceTimersByTime`; sockets go on by themselves. */
const stopTheClock = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
afterEach(() => {
  vi.useRealTimers();
});

/** Waits until the camera has heard everything said so far. */
async function heardByNow(camera: ScriptCamera): Promise<void> {
  for (const connection of camera.connections) connection.send('OPTIONS * RTSP/1.0\r\nCSeq: 99\r\n\r\n');
  await camera.asked('RTSP/1.0 200 OK');
}

test('a session without a timeout of its own is kept alive every half minute', async () => {
  stopTheClock();
  await using camera = await startScriptCamera({ SETUP: setUpWith('Session', '4711') });
  await using _session = await openRtspSession({ url: camera.url, mediaTimeout: micros(90_000_000) }, NEVER);
  vi.advanceTimersByTime(30 * SECOND - 1);
  await heardByNow(camera);
  expect(said(camera)).not.toContainEqual(expect.stringContaining('GET_PARAMETER'));
  vi.advanceTimersByTime(1);
  await camera.asked('GET_PARAMETER');
});

test('packets that keep coming keep the session, and it ends when they stay away for ten seconds', async () => {
  stopTheClock();
  await using camera = await startScriptCamera();
  await using session = await openRtspSession({ url: camera.url }, NEVER);
  const items = session.items[Symbol.asyncIterator]();
  for (let sequence = 1; sequence <= 3; sequence += 1) {
    vi.advanceTimersByTime(9 * SECOND);
    for (const connection of camera.connections) connection.send(interleavedRtp(sequence, 0, IDR_SLICE));
    expect((await items.next()).value).toMatchObject({ sequence });
  }
  vi.advanceTimersByTime(10 * SECOND);
  await expect(items.next()).rejects.toMatchObject({ code: 'ingest/silent' });
});

test('a camera that never answers TEARDOWN is left after a tenth of a second', async () => {
  stopTheClock();
  await using camera = await startScriptCamera({ TEARDOWN: 'silence' });
  const session = await openRtspSession({ url: camera.url }, NEVER);
  const left = session[Symbol.asyncDispose]();
  await camera.asked('TEARDOWN');
  expect(camera.connections.size).toBe(1);
  vi.advanceTimersByTime(100);
  await left;
  await camera.deserted();
});

test('keeps the session alive with GET_PARAMETER, again and again', async () => {
  await using camera = await startScriptCamera({ SETUP: setUpWith('Session', ' 0815abc ;timeout=2') });
  await using _session = await openRtspSession({ url: camera.url }, NEVER);
  const request = await camera.asked('GET_PARAMETER', 2);
  expect(request.headers.get('session')).toBe('0815abc');
});

test('keeps the session alive with OPTIONS where GET_PARAMETER is not offered', async () => {
  await using camera = await startScriptCamera({
    OPTIONS: (request, connection) => connection.reply(request, 200, [['Public', 'DESCRIBE, SETUP, PLAY']]),
    SETUP: setUpWith('Session', '4711;timeout=2'),
  });
  await using _session = await openRtspSession({ url: camera.url }, NEVER);
  await camera.asked('OPTIONS', 2);
});

test('keeps the session alive with OPTIONS where GET_PARAMETER is offered and refused', async () => {
  await using camera = await startScriptCamera({
    SETUP: setUpWith('Session', '4711;timeout=2'),
    GET_PARAMETER: (request, connection) => connection.reply(request, 501),
  });
  await using _session = await openRtspSession({ url: camera.url }, NEVER);
  await camera.asked('OPTIONS', 2);
  expect(camera.requests.filter(({ method }) => method === 'GET_PARAMETER')).toHaveLength(1);
});

test('a camera that takes almost four seconds for every answer is waited for', async () => {
  stopTheClock();
  await using camera = await startScriptCamera({
    before: (request, connection) => {
      const bodies: Readonly<Record<string, string>> = { DESCRIBE: SDP_H264 };
      setTimeout(() => connection.reply(request, 200, [], bodies[request.method]), 4 * SECOND - 1);
      return request.method !== 'TEARDOWN';
    },
  });
  const opened = openRtspSession({ url: camera.url }, NEVER);
  for (const method of ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY']) {
    await camera.asked(method);
    vi.advanceTimersByTime(4 * SECOND - 1);
  }
  await using _session = await opened;
});

test('goes on where OPTIONS is refused', async () => {
  await using camera = await startScriptCamera({
    OPTIONS: (request, connection) => connection.reply(request, 405),
  });
  await visit({ url: camera.url });
  await camera.asked('PLAY');
});

function setUpWith(name: string, value: string): Step {
  return (request, connection) =>
    connection.reply(request, 200, [
      ['Transport', 'RTP/AVP/TCP;unicast;interleaved=0-1'],
      [name, value],
    ]);
}

test('takes the channels the camera chose, and packets that overtake the answer to PLAY', async () => {
  await using camera = await startScriptCamera({
    SETUP: setUpWith('Transport', 'RTP/AVP/TCP;unicast;interleaved=0-1'),
    before: (request, connection) => {
      if (request.method === 'SETUP') {
        connection.reply(request, 200, [['Transport', 'RTP/AVP/TCP;interleaved=6-7;ssrc=1']]);
        return true;
      }
      if (request.method === 'PLAY') connection.send(interleavedRtp(41, 0, IDR_SLICE, 6));
      return false;
    },
    PLAY: playing(interleavedRtp(99, 0, IDR_SLICE, 0), interleavedRtp(42, 0, IDR_SLICE, 6)),
  });
  await using session = await openRtspSession({ url: camera.url }, NEVER);
  expect(await take(session.items, 2)).toEqual([41, 42]);
});

test('takes a camera that names no channels, sends no CSeq, no session and no status text', async () => {
  await using camera = await startScriptCamera({
    before: (request, connection) => {
      const body = request.method === 'DESCRIBE' ? SDP_H264 : '';
      connection.send(`RTSP/1.0 200\nContent-Length: ${body.length}\n\n${body}`);
      if (request.method === 'PLAY') connection.send(interleavedRtp(7, 0, IDR_SLICE));
      return true;
    },
  });
  await using session = await openRtspSession({ url: camera.url }, NEVER);
  expect(await take(session.items, 1)).toEqual([7]);
});

test('answers what the camera asks, and refuses what it does not know', async () => {
  const asking = ['OPTIONS * RTSP/1.0\r\nCSeq: 70\r\n\r\n', 'ANNOUNCE rtsp://x RTSP/1.0\r\nCSeq: 71\r\n\r\n'];
  await using camera = await startScriptCamera({ PLAY: playing(...asking, interleavedRtp(1, 0, IDR_SLICE)) });
  await using session = await openRtspSession({ url: camera.url }, NEVER);
  expect((await camera.asked('RTSP/1.0 200 OK')).headers.get('cseq')).toBe('70');
  expect((await camera.asked('RTSP/1.0 501 Not Implemented')).headers.get('cseq')).toBe('71');
  expect(await take(session.items, 1)).toEqual([1]);
});

test('ends its items at once when told to stop', async () => {
  await using camera = await startScriptCamera();
  const stop = new AbortController();
  await using session = await openRtspSession({ url: camera.url }, stop.signal);
  const rest = take(session.items, 1);
  stop.abort();
  expect(await rest).toEqual([]);
});

test('a slow consumer gets every packet in order, however far behind it falls', async () => {
  const count = 20_000;
  const packets = Array.from({ length: count }, (_, index) =>
    interleavedRtp(index, index, new Uint8Array(1_200)),
  );
  await using camera = await startScriptCamera({ PLAY: playing(Buffer.concat(packets)) });
  await using session = await openRtspSession({ url: camera.url }, NEVER);
  let expected = 0;
  for await (const item of session.items) {
    if (item.kind !== 'rtp' || item.sequence !== expected) expect(item).toMatchObject({ sequence: expected });
    expected += 1;
    if (expected === count) break;
    // Meanwhile more arrives than is taken.
    await nextTurn();
  }
  expect(expected).toBe(count);
});
