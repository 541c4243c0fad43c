/** A source that is told to stop, at any moment, and what comes out of one that is not. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { rtspSource } from '../../../server/ingest/rtsp-source.ts';
import { micros } from '../../../server/wire/time.ts';
import { startFullPort } from '../../support/full-port.ts';
import { packetise, rtpBytes } from '../../support/rtp-packetiser.ts';
import { IDR_SLICE, interleavedRtp, type Step, startScriptCamera } from '../../support/rtsp-script-server.ts';
import { startTlsFront } from '../../support/tls-front.ts';

/** No test waits so long: only being told to stop ends a wait. */
const PATIENT = { answerTimeout: micros(600_000_000), mediaTimeout: micros(600_000_000) };

const playing =
  (...bytes: Uint8Array[]): Step =>
  (request, connection) => {
    connection.reply(request, 200);
    for (const each of bytes) connection.send(each);
  };

test('being told to stop while a host does not answer ends without an error', async () => {
  await using host = await startFullPort();
  const stop = new AbortController();
  const ended = (async () => {
    for await (const _unit of rtspSource({ url: host.url, ...PATIENT }).units(stop.signal));
  })();
  setImmediate(() => stop.abort());
  await ended;
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

test.each([
  ['last-packet', 'rtsp'],
  ['every-nal', 'rtsp'],
  ['never', 'rtsp'],
  ['last-packet', 'rtsps'],
] as const)(
  'every picture comes out as it went in while memory is used again, the marker on %s, over %s',
  async (marker, scheme) => {
    const count = 300;
    const pictures = Array.from({ length: count }, (_, index) => ({
      nals: [slice(index, 0), slice(index, 1)],
      timestamp: index * 3600,
    }));
    const packets = packetise(pictures, { mtu: 1_400, marker }).map(rtpBytes).map(interleaved);
    await using camera = await startScriptCamera({ PLAY: playing(Buffer.concat(packets)) });
    await using front = await startTlsFront(camera.port);
    const url = scheme === 'rtsps' ? `rtsps://127.0.0.1:${front.port}/quay` : camera.url;
    const source = rtspSource({ url, tls: { fingerprint: front.fingerprint } });
    let index = 0;
    for await (const unit of source.units(new AbortController().signal)) {
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
