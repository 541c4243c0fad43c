import { expect, test } from 'vitest';
import { ReadMemory } from '../../../server/ingest/rtsp-memory.ts';

/** What a socket does: asks for room and fills so much of it. */
function read(memory: ReadMemory, length: number, fill: number): Buffer {
  const room = memory.onread.buffer();
  room.fill(fill, 0, length);
  let brought: Buffer = Buffer.alloc(0);
  memory.onRead = (bytes) => {
    brought = bytes;
  };
  memory.onread.callback(length, room);
  return brought;
}

test('what one read brought is not touched by the next ones', () => {
  const memory = new ReadMemory();
  const reads = Array.from({ length: 40 }, (_, index) => read(memory, 10_000, index));
  for (const [index, bytes] of reads.entries()) expect(bytes.equals(Buffer.alloc(10_000, index))).toBe(true);
});

test('there is always room for a read worth its while', () => {
  const memory = new ReadMemory();
  for (let index = 0; index < 200; index += 1) {
    expect(memory.onread.buffer().length).toBeGreaterThanOrEqual(16_384);
    read(memory, 1 + ((index * 7_919) % 16_384), index);
  }
});

test('a chunk that is given back is read into again, and one still read into is not taken', () => {
  const memory = new ReadMemory();
  const first = read(memory, 60_000, 1).buffer;
  memory.reuse(first);
  const second = read(memory, 60_000, 2).buffer;
  expect(second).not.toBe(first);
  memory.reuse(first);
  expect(read(memory, 60_000, 3).buffer).toBe(first);
  memory.reuse(second);
  expect(read(memory, 60_000, 4).buffer).toBe(second);
});

test('no more than a few chunks are kept for use again', () => {
  const memory = new ReadMemory();
  const used = Array.from({ length: 20 }, () => read(memory, 60_000, 0).buffer);
  read(memory, 60_000, 0);
  for (const chunk of used) memory.reuse(chunk);
  const again = Array.from({ length: 20 }, () => read(memory, 60_000, 0).buffer);
  expect(again.filter((chunk) => used.includes(chunk))).toHaveLength(8);
});
