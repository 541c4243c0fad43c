import { describe, expect, it } from 'vitest';
import { fusionMix, isCut, type Moment } from '../../../client/enhance/fusion-mix.ts';

const at = (ms: number, level = 0.06, stretch = 1): Moment => ({
  timestamp: ms * 1000,
  stretch,
  level,
});

describe('the share a frame has in its own exposure', () => {
  it('is all of it at the start, after a jump and when time runs backwards', () => {
    expect(fusionMix(undefined, at(0))).toBe(1);
    expect(fusionMix(at(0), at(40, 0.06, 2))).toBe(1);
    expect(fusionMix(at(400), at(40))).toBe(1);
    expect(fusionMix(at(40), at(40))).toBe(1);
  });

  it('is 0.15 at 25 frames a second', () => {
    expect(fusionMix(at(0), at(40))).toBeCloseTo(0.15, 10);
  });

  it('follows a change as fast in time, however many frames are enhanced', () => {
    const everyFrame = 1 - (1 - fusionMix(at(0), at(40))) ** 5;
    expect(fusionMix(at(0), at(200))).toBeCloseTo(everyFrame, 10);
    expect(fusionMix(at(0), at(60_000))).toBeCloseTo(1, 6);
  });

  it('is all of it when a light is switched on or off', () => {
    expect(fusionMix(at(0, 0.05), at(40, 0.1))).toBe(1);
    expect(fusionMix(at(0, 0.1), at(40, 0.05))).toBe(1);
  });

  it('is not upset by noise in the dark, by a slow dusk or by a level not known yet', () => {
    expect(isCut(0.002, 0.006)).toBe(false);
    expect(isCut(0.1, 0.13)).toBe(false);
    expect(fusionMix({ ...at(0), level: undefined }, at(40, 0.5))).toBeCloseTo(0.15, 10);
  });
});
