import fc from 'fast-check';
import { expect, test } from 'vitest';
import { micros } from '#wire/time.ts';
import { BACKOFF_CAP, BACKOFF_FLOOR, backoff } from '../../../server/ingest/backoff.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('the first wait is at most half a second', () => {
  expect(backoff(0, 0)).toBe(250_000);
  expect(backoff(0, 0.999_999_9)).toBe(500_000);
});

test('the ceiling doubles with each attempt until the cap', () => {
  const ceilings = [0, 1, 2, 3, 4, 5].map((attempt) => backoff(attempt, 1 - 1e-12));
  expect(ceilings).toEqual([500_000, 1_000_000, 2_000_000, 4_000_000, 4_000_000, 4_000_000]);
});

test('no wait, after however many attempts, leaves the range from floor to cap', () => {
  fc.assert(
    fc.property(fc.nat(), random, (attempt, chance) => {
      const wait = backoff(attempt, chance);
      return Number.isInteger(wait) && wait >= BACKOFF_FLOOR && wait <= BACKOFF_CAP;
    }),
  );
});

test('cameras that failed together come back spread over the whole range', () => {
  expect(backoff(9, 0)).toBe(250_000);
  expect(backoff(9, 0.5)).toBe(2_125_000);
  expect(backoff(9, 1 - 1e-12)).toBe(4_000_000);
});

test('an attempt that took long to fail has been part of the wait', () => {
  expect(backoff(10, 0.999, micros(1_500_000))).toBe(backoff(10, 0.999) - 1_500_000);
  expect(backoff(10, 0.999, micros(5_000_000))).toBe(BACKOFF_FLOOR);
});
