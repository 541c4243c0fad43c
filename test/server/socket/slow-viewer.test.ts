import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { MediaMessage } from '#wire/message.ts';
import { delta, key } from '../fanout/made-up-camera.ts';
import { Served } from './served.ts';

const KIB = 1024;
const UNIT = 256 * KIB;
const GOP = 10;

const isUnit = (group: number, index: number) => (message: MediaMessage) =>
  message.kind === 'unit' && message.group === group && message.index === index;

describe('A viewer that stops reading', () => {
  it('costs another nothing, and goes on at a key unit, told of the gap, when it reads again', async () => {
    await using served = await Served.open();
    using stuck = await served.viewer();
    using other = await served.viewer();
    for (const viewer of [stuck, other]) {
      viewer.open('quay');
      await viewer.state(() => true);
    }
    stuck.socket.pause();

    // Far more than two kernel buffers hold; the other viewer takes each unit before the next is published.
    for (let n = 0; served.quay.counters.dropped < GOP; n++) {
      served.quay.publish(n % GOP === 0 ? key(n, UNIT) : delta(n, UNIT));
      await other.heard(isUnit(1 + Math.floor(n / GOP), n % GOP));
    }
    const resumedAt = served.quay.published;
    expect(other.media.filter(({ kind }) => kind === 'gap')).toEqual([]);
    expect(other.media.filter(({ kind }) => kind === 'unit')).toHaveLength(resumedAt);

    stuck.socket.resume();
    served.quay.publish(key(resumedAt, UNIT));
    await stuck.heard((message) => message.kind === 'unit' && message.timestamp === resumedAt * 1e6);

    const gap = stuck.media.findIndex(({ kind }) => kind === 'gap');
    const [before, told, config, next] = stuck.media.slice(gap - 1, gap + 3);
    expect(told).toMatchObject({ kind: 'gap' });
    expect(config).toMatchObject({ kind: 'config', group: next?.group });
    expect(next).toMatchObject({ kind: 'unit', key: true, index: 0 });
    const timestamp = (message: MediaMessage | undefined) =>
      message?.kind === 'unit' ? message.timestamp / 1e6 : Number.NaN;
    expect(told?.kind === 'gap' && told.dropped).toBe(timestamp(next) - timestamp(before) - 1);
  });

  it('is not written to beyond what its socket takes, and a key unit', async () => {
    await using served = await Served.open();
    using stuck = await served.viewer();
    stuck.open('quay');
    await stuck.state(() => true);
    stuck.socket.pause();
    const [socket] = served.sockets;
    for (let n = 0; served.quay.counters.dropped === 0; n++) {
      served.quay.publish(n % GOP === 0 ? key(n, UNIT) : delta(n, UNIT));
      await new Promise(setImmediate);
    }
    expect(socket?.readyState).toBe(WebSocket.OPEN);
    expect(socket?.bufferedAmount).toBeLessThan(2 * UNIT);
  });

  it('does not hold up its own other tiles longer than its socket does', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('quay', 1);
    viewer.open('bridge', 2);
    await viewer.state(() => true, 2);
    viewer.socket.pause();
    for (let n = 0; served.quay.counters.dropped === 0; n++) {
      served.quay.publish(n % GOP === 0 ? key(n, UNIT) : delta(n, UNIT));
      await new Promise(setImmediate);
    }
    served.bridge.publish(key(0, UNIT));
    viewer.socket.resume();
    await viewer.heard((message) => message.kind === 'unit' && message.stream === 2);
  });

  it('gives its streams back when it is cut off while it is stuck', async () => {
    await using served = await Served.open();
    using stuck = await served.viewer();
    stuck.open('quay');
    await stuck.state(() => true);
    stuck.socket.pause();
    for (let n = 0; served.quay.counters.dropped === 0; n++) {
      served.quay.publish(n % GOP === 0 ? key(n, UNIT) : delta(n, UNIT));
      await new Promise(setImmediate);
    }
    served.sockets[0]?.terminate();
    await Promise.all(served.outcomes);
    expect(served.quay.readers).toBe(0);
  });
});
