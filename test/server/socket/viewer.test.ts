import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { MediaMessage } from '#wire/message.ts';
import { micros, wallMicros } from '#wire/time.ts';
import { serveViewer } from '../../../server/socket/viewer.ts';
import type { WireViewer } from '../../support/wire-viewer.ts';
import { CONFIG, delta, key } from '../fanout/made-up-camera.ts';
import { Served } from './served.ts';

const ofKind = (kind: MediaMessage['kind']) => (message: MediaMessage) => message.kind === kind;

/** The code and reason a socket is closed with. */
async function closing(viewer: WireViewer): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(viewer.socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
}

describe('A viewer', () => {
  it('is sent a config and the last GOP of a camera at once, and then what comes', async () => {
    await using served = await Served.open();
    for (const unit of [key(0), delta(1), key(2, 500), delta(3)]) served.quay.publish(unit);
    using viewer = await served.viewer();
    viewer.open('quay', 7);
    await viewer.heard((message) => message.kind === 'unit' && message.index === 1);
    served.quay.publish(delta(4));
    await viewer.heard((message) => message.kind === 'unit' && message.index === 2);
    expect(viewer.media).toMatchObject([
      { kind: 'config', stream: 7, epoch: 1, group: 2, index: 0, config: CONFIG },
      { kind: 'unit', stream: 7, epoch: 1, group: 2, index: 0, key: true, timestamp: 2e6 },
      { kind: 'unit', stream: 7, group: 2, index: 1, key: false, captureClock: 'arrival' },
      { kind: 'unit', stream: 7, group: 2, index: 2, key: false, timestamp: 4e6 },
    ]);
    const unit = viewer.media[1];
    expect(unit?.kind === 'unit' && unit.data.byteLength).toBe(500);
    expect(unit?.kind === 'unit' && unit.capturedAt).toBe(key(2).capturedAt);
  });

  it('is told what the camera is doing', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('quay', 3);
    await viewer.state(({ state }) => state === 'idle', 3);
    served.quay.setState({ state: 'live', since: wallMicros(5) });
    expect(await viewer.state(({ state }) => state === 'live', 3)).toEqual({ state: 'live', since: 5 });
  });

  it('watches many cameras over one socket, each with its own stream id', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('quay', 1);
    viewer.open('bridge', 2);
    viewer.open('quay', 3);
    await viewer.state(() => true, 3);
    served.quay.publish(key(0));
    served.bridge.publish(key(1));
    await viewer.heard((message) => message.kind === 'unit' && message.stream === 2);
    const units = viewer.media.filter(ofKind('unit')).map((message) => message.stream);
    expect(units.sort()).toEqual([1, 2, 3]);
    expect(served.quay.readers).toBe(2);
  });

  it('is sent key units alone while that is all it wants', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('quay', 1, 'pause');
    viewer.say({ type: 'want', stream: 1, want: 'key' });
    viewer.say({ type: 'clock', sentAt: wallMicros(1) });
    await viewer.told(({ type }) => type === 'clock');
    for (const unit of [key(0), delta(1), key(2), delta(3), key(4)]) served.quay.publish(unit);
    await viewer.heard((message) => message.group === 3 && message.kind === 'unit');
    const units = viewer.media.filter(ofKind('unit'));
    expect(units.map(({ group, index }) => `${group}.${index}`)).toEqual(['1.0', '2.0', '3.0']);
  });

  it('closes a stream and may open another of the same number', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('quay');
    viewer.say({ type: 'close', stream: 1 });
    viewer.open('bridge');
    served.bridge.publish(key(0));
    await viewer.heard(ofKind('unit'));
    expect([served.quay.readers, served.bridge.readers]).toEqual([0, 1]);
  });

  it('is told the end of a stream, with the reason, and may open it again', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('quay');
    await viewer.state(() => true);
    served.quay.end('closed', 'the server is stopping');
    expect(await viewer.heard(ofKind('end'))).toMatchObject({
      stream: 1,
      code: 'closed',
      message: 'the server is stopping',
    });
    viewer.open('bridge');
    served.bridge.publish(key(0));
    await viewer.heard(ofKind('unit'));
    expect(served.quay.readers).toBe(0);
  });

  it('is answered the server’s clock, with the question’s own time', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    const before = Date.now() * 1000;
    viewer.say({ type: 'clock', sentAt: wallMicros(42) });
    const answer = await viewer.told(({ type }) => type === 'clock');
    expect(answer).toMatchObject({ type: 'clock', sentAt: 42 });
    expect(answer.type === 'clock' && answer.serverAt).toBeGreaterThanOrEqual(before);
  });

  it('may acknowledge, want and close streams that are not open (any more)', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.say({ type: 'ack', stream: 9, timestamp: micros(1) });
    viewer.say({ type: 'want', stream: 9, want: 'live' });
    viewer.say({ type: 'close', stream: 9 });
    viewer.say({ type: 'clock', sentAt: wallMicros(1) });
    await viewer.told(({ type }) => type === 'clock');
    expect(viewer.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('leaves its streams when its socket closes', async () => {
    await using served = await Served.open();
    const viewer = await served.viewer();
    viewer.open('quay', 1);
    viewer.open('bridge', 2);
    await viewer.state(() => true, 2);
    viewer[Symbol.dispose]();
    await Promise.all(served.outcomes);
    expect([served.quay.readers, served.bridge.readers]).toEqual([0, 0]);
  });
});

describe('A socket that has closed before it is served', () => {
  it('is done with at once', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    const [socket] = served.sockets;
    viewer.socket.terminate();
    await Promise.all(served.outcomes);
    await serveViewer(socket!, { rendering: () => ({ stream: served.quay, epochBase: 0 }) });
    expect(socket?.readyState).toBe(WebSocket.CLOSED);
  });
});

describe('A request that cannot be met', () => {
  it('is refused, and the socket stays open', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('attic', 4);
    expect(await viewer.told(({ type }) => type === 'refused')).toEqual({
      type: 'refused',
      stream: 4,
      code: 'socket/unknown-camera',
      message: 'there is no camera named attic',
    });
    viewer.open('quay', 4);
    await viewer.state(() => true, 4);
  });

  it('is a 65th tile', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    for (let stream = 1; stream <= 65; stream++) viewer.open('quay', stream);
    expect(await viewer.told(({ type }) => type === 'refused')).toMatchObject({
      stream: 65,
      code: 'socket/too-many-streams',
    });
    expect(served.quay.readers).toBe(64);
  });
});

describe('A socket is closed with a reason', () => {
  const NONSENSE: [string, string | Buffer, number, RegExp][] = [
    ['no JSON', 'hello', 1007, /JSON object was expected/],
    ['an unknown type', '{"type":"shutdown"}', 1007, /a type of open, want/],
    ['a stream id that is none', '{"type":"close","stream":-1}', 1007, /stream id/],
    ['a binary message', Buffer.from([1, 2, 3]), 1003, /text was expected/],
    ['a message that is too long', `"${'x'.repeat(5000)}"`, 1007, /4096 characters/],
    ['a message beyond all measure', 'x'.repeat(20_000), 1009, /^$/],
    ['text that is no UTF-8', Buffer.from([0xff, 0xfe]), 1007, /^$/],
  ];
  it.each(NONSENSE)('on %s', async (what, data, code, reason) => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('quay');
    await viewer.state(() => true);
    viewer.socket.send(data, { binary: what.includes('binary') });
    const closed = await closing(viewer);
    expect(closed.code).toBe(code);
    expect(closed.reason).toMatch(reason);
    await Promise.all(served.outcomes);
    expect(served.quay.readers).toBe(0);
  });

  it('and not heard any more, even if it goes on', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    let everRead = false;
    served.quay.onReaders = () => {
      everRead = true;
    };
    viewer.socket.send('hello');
    viewer.open('quay');
    await closing(viewer);
    await Promise.all(served.outcomes);
    expect(everRead).toBe(false);
  });

  it('when a stream is opened that is open already', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('quay');
    viewer.open('bridge');
    expect(await closing(viewer)).toEqual({ code: 1008, reason: 'stream 1 is open already' });
  });

  it('when more messages come than a page has reason to send', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    const closed = closing(viewer);
    for (let n = 0; n < 5000; n++) viewer.say({ type: 'ack', stream: 1, timestamp: micros(n) });
    expect(await closed).toEqual({ code: 1008, reason: 'too many messages came' });
  });

  it('when it does not speak this version of the wire', async () => {
    await using served = await Served.open();
    const socket = new WebSocket(served.origin.replace('http', 'ws'));
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([1002, 'the subprotocol nightglass.v1 was expected']);
  });

  it('when the server itself fails, which whoever serves it hears of', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('broken');
    expect(await closing(viewer)).toEqual({ code: 1011, reason: 'the server failed' });
    expect(await served.outcomes[0]).toEqual(new Error('the map of cameras is gone'));
  });
});
