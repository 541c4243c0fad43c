import { describe, expect, it } from 'vitest';
import type { CameraState } from '#wire/camera-state.ts';
import { wallMicros } from '#wire/time.ts';
import { Stream } from '../../../server/fanout/stream.ts';
import type { StreamItem } from '../../../server/fanout/stream-item.ts';
import { CONFIG, Consumer, delta, key, settled } from './made-up-camera.ts';

const LIVE: CameraState = { state: 'live', since: wallMicros(1) };
const IDLE: CameraState = { state: 'idle', since: wallMicros(2) };

async function viewerOf(stream: Stream): Promise<Consumer> {
  const consumer = new Consumer(stream.read({ want: 'live' }));
  await consumer.take();
  return consumer;
}

const units = (items: readonly StreamItem[]) => items.filter((item) => item.kind === 'unit');

describe('A stream', () => {
  it('numbers the units of a camera by epoch, group and index', async () => {
    const stream = new Stream();
    const viewer = await viewerOf(stream);
    for (const unit of [key(0), delta(1), delta(2), key(3), delta(4)]) stream.publish(unit);
    await settled();
    expect(viewer.told()).toEqual([
      'config 1',
      'key 1.0',
      'delta 1.1',
      'delta 1.2',
      'config 2',
      'key 2.0',
      'delta 2.1',
    ]);
  });

  it('hands the same bytes to every reader, never a copy', async () => {
    const stream = new Stream();
    const [one, other] = [await viewerOf(stream), await viewerOf(stream)];
    const unit = key(0);
    stream.publish(unit);
    await settled();
    expect(units(one.items)[0]?.unit).toBe(unit);
    expect(units(other.items)[0]?.unit).toBe(unit);
  });

  it('leaves out delta units that come before the first key unit, for everybody and uncounted', async () => {
    const stream = new Stream();
    const viewer = await viewerOf(stream);
    for (const unit of [delta(0), delta(1), key(2)]) stream.publish(unit);
    await settled();
    expect(viewer.told()).toEqual(['config 1', 'key 1.0']);
    expect(stream.published).toBe(1);
    expect(stream.counters.dropped).toBe(0);
  });

  it('begins a new epoch, marked as a discontinuity, when the camera has reconnected', async () => {
    const stream = new Stream();
    const viewer = await viewerOf(stream);
    for (const unit of [key(0), key(1)]) stream.publish(unit);
    stream.discontinuity();
    for (const unit of [delta(0), key(0), key(1)]) stream.publish(unit);
    await settled();
    const seen = units(viewer.items).map(({ epoch, discontinuity }) => ({ epoch, discontinuity }));
    expect(seen).toEqual([
      { epoch: 1, discontinuity: true },
      { epoch: 1, discontinuity: false },
      { epoch: 2, discontinuity: true },
      { epoch: 2, discontinuity: false },
    ]);
  });

  it('begins a new epoch when the parameter sets change', async () => {
    const stream = new Stream();
    const viewer = await viewerOf(stream);
    stream.publish(key(0));
    stream.publish(key(1, 100, { ...CONFIG, codedWidth: 1920, codedHeight: 1080 }));
    stream.publish(key(2, 100, { ...CONFIG, codedWidth: 1920, codedHeight: 1080 }));
    await settled();
    expect(units(viewer.items).map(({ epoch }) => epoch)).toEqual([1, 2, 2]);
  });

  it('begins a new epoch when a camera that was live is live again', async () => {
    const stream = new Stream();
    const viewer = await viewerOf(stream);
    stream.setState(LIVE);
    stream.publish(key(0));
    stream.setState(IDLE);
    stream.publish(delta(0));
    stream.setState(LIVE);
    stream.publish(key(0));
    await settled();
    expect(viewer.told()).toEqual(['config 1', 'key 1.0', 'config 2', 'key 2.0']);
  });

  it('shows a newcomer the last GOP, marked as a replay, and goes on from there', async () => {
    const stream = new Stream();
    for (const unit of [key(0), delta(1), key(2), delta(3), delta(4)]) stream.publish(unit);
    const newcomer = await viewerOf(stream);
    stream.publish(delta(5));
    await settled();
    expect(newcomer.told()).toEqual(['config 2', 'rkey 2.0', 'rdelta 2.1', 'rdelta 2.2', 'delta 2.3']);
  });

  it('shows a newcomer the key unit of a GOP too large to keep, and the rest as left out', async () => {
    const stream = new Stream({ gopBytes: 125 });
    for (const unit of [key(0), delta(1), delta(2), delta(3)]) stream.publish(unit);
    const newcomer = await viewerOf(stream);
    stream.publish(delta(4));
    stream.publish(key(5));
    await settled();
    expect(newcomer.told()).toEqual(['config 1', 'rkey 1.0', 'gap 4', 'config 2', 'key 2.0']);
  });

  it('asks for a key unit once, when its last GOP has become too large to keep', () => {
    const stream = new Stream({ gopBytes: 125 });
    let asked = 0;
    stream.onKeyWanted = () => asked++;
    for (const unit of [key(0), delta(1), delta(2)]) stream.publish(unit);
    expect(asked).toBe(0);
    for (const unit of [delta(3), delta(4)]) stream.publish(unit);
    expect(asked).toBe(1);
  });

  it('tells every viewer of units that the camera lost, before the next key unit, and blames no viewer', async () => {
    const stream = new Stream();
    const viewer = await viewerOf(stream);
    for (const unit of [key(0), delta(1)]) stream.publish(unit);
    stream.lose(2);
    stream.lose(1);
    stream.publish(key(5));
    await settled();
    expect(viewer.told()).toEqual(['config 1', 'key 1.0', 'delta 1.1', 'gap 3', 'config 2', 'key 2.0']);
    expect(stream.counters).toMatchObject({ dropped: 0, gaps: 1 });
  });

  it('shows a newcomer what came before a loss, and tells of the loss', async () => {
    const stream = new Stream();
    for (const unit of [key(0), delta(1)]) stream.publish(unit);
    stream.lose(2);
    const newcomer = await viewerOf(stream);
    stream.publish(key(4));
    await settled();
    expect(newcomer.told()).toEqual(['config 1', 'rkey 1.0', 'rdelta 1.1', 'gap 2', 'config 2', 'key 2.0']);
  });

  it('tells nobody of a loss before the first key unit, nor of delta units to who wants none', async () => {
    const stream = new Stream();
    const viewer = await viewerOf(stream);
    const hidden = new Consumer(stream.read({ want: 'key' }));
    await hidden.take();
    stream.lose(3);
    stream.publish(key(0));
    stream.lose(1);
    stream.publish(key(1));
    await settled();
    expect(viewer.told()).toEqual(['config 1', 'key 1.0', 'gap 1', 'config 2', 'key 2.0']);
    expect(hidden.told()).toEqual(['config 1', 'key 1.0', 'config 2', 'key 2.0']);
  });

  it('shows a newcomer no picture of a camera that is not live any more', async () => {
    const stream = new Stream();
    stream.setState(LIVE);
    stream.publish(key(0));
    stream.setState(IDLE);
    expect((await viewerOf(stream)).told()).toEqual([]);
  });

  it('tells a newcomer the state of the camera first, and every change after it', async () => {
    const stream = new Stream();
    stream.setState(LIVE);
    stream.publish(key(0));
    const newcomer = await viewerOf(stream);
    stream.setState(IDLE);
    await settled();
    expect(newcomer.items[0]).toEqual({ kind: 'state', state: LIVE });
    expect(newcomer.items.at(-1)).toEqual({ kind: 'state', state: IDLE });
  });

  it('tells how many readers it has when one comes or goes', () => {
    const stream = new Stream();
    const counts: number[] = [];
    stream.onReaders = (count) => counts.push(count);
    const one = stream.read({ want: 'live' });
    const other = stream.read({ want: 'pause' });
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    other[Symbol.dispose]();
    expect(counts).toEqual([1, 2, 1, 0]);
    expect(stream.readers).toBe(0);
  });

  it('counts as viewers those of its readers that somebody watches', () => {
    const stream = new Stream();
    const viewer = stream.read({ want: 'live' });
    const recorder = stream.read({ want: 'live', viewer: false });
    expect(stream.viewers).toBe(1);
    recorder[Symbol.dispose]();
    expect(stream.viewers).toBe(1);
    viewer[Symbol.dispose]();
    expect(stream.viewers).toBe(0);
  });

  it('ends all its readers with the reason, after what they were still owed', async () => {
    const stream = new Stream();
    const reader = stream.read({ want: 'live' });
    stream.publish(key(0));
    stream.end('closed', 'the server is stopping');
    stream.publish(delta(1));
    const viewer = new Consumer(reader);
    await viewer.take();
    expect(viewer.told()).toEqual(['config 1', 'key 1.0', 'end closed']);
    expect(viewer.ended).toBe(true);
    expect(stream.readers).toBe(0);
  });

  it('ends a reader at once that waits, and one that comes too late', async () => {
    const stream = new Stream();
    stream.publish(key(0));
    const waiting = await viewerOf(stream);
    waiting.told();
    stream.end('ingest/closed', 'gone');
    await settled();
    const late = await viewerOf(stream);
    expect(waiting.told()).toEqual(['end ingest/closed']);
    expect(late.told()).toEqual(['end ingest/closed']);
    expect(late.ended).toBe(true);
  });

  it('counts what was delivered to readers that have gone, too', async () => {
    const stream = new Stream();
    const [one, other] = [await viewerOf(stream), await viewerOf(stream)];
    stream.publish(key(0));
    await settled();
    one.reader[Symbol.dispose]();
    stream.publish(delta(1));
    await settled();
    expect(stream.counters).toEqual({ delivered: 3, dropped: 0, gaps: 0 });
    expect(other.reader.counters.delivered).toBe(2);
  });
});
