/** Chooses the computing size from measured times, so that the wanted number of pictures a second is held. */
import { pixels, type Size } from './compute-size.ts';

/** What one enhanced picture cost, ms: the network, which grows with its input, and everything else, which does not. */
export interface Cost {
  readonly network: number;
  readonly rest: number;
}

/** All that is remembered from one run to the next. */
export interface SizeControl {
  /** Smallest first, as `computeSizes` gives them. */
  readonly sizes: readonly Size[];
  /** The size in use: `sizes[at]`. */
  readonly at: number;
  /** What the last runs at this size cost, newest last. */
  readonly costs: readonly Cost[];
  /** Still finding the first size. */
  readonly calibrating: boolean;
  /** Runs in a row after which the next larger size seemed to fit. */
  readonly calm: number;
  /** A size that proved too large is not tried again for a while, each time for longer. */
  readonly barred: { readonly at: number; readonly runs: number; readonly left: number } | undefined;
}

/** Costs kept: their median is what a size costs. */
const KEPT = 5;
/** Shares of the budget: what a new size is chosen to cost, and what the next larger one may seem to cost before it is tried. */
const AIM = 0.75;
const ROOM = 0.85;
/** Runs: two seconds at ten a second before growing; a size that failed is barred for 20 s, then 40 s, up to ten minutes. */
const CALM_RUNS = 20;
const BARRED_RUNS = 200;
const BARRED_AT_MOST = 6000;

/** Begins with the smallest size, whose cost says which one comes next. */
export const startControl = (sizes: readonly Size[]): SizeControl => ({
  sizes,
  at: 0,
  costs: [],
  calibrating: true,
  calm: 0,
  barred: undefined,
});

/**
 * The control after a run that cost `cost`, `budget` ms being what one picture may cost. Shrinks as soon as the median of
 * three runs is over the budget, to a size that fits; grows by one size after a long calm; so it never hunts.
 */
export function afterRun(control: SizeControl, cost: Cost, budget: number): SizeControl {
  const costs = [...control.costs, cost].slice(-KEPT);
  const barred = countDown(control.barred);
  const now: SizeControl = { ...control, costs, barred };
  if (control.calibrating) {
    if (costs.length < 2) return now;
    return { ...moveTo(now, largestWithin(now, AIM * budget)), calibrating: false };
  }
  if (costs.length < 3) return now;
  if (total(typical(costs)) > budget && control.at > 0) {
    const smaller = Math.min(control.at - 1, largestWithin(now, AIM * budget));
    return { ...moveTo(now, smaller), barred: bar(control.barred, control.at) };
  }
  const free = control.at + 1 < control.sizes.length && !isBarred(barred, control.at + 1);
  const calm = free && predicted(now, control.at + 1) <= ROOM * budget ? control.calm + 1 : 0;
  return calm >= CALM_RUNS ? moveTo(now, control.at + 1) : { ...now, calm };
}

const moveTo = (control: SizeControl, at: number): SizeControl =>
  at === control.at ? { ...control, calm: 0 } : { ...control, at, costs: [], calm: 0 };

const largestWithin = (control: SizeControl, budget: number): number => {
  let at = control.sizes.length - 1;
  while (at > 0 && predicted(control, at) > budget) at--;
  return at;
};

/** What size `at` should cost, from what the present size does. */
function predicted(control: SizeControl, at: number): number {
  const { network, rest } = typical(control.costs);
  return (network * pixels(control.sizes[at]!)) / pixels(control.sizes[control.at]!) + rest;
}

/** The run of median total cost, of two the lower: in the first run at a size memory is laid out. */
const typical = (costs: readonly Cost[]): Cost =>
  [...costs].sort((a, b) => total(a) - total(b))[Math.floor((costs.length - 1) / 2)]!;

const total = ({ network, rest }: Cost): number => network + rest;

type Barred = SizeControl['barred'];

const isBarred = (barred: Barred, at: number): boolean =>
  barred !== undefined && barred.left > 0 && at >= barred.at;

const countDown = (barred: Barred): Barred => barred && { ...barred, left: Math.max(0, barred.left - 1) };

function bar(before: Barred, at: number): Barred {
  const runs = before && before.at <= at ? Math.min(BARRED_AT_MOST, before.runs * 2) : BARRED_RUNS;
  return { at, runs, left: runs };
}
