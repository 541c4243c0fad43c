import { describe, expect, it } from 'vitest';
import { MessageRate } from '../../../server/socket/message-rate.ts';

/** How many of `count` messages, `everyMs` apart, are too many. */
function tooMany(count: number, everyMs: number): number {
  const rate = new MessageRate(0);
  return Array.from({ length: count }, (_, n) => rate.exceeded(n * everyMs)).filter(Boolean).length;
}

describe('The rate of messages', () => {
  it('lets a page of 64 tiles acknowledge four times a second each, for ever', () => {
    expect(tooMany(100_000, 1000 / 256)).toBe(0);
  });

  it('lets a page of 64 tiles open, at once', () => {
    expect(tooMany(64 * 4, 0)).toBe(0);
  });

  it('is exceeded by a flood', () => {
    expect(tooMany(1000, 0)).toBe(200);
  });

  it('is exceeded, in the end, by a little too much', () => {
    expect(tooMany(20_000, 2)).toBeGreaterThan(0);
  });

  it('does not save up what was not used for more than one burst', () => {
    const rate = new MessageRate(0);
    const burst = Array.from({ length: 1000 }, () => rate.exceeded(3_600_000));
    expect(burst.filter(Boolean)).toHaveLength(200);
  });
});
