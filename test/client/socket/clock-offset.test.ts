import { describe, expect, it } from 'vitest';
import {
  type ClockSample,
  clockOffset,
  SAMPLES_KEPT,
  withSample,
} from '../../../client/socket/clock-offset.ts';
import { wallMicros } from '../../../server/wire/time.ts';

/** A question that took `there` and an answer that took `back`, to a server whose clock is `ahead`. All µs. */
const sample = (ahead: number, there: number, back: number, sentAt = 1_000_000): ClockSample => ({
  sentAt: wallMicros(sentAt),
  serverAt: wallMicros(sentAt + there + ahead),
  receivedAt: wallMicros(sentAt + there + back),
});

describe("how far the server's clock is ahead", () => {
  it('is not known before the first answer', () => {
    expect(clockOffset([])).toBeUndefined();
  });

  it('is exact where both ways take as long', () => {
    expect(clockOffset([sample(5_000_000, 700, 700)])).toBe(5_000_000);
    expect(clockOffset([sample(-3_000, 40_000, 40_000)])).toBe(-3_000);
  });

  it('is told by the quickest round trip, which had the least room for the two ways to differ', () => {
    const slow = sample(1000, 90_000, 2_000);
    const quick = sample(1000, 1_200, 1_000);
    expect(clockOffset([slow, quick])).toBe(1100);
    expect(clockOffset([quick, slow])).toBe(1100);
  });

  it('follows a clock that was set, once the samples from before have been left out', () => {
    let samples: readonly ClockSample[] = [sample(0, 10, 10)];
    for (let more = 0; more < SAMPLES_KEPT; more++)
      samples = withSample(samples, sample(60_000_000, 500, 500));
    expect(samples).toHaveLength(SAMPLES_KEPT);
    expect(clockOffset(samples)).toBe(60_000_000);
  });
});
