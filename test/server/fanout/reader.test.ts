import { describe, expect, it } from 'vitest';
import { wallMicros } from '#wire/time.ts';
import type { QueueLimits } from '../../../server/fanout/drop-policy.ts';
import { Stream } from '../../../server/fanout/stream.ts';
import { Consumer, delta, HandClock, key, seconds, settled } from './made-up-camera.ts';

const LIMITS: QueueLimits = { bytes: 1000, age: seconds(2), lag: seconds(2.5) };

/** A stream whose clock is in hand. */
function camera(options: { gopBytes?: number } = {}) {
  const clock = new HandClock();
  const stream = new Stream({ ...options, now: clock.now });
  return { clock, stream, viewer: () => new Consumer(stream.read({ want: 'live', limits: LIMITS })) };
}

describe('A reader whose viewer does not read', () => {
  it('holds units for it until they are too many bytes, then leaves them out up to the next key unit', async () => {
    const { stream, viewer } = camera();
    const stuck = viewer();
    for (const unit of [key(0, 600), delta(1, 300), delta(2, 300), delta(3, 300)]) stream.publish(unit);
    stream.publish(key(4));
    stream.publish(delta(5));
    await stuck.take();
    expect(stuck.told()).toEqual(['gap 4', 'config 2', 'key 2.0', 'delta 2.1']);
    expect(stuck.reader.counters).toEqual({ delivered: 2, dropped: 4, gaps: 1 });
  });

  it('holds units for it until they are too old', async () => {
    const { clock, stream, viewer } = camera();
    const [stuck, late] = [viewer(), viewer()];
    for (const unit of [key(0), delta(1), delta(2)]) {
      stream.publish(unit);
      clock.advance(1);
    }
    await late.take();
    stream.publish(delta(3));
    stream.publish(key(4));
    await settled();
    await stuck.take();
    expect(late.told().slice(0, 4)).toEqual(['config 1', 'key 1.0', 'delta 1.1', 'delta 1.2']);
    expect(late.reader.counters.dropped).toBe(0);
    expect(stuck.told()).toEqual(['gap 4', 'config 2', 'key 2.0']);
  });

  it('goes on from the newest GOP it holds where that is within the limits', async () => {
    const { clock, stream, viewer } = camera();
    const stuck = viewer();
    for (const unit of [key(0), delta(1), key(2), delta(3)]) {
      stream.publish(unit);
      clock.advance(0.7);
    }
    await stuck.take();
    expect(stuck.told()).toEqual(['gap 2', 'config 2', 'key 2.0', 'delta 2.1']);
  });

  it('tells two runs of left-out units in one gap when the viewer reads only after both', async () => {
    const { clock, stream, viewer } = camera();
    const stuck = viewer();
    for (const unit of [key(0), key(1), key(2)]) {
      stream.publish(unit);
      clock.advance(2.1);
    }
    await stuck.take();
    expect(stuck.told()).toEqual(['gap 2', 'config 3', 'key 3.0']);
  });

  it('keeps a key unit that alone is larger than the limit', async () => {
    const { stream, viewer } = camera();
    const stuck = viewer();
    stream.publish(key(0, 5000));
    await stuck.take();
    expect(stuck.told()).toEqual(['config 1', 'key 1.0']);
  });

  it('has room again for as many bytes as before, once units were left out', async () => {
    const { stream, viewer } = camera();
    const stuck = viewer();
    for (const unit of [key(0, 600), delta(1, 500), key(2, 600), delta(3, 400)]) stream.publish(unit);
    await stuck.take(4);
    stream.publish(delta(4, 500));
    await stuck.take();
    expect(stuck.told()).toEqual(['gap 2', 'config 2', 'key 2.0', 'delta 2.1', 'delta 2.2']);
  });

  it('tells the gap even if the viewer changes its mind meanwhile', async () => {
    const { clock, stream, viewer } = camera();
    const stuck = viewer();
    for (const unit of [key(0), key(1)]) {
      stream.publish(unit);
      clock.advance(2.1);
    }
    stuck.reader.want('pause');
    stuck.reader.want('live');
    await stuck.take();
    expect(stuck.told()).toEqual(['gap 1', 'config 2', 'rkey 2.0']);
  });

  it('costs the other readers nothing', async () => {
    const { clock, stream, viewer } = camera();
    viewer();
    const other = viewer();
    await other.take();
    for (let n = 0; n < 100; n++) {
      stream.publish(n % 25 === 0 ? key(n, 600) : delta(n, 100));
      clock.advance(0.04);
      await settled();
    }
    expect(other.reader.counters).toEqual({ delivered: 100, dropped: 0, gaps: 0 });
  });
});

describe('A newcomer', () => {
  it('is sent the whole last GOP, however old and large, and what came while it was sent', async () => {
    const { clock, stream, viewer } = camera();
    stream.publish(key(0, 900));
    for (let n = 1; n <= 60; n++) {
      clock.advance(1);
      stream.publish(delta(n, 100));
    }
    const newcomer = viewer();
    await newcomer.take(20);
    clock.advance(3);
    stream.publish(delta(61));
    clock.advance(3);
    stream.publish(delta(62));
    await newcomer.take();
    expect(newcomer.reader.counters).toEqual({ delivered: 63, dropped: 0, gaps: 0 });
  });

  it('leaves the replay for the next key unit when that comes first', async () => {
    const { clock, stream, viewer } = camera();
    for (const unit of [key(0), delta(1), delta(2), delta(3)]) {
      stream.publish(unit);
      clock.advance(1);
    }
    const newcomer = viewer();
    await newcomer.take(3);
    stream.publish(key(4));
    await newcomer.take();
    expect(newcomer.told()).toEqual(['config 1', 'rkey 1.0', 'gap 3', 'config 2', 'key 2.0']);
  });

  it('is held to the limit in age once it has been sent the replay', async () => {
    const { clock, stream, viewer } = camera();
    for (const unit of [key(0), delta(1)]) stream.publish(unit);
    const newcomer = viewer();
    await newcomer.take(4);
    for (const unit of [delta(2), delta(3)]) {
      stream.publish(unit);
      clock.advance(2.1);
    }
    await newcomer.take();
    expect(newcomer.told()).toEqual(['config 1', 'rkey 1.0', 'rdelta 1.1']);
    expect(newcomer.reader.counters.dropped).toBe(2);
  });

  it('is held to the limit in bytes for what comes while the replay is sent', async () => {
    const { stream, viewer } = camera();
    stream.publish(key(0));
    const newcomer = viewer();
    for (const n of [1, 2, 3]) stream.publish(delta(n, 400));
    stream.publish(key(4));
    await newcomer.take();
    expect(newcomer.told()).toEqual(['gap 4', 'config 2', 'key 2.0']);
  });
});

describe('A viewer that acknowledges', () => {
  /** Publishes for some seconds at 10 units a second; the viewer takes all, and shows what `shown` says. */
  async function play(
    { clock, stream }: ReturnType<typeof camera>,
    viewer: Consumer,
    from: number,
    until: number,
    shown: (second: number) => number,
  ) {
    for (let n = Math.round(from * 10); n < until * 10; n++) {
      clock.advance(0.1);
      stream.publish(n % 100 === 0 ? key(n / 10) : delta(n / 10));
      await settled();
      viewer.reader.acknowledge(seconds(shown(n / 10)));
    }
  }

  it('is left alone while it shows what it is sent within the limit', async () => {
    const live = camera();
    const viewer = live.viewer();
    await viewer.take();
    await play(live, viewer, 0, 25, (now) => now - 2);
    expect(viewer.reader.counters.dropped).toBe(0);
  });

  it('is sent nothing but key units once it lags, although its queue is empty', async () => {
    const live = camera();
    const viewer = live.viewer();
    await viewer.take();
    await play(live, viewer, 0, 2, (now) => now);
    await play(live, viewer, 2, 20.5, () => 2);
    const sent = viewer.told();
    expect(sent).toContain('delta 1.44');
    expect(sent).not.toContain('delta 1.50');
    expect(sent.slice(-3)).toEqual([expect.stringMatching('gap'), 'config 3', 'key 3.0']);
  });

  it('is sent everything again from the next key unit on when it has caught up', async () => {
    const live = camera();
    const viewer = live.viewer();
    await viewer.take();
    await play(live, viewer, 0, 2, (now) => now);
    await play(live, viewer, 2, 9, () => 2);
    await play(live, viewer, 9, 12, (now) => now);
    const deltas = Array.from({ length: 19 }, (_, n) => `delta 2.${n + 1}`);
    expect(viewer.told().slice(-22)).toEqual(['gap 53', 'config 2', 'key 2.0', ...deltas]);
  });

  it('is not called slow because its camera stood still', async () => {
    const live = camera();
    const viewer = live.viewer();
    await viewer.take();
    await play(live, viewer, 0, 2, (now) => now - 0.2);
    live.clock.advance(60);
    await play(live, viewer, 62, 64, (now) => now - 0.2);
    expect(viewer.reader.counters.dropped).toBe(0);
  });

  it('may take its time over a replayed GOP, up to the next key unit', async () => {
    const live = camera();
    const first = live.viewer();
    await first.take();
    await play(live, first, 0, 5, (now) => now);
    const newcomer = live.viewer();
    await newcomer.take();
    await play(live, newcomer, 5, 10, () => 1);
    expect(newcomer.reader.counters.dropped).toBe(0);
    await play(live, newcomer, 10, 11, () => 1);
    expect(newcomer.told().slice(-2)).toEqual(['config 2', 'key 2.0']);
  });

  it('may not take its time any more once it has shown a live unit', async () => {
    const live = camera();
    const first = live.viewer();
    await first.take();
    await play(live, first, 0, 2, (now) => now);
    const newcomer = live.viewer();
    await newcomer.take();
    await play(live, newcomer, 2, 4, (now) => now);
    await play(live, newcomer, 4, 9, () => 4);
    expect(newcomer.reader.counters.dropped).toBeGreaterThan(0);
  });

  it('may take its time over the GOP replayed after a pause', async () => {
    const live = camera();
    const viewer = live.viewer();
    await viewer.take();
    await play(live, viewer, 0, 3, (now) => now - 1);
    viewer.reader.want('pause');
    await play(live, viewer, 3, 5, () => 2);
    viewer.reader.want('live');
    await play(live, viewer, 5, 10, () => 4);
    expect(viewer.reader.counters.dropped).toBe(0);
  });

  it('has no lag left over from before the camera reconnected', async () => {
    const live = camera();
    const viewer = live.viewer();
    await viewer.take();
    await play(live, viewer, 0, 9, (now) => now - 2);
    live.stream.discontinuity();
    await play(live, viewer, 0, 9, (now) => now - 0.2);
    expect(viewer.reader.counters.dropped).toBe(0);
  });
});

describe('What a viewer wants', () => {
  it('is key units alone, at once: delta units that were queued are let go and not called dropped', async () => {
    const { stream, viewer } = camera();
    const hidden = viewer();
    for (const unit of [key(0), delta(1), delta(2)]) stream.publish(unit);
    hidden.reader.want('key');
    for (const unit of [delta(3), key(4), delta(5)]) stream.publish(unit);
    await hidden.take();
    expect(hidden.told()).toEqual(['config 1', 'key 1.0', 'config 2', 'key 2.0']);
    expect(hidden.reader.counters.dropped).toBe(0);
  });

  it('is nothing, at once; but the camera is still told of', async () => {
    const { stream, viewer } = camera();
    const paused = viewer();
    stream.publish(key(0));
    paused.reader.want('pause');
    stream.publish(delta(1));
    stream.publish(key(2));
    stream.setState({ state: 'unreachable', since: wallMicros(1), code: 'ingest/refused', message: 'no' });
    await paused.take();
    expect(paused.items).toMatchObject([{ kind: 'state', state: { state: 'unreachable' } }]);
  });

  it.each(['key', 'pause'] as const)(
    'is the live picture again at once after %s: the last GOP is replayed',
    async (less) => {
      const { stream, viewer } = camera();
      const tile = viewer();
      await tile.take();
      tile.reader.want(less);
      for (const unit of [key(0), delta(1), delta(2)]) stream.publish(unit);
      await settled();
      tile.told();
      tile.reader.want('live');
      stream.publish(delta(3));
      await settled();
      expect(tile.told()).toEqual(['config 1', 'rkey 1.0', 'rdelta 1.1', 'rdelta 1.2', 'delta 1.3']);
    },
  );

  it('is the last key unit at once when key units are wanted after a pause', async () => {
    const { stream, viewer } = camera();
    const tile = viewer();
    tile.reader.want('pause');
    for (const unit of [key(0), delta(1)]) stream.publish(unit);
    tile.reader.want('key');
    stream.publish(delta(2));
    await tile.take();
    expect(tile.told()).toEqual(['config 1', 'rkey 1.0']);
  });

  it('may be said twice', async () => {
    const { stream, viewer } = camera();
    const tile = viewer();
    await tile.take();
    stream.publish(key(0));
    await settled();
    tile.told();
    tile.reader.want('live');
    await settled();
    expect(tile.told()).toEqual([]);
  });
});

describe('A reader', () => {
  it('lets nothing come between a config and its key unit', async () => {
    const { stream, viewer } = camera();
    const tile = viewer();
    stream.publish(key(0));
    await tile.take(2);
    stream.setState({ state: 'live', since: wallMicros(1) });
    await tile.take(2);
    expect(tile.items.map(({ kind }) => kind)).toEqual(['state', 'config', 'unit', 'state']);
  });

  it('ends a waiting consumer when it is disposed, and leaves the stream', async () => {
    const { stream, viewer } = camera();
    const tile = viewer();
    await tile.take();
    tile.reader[Symbol.dispose]();
    await settled();
    expect(tile.ended).toBe(true);
    expect(stream.readers).toBe(0);
  });

  it('is disposed when its consumer leaves the loop', async () => {
    const { stream } = camera();
    for await (const _item of stream.read({ want: 'live' })) break;
    expect(stream.readers).toBe(0);
  });
});
