import { describe, expect, it } from 'vitest';
import { nearerRate, RtpRate } from '../../../server/packets/rtp-clock-rate.ts';

const SECOND = 1_000_000;

/** What is known after each picture of a stream of 25 a second whose clock runs at `real`. */
const learned = (announced: number, real: number, seconds: number, burst = 0) => {
  const rate = new RtpRate(announced);
  return Array.from({ length: seconds * 25 }, (_, n) => {
    rate.follow((n / 25 + Math.min(n / 25, burst)) * real, (n / 25) * SECOND);
    return rate.known;
  });
};

describe('the rate of an RTP clock', () => {
  it('is believed at once where it is that of video', () => {
    expect(new RtpRate(90_000).known).toBe(90_000);
  });

  it.each([
    ['as announced', 48_000, 48_000],
    ['as announced, if very slow', 1000, 1000],
    ['90 kHz although announced otherwise', 48_000, 90_000],
    ['90 kHz although the number of pictures a second is announced', 25, 90_000],
    ['90 kHz although a faster one is announced', 27_000_000, 90_000],
  ])('is found to be %s, after three seconds', (_, announced, real) => {
    const known = learned(announced, real, 4);
    expect(new Set(known.slice(0, 74))).toEqual(new Set([undefined]));
    expect(known.at(-1)).toBe(real);
  });

  it('is not mistaken where a camera sends at first what it kept', () => {
    expect(learned(48_000, 48_000, 4, 1).at(-1)).toBe(48_000);
  });

  it('is not guessed at from a clock that stands still', () => {
    const rate = new RtpRate(48_000);
    for (let n = 0; n < 200; n += 1) rate.follow(0, (n / 25) * SECOND);
    expect(rate.known).toBeUndefined();
  });

  it('is the nearer of two by ratio', () => {
    expect([60_000, 70_000, 0, -5].map((measured) => nearerRate(measured, 48_000))).toEqual([
      48_000,
      90_000,
      undefined,
      undefined,
    ]);
  });
});
