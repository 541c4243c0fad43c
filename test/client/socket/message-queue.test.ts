import { describe, expect, it } from 'vitest';
import { MessageQueue } from '../../../client/socket/message-queue.ts';
import { config, gap, unit } from '../messages.ts';

const LIMITS = { messages: 5, bytes: 1000 };

describe("a tile's queue of messages", () => {
  it('gives them in order, and waits for more', async () => {
    const queue = new MessageQueue(LIMITS);
    const reader = queue[Symbol.asyncIterator]();
    queue.put(config(1));
    queue.put(unit(1, 0));
    expect((await reader.next()).value).toMatchObject({ kind: 'config' });
    expect((await reader.next()).value).toMatchObject({ kind: 'unit' });
    const waiting = reader.next();
    queue.put(unit(1, 1));
    expect((await waiting).value).toMatchObject({ index: 1 });
  });

  it('gives up what waits when there is too much of it, and puts a gap in its place', async () => {
    const queue = new MessageQueue(LIMITS);
    queue.put(gap(1, 3));
    for (let index = 0; index < 4; index++) queue.put(unit(1, index));
    queue.put(unit(1, 4));
    const reader = queue[Symbol.asyncIterator]();
    expect((await reader.next()).value).toMatchObject({ kind: 'gap', dropped: 7 });
    expect((await reader.next()).value).toMatchObject({ kind: 'unit', index: 4 });
  });

  it('gives up by bytes as well, and counts anew from there', async () => {
    const queue = new MessageQueue(LIMITS);
    queue.put(unit(1, 0, { data: new Uint8Array(900) }));
    queue.put(unit(1, 1, { data: new Uint8Array(900) }));
    queue.put(unit(1, 2, { data: new Uint8Array(50) }));
    const reader = queue[Symbol.asyncIterator]();
    const read = [await reader.next(), await reader.next(), await reader.next()].map(({ value }) => value);
    expect(read).toMatchObject([{ kind: 'gap', dropped: 1 }, { index: 1 }, { index: 2 }]);
  });

  it('ends a reader that waits', async () => {
    const queue = new MessageQueue(LIMITS);
    const waiting = queue[Symbol.asyncIterator]().next();
    queue.end();
    expect((await waiting).done).toBe(true);
  });

  it('takes nothing after its end', async () => {
    const queue = new MessageQueue(LIMITS);
    queue.end();
    queue.put(unit(1, 0));
    expect((await queue[Symbol.asyncIterator]().next()).done).toBe(true);
  });
});
