import { describe, expect, it } from 'vitest';
import { cpuBudget, gpuBudget } from '../../../client/enhance/budget.ts';
import {
  afterRun,
  type Cost,
  ladder,
  type ModelCost,
  type QualityControl,
  type Rung,
  startControl,
} from '../../../client/enhance/quality-control.ts';

const CAMERA = { width: 1920, height: 1080 };
const LITE: ModelCost = { name: 'lite', macsPerInputPixel: 2480 };
const BASE: ModelCost = { name: 'base', macsPerInputPixel: 4980 };
const QUALITY: ModelCost = { name: 'quality', macsPerInputPixel: 9700 };
const RUNGS = ladder(CAMERA, [BASE, QUALITY, LITE]);
const BUDGET = gpuBudget({ fps: 25, tiles: 1 });
const INTERVAL = 40;

/** A simulated GPU: its speed, what a picture costs besides the network, ms, and below how many MACs it is no faster. */
interface Machine {
  /** Multiply-accumulates a millisecond. */
  readonly speed: number;
  readonly rest: number;
  readonly unfilled?: number;
}

const networkMs = ({ speed, unfilled = 0 }: Machine, { macs }: Rung): number =>
  Math.max(macs, unfilled) / speed;
const totalMs = (machine: Machine, rung: Rung): number => networkMs(machine, rung) + machine.rest;

/** With a jitter of a tenth. */
function cost(machine: Machine, rung: Rung, run: number): Cost {
  const jitter = 1 + 0.1 * Math.sin(run * 2.4);
  return { network: networkMs(machine, rung) * jitter, rest: machine.rest * jitter };
}

interface Walk {
  readonly control: QualityControl;
  readonly now: number;
}

const begin = (rungs = RUNGS): Walk => ({ control: startControl(rungs), now: 0 });

/** Every rung that was used, run by run, and where it ends. A picture comes each 40 ms, or when the one before is done. */
function walk(machine: Machine, runs: number, from: Walk = begin(), budget = BUDGET) {
  let { control, now } = from;
  const used: number[] = [];
  for (let index = 0; index < runs; index++) {
    const rung = control.rungs[control.at]!;
    used.push(control.at);
    const measured = cost(machine, rung, index);
    now += Math.max(INTERVAL, measured.network + measured.rest);
    control = afterRun(control, measured, budget, now);
  }
  return { used, control, now };
}

const changes = (used: readonly number[]): number =>
  used.filter((at, index) => index > 0 && at !== used[index - 1]).length;
const top = (rungs: readonly Rung[]): Rung => rungs.at(-1)!;

describe('the ladder of networks and sizes', () => {
  it('has the cheapest network at growing sizes first, then the better ones at the full size', () => {
    const models = RUNGS.map(({ model }) => model);
    expect(models.indexOf('base')).toBe(models.length - 2);
    expect(models.indexOf('quality')).toBe(models.length - 1);
    expect(new Set(models.slice(0, -2))).toEqual(new Set(['lite']));
    for (const { size } of RUNGS.slice(-3)) expect(size).toEqual({ width: 960, height: 544 });
  });

  it('costs more from rung to rung', () => {
    for (const camera of [CAMERA, { width: 640, height: 360 }, { width: 3840, height: 2160 }]) {
      const macs = ladder(camera, [QUALITY, LITE, BASE]).map((rung) => rung.macs);
      expect(macs).toEqual([...macs].sort((a, b) => a - b));
    }
  });

  it('is as good a ladder with one network or with two', () => {
    expect(new Set(ladder(CAMERA, [BASE]).map(({ model }) => model))).toEqual(new Set(['base']));
    expect(top(ladder(CAMERA, [BASE, LITE]))).toMatchObject({ model: 'base' });
  });

  it('ends where there is no room for more, and keeps its lowest rung in any case', () => {
    const sizes = ladder(CAMERA, [BASE, QUALITY], 200_000).map(({ size }) => size.width * size.height);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(200_000);
    expect(Math.max(...sizes)).toBeGreaterThan(150_000);
    expect(ladder(CAMERA, [BASE], 10)).toHaveLength(1);
  });

  it('is refused without a network', () => {
    expect(() => ladder(CAMERA, [])).toThrow(RangeError);
  });
});

describe('what a picture may cost', () => {
  it('leaves time between a camera’s pictures on a GPU, shared among the tiles', () => {
    expect(gpuBudget({ fps: 25, tiles: 1 })).toBe(24);
    expect(gpuBudget({ fps: 60, tiles: 2 })).toBe(5);
  });

  it('is enough for ten a second on a CPU, whatever the camera gives', () => {
    expect(cpuBudget({ fps: 25, tiles: 1 })).toBe(90);
    expect(cpuBudget({ fps: 5, tiles: 2 })).toBe(90);
  });

  it('is that of a usual camera where the rate is not known, and of a slow one at most', () => {
    expect(gpuBudget({ fps: 0, tiles: 1 })).toBe(24);
    expect(gpuBudget({ fps: 0.5, tiles: 1 })).toBe(120);
  });
});

describe('the choice of the network and its size', () => {
  /** Holds the cheapest network at the full size of 1080p, and no better one. */
  const integrated: Machine = { speed: 80e6, rest: 2 };

  it('finds a rung that fits within a handful of pictures', () => {
    const { used, control } = walk(integrated, 8);
    expect(used.slice(0, 2)).toEqual([0, 0]);
    const found = control.rungs[control.at]!;
    expect(totalMs(integrated, found)).toBeLessThan(BUDGET);
    expect(totalMs(integrated, found)).toBeGreaterThan(BUDGET / 2);
  });

  it('is not misled by a GPU that a small picture does not fill', () => {
    const wide: Machine = { speed: 2e9, rest: 1, unfilled: 5e9 };
    const { control } = walk(wide, 12);
    expect(control.rungs[control.at]).toEqual(top(RUNGS));
  });

  it('does not count the first run on a rung, in which memory is laid out', () => {
    const control = afterRun(startControl(RUNGS), { network: 5000, rest: 500 }, BUDGET, 0);
    expect(walk(integrated, 1, { control, now: 0 }).control.at).toBe(walk(integrated, 2).control.at);
  });

  it('holds the camera’s frame rate on machines of any speed, as far as there is a lower rung', () => {
    for (const rungs of [RUNGS, ladder(CAMERA, [BASE]), ladder(CAMERA, [LITE, BASE])]) {
      for (const speed of [5e6, 20e6, 80e6, 160e6, 320e6, 1e9]) {
        const machine = { speed, rest: 2 };
        const { used } = walk(machine, 3000, begin(rungs));
        const late = used.slice(8).filter((at) => totalMs(machine, rungs[at]!) > INTERVAL && at > 0);
        expect(late).toEqual([]);
      }
    }
  });

  it('takes the best network on a fast machine, and the lowest rung on one too slow for any', () => {
    expect(walk({ speed: 1e9, rest: 2 }, 20).control.rungs.at(-1)).toMatchObject({ model: 'quality' });
    expect(walk({ speed: 1e9, rest: 2 }, 20).control.at).toBe(RUNGS.length - 1);
    expect(walk({ speed: 1e5, rest: 50 }, 100).control.at).toBe(0);
  });

  it('gives up the better network before any of the size', () => {
    const fast = walk({ speed: 400e6, rest: 2 }, 300);
    expect(fast.control.rungs[fast.control.at]!.model).toBe('quality');
    const busy = walk({ speed: 150e6, rest: 2 }, 10, fast);
    const then = busy.control.rungs[busy.control.at]!;
    expect(then.model).not.toBe('quality');
    expect(then.size).toEqual(top(RUNGS).size);
  });

  it('never hunts: after half a minute it changes less than once in a thousand pictures', () => {
    for (let speed = 5e6; speed < 600e6; speed *= 1.13) {
      const settled = walk({ speed, rest: 2 }, 800);
      expect(changes(walk({ speed, rest: 2 }, 6000, settled).used)).toBeLessThanOrEqual(6);
    }
  });

  it('tries a rung that proved too high again only after longer and longer waits', () => {
    // A size past which the machine's memory is too slow: what the smaller ones cost does not tell it.
    const cliff = RUNGS.length - 4;
    let control = startControl(RUNGS);
    const tried: number[] = [];
    for (let now = 0; now < 600_000; now += INTERVAL) {
      const before = control.at;
      const easy = cost({ speed: 1e9, rest: 2 }, RUNGS[before]!, now / INTERVAL);
      control = afterRun(control, before >= cliff ? { ...easy, network: 150 } : easy, BUDGET, now);
      if (control.at >= cliff && before < cliff) tried.push(now);
    }
    const waits = tried
      .slice(1)
      .map((when, index) => when - tried[index]!)
      .filter((wait) => wait > 15_000);
    expect(waits.length).toBeGreaterThan(2);
    expect(tried.length).toBeLessThan(10);
    for (const [index, wait] of waits.slice(1).entries()) expect(wait).toBeGreaterThan(1.7 * waits[index]!);
  });

  it('falls within five pictures when the machine becomes busy, at once to a rung that fits', () => {
    const settled = walk(integrated, 300);
    const busy = { speed: integrated.speed / 2.5, rest: 5 };
    const { used } = walk(busy, 20, settled);
    const fallen = used.findIndex((at) => at < settled.control.at);
    expect(fallen).toBeGreaterThan(0);
    expect(fallen).toBeLessThanOrEqual(5);
    expect(totalMs(busy, RUNGS[used[fallen]!]!)).toBeLessThan(BUDGET);
  });

  it('does not mind a single slow picture', () => {
    const settled = walk(integrated, 300);
    const control = afterRun(settled.control, { network: 900, rest: 50 }, BUDGET, settled.now);
    expect(walk(integrated, 10, { control, now: settled.now }).control.at).toBe(settled.control.at);
  });

  it('rises by one rung at a time, after two calm seconds each, when the machine is free again', () => {
    const busy = walk({ speed: 20e6, rest: 5 }, 300);
    const { used } = walk({ speed: 1e9, rest: 2 }, 1500, busy);
    const rises = used.flatMap((at, index) => (index > 0 && at !== used[index - 1] ? [index] : []));
    expect(rises.length).toBeGreaterThan(2);
    for (const [index, when] of rises.entries()) {
      expect(used[when]! - used[when - 1]!).toBe(1);
      expect((when - (rises[index - 1] ?? 0)) * INTERVAL).toBeGreaterThanOrEqual(2000);
    }
  });

  it('gives each of several tiles its part of the time', () => {
    const alone = walk(integrated, 300).control.at;
    const budget = gpuBudget({ fps: 25, tiles: 2 });
    const oneOfTwo = walk(integrated, 300, begin(), budget).control;
    expect(oneOfTwo.at).toBeLessThan(alone);
    expect(totalMs(integrated, RUNGS[oneOfTwo.at]!)).toBeLessThan(budget);
  });
});
