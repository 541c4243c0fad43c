import { describe, expect, it } from 'vitest';
import { micros } from '#wire/time.ts';
import {
  bytesWaiting,
  keepOf,
  overrun,
  type QueueLimits,
  runningAfter,
} from '../../../server/fanout/drop-policy.ts';
import type { QueuedItem } from '../../../server/fanout/stream-item.ts';
import { CONFIG, delta, key, seconds } from './made-up-camera.ts';

const LIMITS: QueueLimits = { bytes: 1000, age: seconds(2), lag: seconds(2.5) };
const PLACE = { epoch: 1, group: 1, index: 0 };

const config: QueuedItem = { kind: 'config', ...PLACE, config: CONFIG };
const gap: QueuedItem = { kind: 'gap', ...PLACE, dropped: 3 };
const item = (unit: ReturnType<typeof key> | ReturnType<typeof delta>, at: number, replay = false) =>
  ({
    kind: 'unit',
    ...PLACE,
    unit,
    discontinuity: false,
    replay,
    publishedAt: seconds(at),
    runningAt: seconds(at),
  }) as const;
const k = (at: number, bytes = 100) => item(key(at, bytes), at);
const d = (at: number, bytes = 10) => item(delta(at, bytes), at);

describe('A queue', () => {
  it.each([
    ['nothing is at its limit', { bytes: 1000, age: 2, lag: 2.5 }, undefined],
    ['there are too many bytes', { bytes: 1001, age: 0, lag: 0 }, 'bytes'],
    ['the oldest unit is too old', { bytes: 0, age: 2.001, lag: 0 }, 'age'],
    ['the viewer owes a picture for too long', { bytes: 0, age: 0, lag: 2.501 }, 'lag'],
    ['everything is too much: the lag, which cuts deepest', { bytes: 1001, age: 3, lag: 3 }, 'lag'],
  ] as const)('is cut because %s', (_, { bytes, age, lag }, cause) => {
    expect(overrun({ bytes, age: seconds(age), lag: seconds(lag) }, LIMITS)).toBe(cause);
  });

  it('counts the bytes of live units, and not of a replay, whose memory is the stream’s', () => {
    expect(bytesWaiting([config, item(key(0, 500), 0, true), item(delta(1, 30), 1), gap])).toBe(30);
  });
});

describe('What is kept of a queue that passed a limit', () => {
  it.each([
    ['nothing of a GOP’s tail', [d(0), d(1)], 'age', 2.1, []],
    ['a key unit that has just come, whatever its size', [d(0), config, k(1, 9000)], 'bytes', 1, [1, 3]],
    ['the newest GOP where it is young enough', [config, k(0), config, k(1), d(2)], 'age', 2.1, [2, 5]],
    ['nothing where even that is too old', [config, k(0), config, k(1), d(3)], 'age', 3.1, []],
    ['nothing where even that is too large', [d(0), config, k(1, 900), d(2, 101)], 'bytes', 2, []],
    ['the newest key unit alone on lag', [d(0), config, k(1), d(1)], 'lag', 1, [1, 3]],
    ['a key unit whose config has been taken', [k(0), d(1)], 'lag', 1, [0, 1]],
    ['nothing on lag where the key unit is old news', [config, k(0), d(3)], 'lag', 3, []],
  ] as const)('is %s', (_, queue, cause, now, kept) => {
    const { from, to } = keepOf(queue, cause, LIMITS, seconds(now));
    expect(from === to ? [] : [from, to]).toEqual(kept);
  });
});

describe('The running time of a camera', () => {
  it('goes on with the clock while units come', () => {
    expect(runningAfter(seconds(5), micros(40_000))).toBe(seconds(5.04));
  });

  it('goes on by a second at most while none do', () => {
    expect(runningAfter(seconds(5), seconds(60))).toBe(seconds(6));
  });
});
