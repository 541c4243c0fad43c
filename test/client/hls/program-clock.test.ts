import { describe, expect, it } from 'vitest';
import { type DatedSpan, dateOf, endOf, secondsOf } from '../../../client/hls/program-clock.ts';
import { wallMicros } from '../../../server/wire/time.ts';

const T = 1_700_000_000_000;
const at = (seconds: number) => wallMicros((T + seconds * 1000) * 1000);
/** Two seconds, then nothing for eight, then two more; the `<video>` plays them without a pause. */
const SPANS: readonly DatedSpan[] = [
  { start: 10, duration: 2, programDateTime: T, cc: 0 },
  { start: 12, duration: 2, programDateTime: T + 10_000, cc: 1 },
];

describe('a playlist’s two clocks', () => {
  it('date a picture by its segment’s date and its place in it', () => {
    expect(dateOf(SPANS, 11.5)).toEqual({ capturedAt: at(1.5), cc: 0 });
    expect(dateOf(SPANS, 12.04)).toEqual({ capturedAt: at(10.04), cc: 1 });
  });

  it('take a picture a hair before a segment’s edge, which the browser rounded, for that segment’s first', () => {
    expect(dateOf(SPANS, 11.9999)?.cc).toBe(1);
    expect(dateOf(SPANS, 11.96)?.cc).toBe(0);
  });

  it('say nothing outside of the segments, nor where none is dated', () => {
    expect(dateOf(SPANS, 9)).toBeUndefined();
    expect(dateOf(SPANS, 16)).toBeUndefined();
    expect(dateOf([{ ...SPANS[0]!, programDateTime: null }], 11)).toBeUndefined();
  });

  it('find an instant in the `<video>`, and the next picture for one of which nothing was recorded', () => {
    expect(secondsOf(SPANS, at(0.5))).toBeCloseTo(10.5);
    expect(secondsOf(SPANS, at(5))).toBe(12);
    expect(secondsOf(SPANS, at(-100))).toBe(10);
    expect(secondsOf(SPANS, at(12))).toBeUndefined();
  });

  it('end with the last segment', () => {
    expect(endOf(SPANS)).toBe(at(12));
    expect(endOf([])).toBeUndefined();
  });
});
