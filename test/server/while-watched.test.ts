import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CameraState } from '#wire/camera-state.ts';
import { wallMicros } from '#wire/time.ts';
import { Stream } from '../../server/fanout/stream.ts';
import { WhileWatched } from '../../server/while-watched.ts';

const HOUR = 3_600_000;
const refused = (message: string): CameraState => ({
  state: 'unreachable',
  since: wallMicros(1),
  code: 'ingest/refused',
  message,
});

let stream: Stream;
let watched: WhileWatched;
/** What the work did, and the states that were told. */
let told: string[];

/** Work that pauses for an hour, again and again. */
async function feed(stop: AbortSignal): Promise<void> {
  told.push('begins');
  while (!stop.aborted) {
    await watched.pause(HOUR, stop);
    told.push('after a pause');
  }
  told.push('ends');
}

beforeEach(() => {
  stream = new Stream();
  told = [];
  watched = new WhileWatched({
    stream,
    feed,
    closeAfterSeconds: 0,
    entered: (state) => told.push(state.state),
  });
});

afterEach(() => watched[Symbol.asyncDispose]());

describe('what is done while a stream is watched', () => {
  it('begins with the first reader and ends after the last, also in the middle of a pause', async () => {
    const [first, second] = [stream.read({ want: 'live' }), stream.read({ want: 'live' })];
    watched.enter({ state: 'live', since: wallMicros(1) });
    first[Symbol.dispose]();
    second[Symbol.dispose]();
    await expect.poll(() => stream.state.state).toBe('idle');
    expect(told).toEqual(['begins', 'live', 'after a pause', 'ends', 'idle']);
  });

  it('goes on at once where it is hurried', async () => {
    using _reader = stream.read({ want: 'live' });
    watched.hurry();
    await expect.poll(() => told).toEqual(['begins', 'after a pause']);
  });

  it('tells a reason once, and another one too', () => {
    for (const message of ['no', 'no', 'never']) watched.enter(refused(message));
    expect(told).toEqual(['unreachable', 'unreachable']);
  });

  it('is over when it is disposed of, and so is the stream', async () => {
    using reader = stream.read({ want: 'live' });
    await watched[Symbol.asyncDispose]();
    expect(told).toEqual(['begins', 'after a pause', 'ends']);
    const kinds = [];
    for await (const item of reader) kinds.push(item.kind);
    expect(kinds).toEqual(['state', 'end']);
    stream.read({ want: 'live' })[Symbol.dispose]();
    expect(told).toHaveLength(3);
  });
});
