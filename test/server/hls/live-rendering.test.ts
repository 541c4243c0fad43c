import { describe, expect, it } from 'vitest';
import { Stream } from '../../../server/fanout/stream.ts';
import { LiveRendering } from '../../../server/hls/live-rendering.ts';
import type { Segment } from '../../../server/hls/segment.ts';
import { clipUnits } from '../../support/hls-units.ts';

const CLIP = { codec: 'h264', width: 128, height: 96, frames: 70, keyInterval: 50 } as const;

describe('a stream over HLS', () => {
  it('is read while somebody asks, and no longer', async () => {
    const stream = new Stream();
    await using rendering = new LiveRendering(stream, undefined, 50);
    expect(stream.readers).toBe(0);
    rendering.init('0');
    expect(stream.readers).toBe(1);
    await expect.poll(() => stream.readers).toBe(0);
    rendering.segment(0);
    expect(stream.readers).toBe(1);
  });

  it('is read for ever where it is stored, and all of it is stored when it is stopped', async () => {
    const stream = new Stream();
    const stored: Segment[] = [];
    const store = { add: async (segment: Segment) => void stored.push(segment) };
    const rendering = new LiveRendering(stream, store, 1);
    expect(stream.readers).toBe(1);
    for (const unit of await clipUnits(CLIP)) stream.publish(unit);
    await expect.poll(() => stored.map(({ units }) => units)).toEqual([50]);
    await rendering[Symbol.asyncDispose]();
    expect(stored.map(({ units }) => units)).toEqual([50, 20]);
    expect(stream.readers).toBe(0);
  });

  it('lets go of who waits when they are gone', async () => {
    await using rendering = new LiveRendering(new Stream());
    const gone = new AbortController();
    const waiting = rendering.newest(gone.signal);
    gone.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'hls/not-ready' });
  });

  it('lets no more than 256 wait, and tells who comes then that these are too many', async () => {
    await using rendering = new LiveRendering(new Stream());
    const gone = Array.from({ length: 256 }, () => new AbortController());
    const waiting = gone.map(({ signal }) => rendering.newest(signal).catch(() => {}));
    const { signal } = new AbortController();
    const tooMany = { code: 'hls/not-ready', message: 'too many wait for this camera already; ask again' };
    await expect(rendering.newest(signal)).rejects.toMatchObject(tooMany);
    await expect(rendering.playlist({ delta: false }, '', signal)).rejects.toMatchObject(tooMany);
    for (const one of gone) one.abort();
    await Promise.all(waiting);
  });
});
