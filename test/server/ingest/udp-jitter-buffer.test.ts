import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  JITTER_LIMITS,
  JitterBuffer,
  type JitterLimits,
  type Sequenced,
} from '../../../server/ingest/udp-jitter-buffer.ts';
import { micros } from '../../../server/wire/time.ts';

const MS = 1000;
const packet = (sequence: number, ms = 0, ssrc = 7): Sequenced => ({
  sequence: sequence & 0xffff,
  ssrc,
  arrivedAt: micros(ms * MS),
});
const numbers = (packets: readonly Sequenced[]): number[] => packets.map(({ sequence }) => sequence);
/** What each arrival gives. */
const given = (sequences: readonly number[], limits?: JitterLimits): number[][] => {
  const buffer = new JitterBuffer(limits);
  return sequences.map((sequence, at) => numbers(buffer.push(packet(sequence, at))));
};

describe('the jitter buffer', () => {
  it('lets packets in order through at once', () => {
    expect(given([65_534, 65_535, 0, 1])).toEqual([[65_534], [65_535], [0], [1]]);
  });

  it('puts overtaken packets back in their place, across the wrap too', () => {
    expect(given([65_533, 65_535, 0, 65_534, 1])).toEqual([[65_533], [], [], [65_534, 65_535, 0], [1]]);
  });

  it('drops what comes twice, whether it waits still or has gone', () => {
    expect(given([1, 1, 3, 3, 2, 3, 4])).toEqual([[1], [], [], [], [2, 3], [], [4]]);
  });

  it('gives a hole up once more packets wait behind it than are allowed', () => {
    const limits = { ...JITTER_LIMITS, packets: 2 };
    expect(given([1, 3, 4, 6, 7], limits)).toEqual([[1], [], [], [3, 4], []]);
  });

  it('drops a packet whose hole was given up', () => {
    expect(given([1, 3, 4, 2, 5], { ...JITTER_LIMITS, packets: 1 })).toEqual([[1], [], [3, 4], [], [5]]);
  });

  it('gives a hole up when a packet arrives after the wait of the one behind it', () => {
    const buffer = new JitterBuffer();
    buffer.push(packet(1, 0));
    expect(numbers(buffer.push(packet(3, 10)))).toEqual([]);
    expect(numbers(buffer.push(packet(6, 50)))).toEqual([]);
    expect(numbers(buffer.push(packet(4, 109)))).toEqual([]);
    expect(numbers(buffer.push(packet(7, 110)))).toEqual([3, 4]);
    expect(buffer.due).toBe(150 * MS);
  });

  it('gives a hole up in a silence, when it is due', () => {
    const buffer = new JitterBuffer();
    buffer.push(packet(1, 0));
    expect(buffer.due).toBeUndefined();
    buffer.push(packet(3, 10));
    expect(buffer.due).toBe(110 * MS);
    expect(buffer.expire(micros(110 * MS - 1))).toEqual([]);
    expect(numbers(buffer.expire(micros(110 * MS)))).toEqual([3]);
    expect(buffer.due).toBeUndefined();
  });

  it('gives what waits when nothing more will come', () => {
    const buffer = new JitterBuffer();
    for (const sequence of [1, 5, 3]) buffer.push(packet(sequence));
    expect(numbers(buffer.flush())).toEqual([3, 5]);
    expect(buffer.held).toBe(0);
    expect(numbers(buffer.push(packet(6)))).toEqual([6]);
  });

  it('leaves out one far stray', () => {
    expect(given([1, 2, 30_000, 3])).toEqual([[1], [2], [], [3]]);
  });

  it('follows numbers that begin anew once two packets say so, whatever waited before them', () => {
    expect(given([1, 2, 4, 30_000, 30_001, 30_002])).toEqual([
      [1],
      [2],
      [],
      [],
      [4, 30_000, 30_001],
      [30_002],
    ]);
    expect(given([1, 30_001, 30_000, 30_002])).toEqual([[1], [], [30_000, 30_001], [30_002]]);
  });

  it('follows another source once two of its packets came in a row, and never goes back for a late one', () => {
    const buffer = new JitterBuffer();
    const out = [
      packet(1, 0, 7),
      packet(500, 1, 8),
      packet(2, 2, 7),
      packet(501, 3, 8),
      packet(502, 4, 8),
      packet(3, 5, 7),
      packet(503, 6, 8),
    ].map((one) => buffer.push(one).map(({ ssrc, sequence }) => [ssrc, sequence]));
    expect(out).toEqual([
      [[7, 1]],
      [],
      [[7, 2]],
      [],
      [
        [8, 501],
        [8, 502],
      ],
      [],
      [[8, 503]],
    ]);
  });
});

/** The same by the plainest means: a sorted list, looked through anew at every arrival. */
class Model {
  #held: { readonly at: number; readonly arrivedAt: number }[] = [];
  #next: number | undefined;
  readonly #limits: JitterLimits;

  constructor(limits: JitterLimits) {
    this.#limits = limits;
  }

  /** @param at the number before it wraps */
  push(at: number, now: number): number[] {
    this.#next ??= at;
    if (at < this.#next || this.#held.some((one) => one.at === at)) return [];
    this.#held.push({ at, arrivedAt: now });
    this.#held.sort((a, b) => a.at - b.at);
    return this.expire(now);
  }

  expire(now: number): number[] {
    const out: number[] = [];
    const goesOn = () =>
      this.#held[0]?.at === this.#next ||
      this.#held.length > this.#limits.packets ||
      this.#held.some(({ arrivedAt }) => now - arrivedAt >= this.#limits.wait);
    while (this.#held.length > 0 && goesOn()) {
      const { at } = this.#held.shift()!;
      this.#next = at + 1;
      out.push(at);
    }
    return out;
  }
}

/** Numbers near each other that rise in the long run, and how long each takes to come, µs. */
const arrivals = fc.array(
  fc.record({ step: fc.integer({ min: -6, max: 9 }), waited: fc.constantFrom(0, 1, 3, 40, 200) }),
  { maxLength: 80 },
);

describe('whatever arrives', () => {
  it('the buffer gives what a sorted list gives', () => {
    fc.assert(
      fc.property(
        arrivals,
        fc.nat(0xffff),
        fc.record({
          packets: fc.integer({ min: 0, max: 6 }),
          wait: fc.constantFrom(2, 50, 1000).map(micros),
        }),
        (steps, start, limits) => {
          const buffer = new JitterBuffer(limits);
          const model = new Model(limits);
          let at = start;
          let now = 0;
          for (const { step, waited } of steps) {
            at += step;
            now += waited;
            // Expiry never changes what an arrival at the same moment would give, only when.
            const expired = waited > 40 ? model.expire(now - 1) : [];
            if (waited > 40)
              expect(numbers(buffer.expire(micros(now - 1)))).toEqual(expired.map((n) => n & 0xffff));
            const out = buffer.push({ sequence: at & 0xffff, ssrc: 7, arrivedAt: micros(now) });
            expect(numbers(out)).toEqual(model.push(at, now).map((n) => n & 0xffff));
            expect(buffer.held).toBeLessThanOrEqual(limits.packets);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('every packet comes out once and in order when none is lost and none is overtaken too often', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(8), fc.boolean()), { minLength: 1, maxLength: 300 }),
        fc.nat(0xffff),
        (fates, start) => {
          const sent = fates.flatMap(([delay, twice], at) => {
            // The first stays first: where numbers begin cannot be known.
            const place = at === 0 ? -1 : at + delay + 0.5;
            return twice
              ? [
                  { at, place },
                  { at, place: place + 3 },
                ]
              : [{ at, place }];
          });
          sent.sort((a, b) => a.place - b.place);
          const buffer = new JitterBuffer();
          const out = sent.flatMap(({ at }) => buffer.push(packet(start + at)));
          expect(numbers(out)).toEqual(fates.map((_, at) => (start + at) & 0xffff));
        },
      ),
    );
  });
});
