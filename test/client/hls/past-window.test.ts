import { describe, expect, it } from 'vitest';
import { firstRecorded, recordedAfter, windowAround } from '../../../client/hls/past-window.ts';
import { wallMicros } from '../../../server/wire/time.ts';

const span = (from: number, to: number) => ({ from: wallMicros(from), to: wallMicros(to) });
const SPANS = [span(100, 200), span(500, 600)];

describe('what is opened of the past', () => {
  it('is less than an hour around the instant, some of it before', () => {
    const at = wallMicros(1.7e15);
    const { from, to } = windowAround(at);
    expect(to - from).toBeLessThanOrEqual(3600e6);
    expect(from).toBeLessThan(at);
    expect(to).toBeGreaterThan(at);
  });

  it('begins with the next picture where nothing was recorded', () => {
    expect(firstRecorded(SPANS, wallMicros(150))).toBe(150);
    expect(firstRecorded(SPANS, wallMicros(300))).toBe(500);
    expect(firstRecorded(SPANS, wallMicros(600))).toBeUndefined();
  });

  it('is counted without its gaps', () => {
    expect(recordedAfter(SPANS, wallMicros(0))).toBe(200);
    expect(recordedAfter(SPANS, wallMicros(150))).toBe(150);
    expect(recordedAfter(SPANS, wallMicros(300))).toBe(100);
  });
});
