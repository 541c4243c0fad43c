import { describe, expect, it } from 'vitest';
import { jumps, Nearness, progress, standsStill } from '../../../server/packets/rtp-clock-steps.ts';

const SECOND = 1_000_000;

describe('a stamp', () => {
  it.each([
    ['goes on as the arrivals do', 0.04, 0.05, false],
    ['goes on through a silence as long', 60, 60, false],
    ['goes on while the network holds pictures back', 0.04, 20, false],
    ['catches up by less than five seconds', 5, 0, false],
    ['jumps ahead', 5.1, 0, true],
    ['jumps back', -5.1, 0.04, true],
    ['jumps through a silence', 60, 50, true],
  ])('%s', (_, elapsed, waited, expected) => {
    expect(jumps(elapsed * SECOND, waited * SECOND)).toBe(expected);
  });

  it('may slip twice; the third picture in a row that does not rise is no accident', () => {
    expect([1, 2, 3].map((inRow) => standsStill(inRow, false))).toEqual([false, false, true]);
  });

  it('may stay below the highest for as many pictures as can be reordered', () => {
    expect([3, 16, 17].map((inRow) => standsStill(inRow, true))).toEqual([false, false, true]);
  });
});

describe('how long it was between two arrivals', () => {
  it.each([
    ['is what this machine says', 0.5, 0.04, 0.5],
    ['is what this machine says where the camera says nothing', 0.5, undefined, 0.5],
    ['is what the camera says where this machine’s clock was set back', -3600, 0.04, 0.04],
    ['is what the camera says where this machine’s clock was set forward', 3600, 0.04, 0.04],
    ['is a long silence where both say so', 3600, 3590, 3600],
    ['is no longer than a step of the camera can be', -1, 900, 5],
    ['never goes back', -1, -1, 0],
    ['is nothing where neither can say', 3600, undefined, 0],
  ])('%s', (_, waited, elapsed, expected) => {
    expect(progress(waited * SECOND, elapsed === undefined ? undefined : elapsed * SECOND)).toBe(
      expected * SECOND,
    );
  });
});

describe('stamps near the arrivals', () => {
  /** Judges pictures that arrive every `every` seconds and are `late` seconds behind their stamps. */
  const judged = (nearness: Nearness, from: number, lates: readonly number[], every = 1) =>
    lates.map((late, n) => {
      const place = nearness.judge(late * SECOND, (from + n * every) * SECOND, every * SECOND);
      return place === undefined ? 'near' : Math.round(place / SECOND);
    });
  const settled = (): Nearness => {
    const nearness = new Nearness();
    judged(
      nearness,
      0,
      Array.from({ length: 11 }, () => 0),
    );
    return nearness;
  };
  const times = (count: number, late: number): number[] => Array.from({ length: count }, () => late);

  it('are let alone while the network holds pictures back', () => {
    expect(judged(settled(), 11, [...times(9, 8), 0])).toEqual(times(10, 0).map(() => 'near'));
  });

  it('are put back once they have been behind for ten seconds', () => {
    expect(judged(settled(), 11, times(11, 6)).slice(-2)).toEqual(['near', 21]);
  });

  it('are put back at once where they run ahead', () => {
    expect(judged(settled(), 11, [-4.9, -5.1])).toEqual(['near', 12]);
  });

  it('may be ahead after what a camera kept came all at once, and are measured from there', () => {
    const nearness = new Nearness();
    expect(judged(nearness, 0, [0, -10, -20, -30], 0.1)).toEqual(times(4, 0).map(() => 'near'));
    expect(judged(nearness, 11, [-30, -34, -36])).toEqual(['near', 'near', 43]);
  });

  it('may not be a day ahead', () => {
    const nearness = new Nearness();
    expect(judged(nearness, 0, [0, -60, -66], 0.1).slice(1)).toEqual(['near', 60]);
  });

  it('may drift as healthy clocks do, for ever', () => {
    const drifting = Array.from({ length: 30_000 }, (_, n) => (n - 15_000) * 0.0009);
    expect(
      new Set(
        judged(
          settled(),
          11,
          drifting.map((late) => late + 13.5),
        ),
      ),
    ).toEqual(new Set(['near']));
    expect(
      new Set(
        judged(
          settled(),
          11,
          drifting.map((late) => -late - 13.5),
        ),
      ),
    ).toEqual(new Set(['near']));
  });
});
