import { describe, expect, it } from 'vitest';
import { computeSizes, pixels, type Size } from '../../../client/enhance/compute-size.ts';
import { afterRun, type Cost, type SizeControl, startControl } from '../../../client/enhance/size-control.ts';

const SIZES = computeSizes({ width: 960, height: 540 });
const BUDGET = 90;

/** A machine that computes so many pixels a millisecond, with what the rest costs and a jitter of a tenth. */
interface Machine {
  readonly speed: number;
  readonly rest: number;
}

function cost({ speed, rest }: Machine, size: Size, run: number): Cost {
  const jitter = 1 + 0.1 * Math.sin(run * 2.4);
  return { network: (pixels(size) / speed) * jitter, rest: rest * jitter };
}

/** Every size that was used, run by run, and the control at the end. */
function run(machine: Machine, runs: number, from: SizeControl = startControl(SIZES), budget = BUDGET) {
  let control = from;
  const used: number[] = [];
  for (let index = 0; index < runs; index++) {
    used.push(control.at);
    control = afterRun(control, cost(machine, control.sizes[control.at]!, index), budget);
  }
  return { used, control };
}

const changes = (used: readonly number[]): number =>
  used.filter((at, index) => index > 0 && at !== used[index - 1]).length;
const totalAt = ({ speed, rest }: Machine, at: number): number => pixels(SIZES[at]!) / speed + rest;

describe('the choice of the computing size', () => {
  const twoCores: Machine = { speed: 700, rest: 18 };

  it('finds a size that fits after two runs at the smallest', () => {
    const { used } = run(twoCores, 3);
    expect(used.slice(0, 2)).toEqual([0, 0]);
    expect(totalAt(twoCores, used[2]!)).toBeLessThan(BUDGET);
    expect(totalAt(twoCores, used[2]!)).toBeGreaterThan(BUDGET / 2);
  });

  it('does not count the first run at a size, in which memory is laid out', () => {
    const control = afterRun(startControl(SIZES), { network: 5000, rest: 500 }, BUDGET);
    expect(run(twoCores, 1, control).control.at).toBe(run(twoCores, 2).control.at);
  });

  it('holds ten pictures a second on machines of any speed, as far as there is a smaller size', () => {
    for (const speed of [150, 300, 700, 1500, 3000]) {
      const machine = { speed, rest: 18 };
      const { used } = run(machine, 3000);
      const late = used.slice(3).filter((at) => totalAt(machine, at) > 100 && at > 0);
      expect(late).toEqual([]);
    }
  });

  it('takes the largest size on a fast machine, and the smallest on one too slow for any', () => {
    expect(run({ speed: 100_000, rest: 5 }, 10).control.at).toBe(SIZES.length - 1);
    expect(run({ speed: 10, rest: 50 }, 100).control.at).toBe(0);
  });

  it('never hunts: after a minute it changes less than once in a thousand pictures', () => {
    for (let speed = 200; speed < 2000; speed += 37) {
      const { control } = run({ speed, rest: 18 }, 600);
      expect(changes(run({ speed, rest: 18 }, 6000, control).used)).toBeLessThanOrEqual(6);
    }
  });

  it('tries a size that proved too large again only after longer and longer waits', () => {
    // A size past which the machine's memory is too slow: what the smaller ones cost does not tell it.
    const cliff = SIZES.length - 4;
    let control = startControl(SIZES);
    const tried: number[] = [];
    for (let index = 0; index < 6000; index++) {
      const before = control.at;
      const at = cost({ speed: 5000, rest: 10 }, SIZES[before]!, index);
      control = afterRun(control, before >= cliff ? { ...at, network: 150 } : at, BUDGET);
      if (control.at >= cliff && before < cliff) tried.push(index);
    }
    // The first tries go down from the largest size to the cliff; from then on it is the same size each time.
    const waits = tried
      .slice(1)
      .map((when, index) => when - tried[index]!)
      .filter((wait) => wait > 100);
    expect(waits.length).toBeGreaterThan(2);
    expect(tried.length).toBeLessThan(10);
    for (const [index, wait] of waits.slice(1).entries()) expect(wait).toBeGreaterThan(1.8 * waits[index]!);
  });

  it('shrinks within four pictures when the machine becomes busy, at once to a size that fits', () => {
    const settled = run(twoCores, 300).control;
    const busy = { speed: twoCores.speed / 2.5, rest: 30 };
    const { used } = run(busy, 20, settled);
    const shrunk = used.findIndex((at) => at < settled.at);
    expect(shrunk).toBeGreaterThan(0);
    expect(shrunk).toBeLessThanOrEqual(5);
    expect(totalAt(busy, used[shrunk]!)).toBeLessThan(BUDGET);
  });

  it('does not mind a single slow picture', () => {
    const settled = run(twoCores, 300).control;
    const hiccup = afterRun(settled, { network: 900, rest: 50 }, BUDGET);
    expect(run(twoCores, 10, hiccup).control.at).toBe(settled.at);
  });

  it('grows by one size at a time, after two calm seconds each, when the machine is free again', () => {
    const busy = run({ speed: 280, rest: 25 }, 300).control;
    const { used } = run({ speed: 3000, rest: 10 }, 400, busy);
    const growth = used.flatMap((at, index) => (index > 0 && at !== used[index - 1] ? [index] : []));
    expect(growth[0]).toBeGreaterThanOrEqual(20);
    for (const [index, when] of growth.entries()) {
      expect(used[when]! - used[when - 1]!).toBe(1);
      if (index > 0) expect(when - growth[index - 1]!).toBeGreaterThanOrEqual(20);
    }
    expect(used.at(-1)).toBeGreaterThan(busy.at);
  });

  it('gives each of several tiles its part of the time', () => {
    const alone = run(twoCores, 300).control.at;
    const oneOfTwo = run(twoCores, 4, startControl(SIZES), BUDGET / 2).control.at;
    expect(oneOfTwo).toBeLessThan(alone);
    expect(totalAt(twoCores, oneOfTwo)).toBeLessThan(BUDGET / 2);
  });
});
