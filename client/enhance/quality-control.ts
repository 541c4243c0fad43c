/** Chooses the network and its computing size from measured times, so that the wanted number of pictures a second is held. */
import { computeSizes, pixels, type Size } from './compute-size.ts';

/** One of the networks that are served. */
export interface ModelCost {
  readonly name: string;
  readonly macsPerInputPixel: number;
}

/** One way to enhance a camera's pictures. */
export interface Rung {
  readonly model: string;
  /** The network's input. */
  readonly size: Size;
  /** Multiply-accumulates a picture: two rungs' times are to each other as these. */
  readonly macs: number;
}

/** What one enhanced picture cost, ms: the network, which grows with its work, and everything else, which does not. */
export interface Cost {
  readonly network: number;
  readonly rest: number;
}

/** All that is remembered from one run to the next. Times are milliseconds of any one clock. */
export interface QualityControl {
  /** As `ladder` gives them. */
  readonly rungs: readonly Rung[];
  /** The rung in use: `rungs[at]`. */
  readonly at: number;
  /** What the last runs on this rung cost, newest last. */
  readonly costs: readonly Cost[];
  /** Still finding the first rung. */
  readonly calibrating: boolean;
  /** Since when the next rung seemed to fit. */
  readonly calmSince: number | undefined;
  /** A rung that proved too high is not tried again for a while, each time for longer. */
  readonly barred: { readonly at: number; readonly forMs: number; readonly until: number } | undefined;
}

/** Costs kept: their median is what a rung costs. */
const KEPT = 5;
/** Shares of the budget: what a new rung is chosen to cost, and what the next higher one may seem to cost before it is tried. */
const AIM = 0.75;
const ROOM = 0.85;
/** How long all is well before a higher rung is tried, and how long one that failed is barred at first and at most. */
const CALM_MS = 2000;
const BARRED_MS = 20_000;
const BARRED_AT_MOST_MS = 600_000;

/**
 * The ways to enhance a camera's pictures, worst and cheapest first: the cheapest network at growing sizes, up to the full one, then
 * each better network at the full size. The full size comes before a better network because a size that is given up costs what is
 * *seen* in the dark, colour and shape of small things, which no network brings back; a better network draws the same things more
 * cleanly. So each rung costs more than the one below it, and a network is changed only where the full size is held.
 *
 * @param mostPixels what there is room for; the smallest size is always tried
 * @throws RangeError without a network
 */
export function ladder(
  camera: Size,
  models: readonly ModelCost[],
  mostPixels = Number.POSITIVE_INFINITY,
): readonly Rung[] {
  const [cheapest, ...better] = [...models].sort((a, b) => a.macsPerInputPixel - b.macsPerInputPixel);
  if (!cheapest) throw new RangeError('a ladder needs a network');
  const sizes = computeSizes(camera).filter((size, at) => at === 0 || pixels(size) <= mostPixels);
  const full = sizes.at(-1)!;
  return [...sizes.map((size) => rung(cheapest, size)), ...better.map((model) => rung(model, full))];
}

const rung = ({ name, macsPerInputPixel }: ModelCost, size: Size): Rung => ({
  model: name,
  size,
  macs: macsPerInputPixel * pixels(size),
});

/** Begins on the lowest rung, whose cost says which one comes next. */
export const startControl = (rungs: readonly Rung[]): QualityControl => ({
  rungs,
  at: 0,
  costs: [],
  calibrating: true,
  calmSince: undefined,
  barred: undefined,
});

/**
 * The control after a run that ended at `now` and cost `cost`, `budget` ms being what one picture may cost. Falls as soon as the median of
 * three runs is over the budget, to a rung that fits; rises by one rung after a long calm; so it never hunts.
 */
export function afterRun(control: QualityControl, cost: Cost, budget: number, now: number): QualityControl {
  const costs = [...control.costs, cost].slice(-KEPT);
  const seen: QualityControl = { ...control, costs };
  if (control.calibrating) {
    if (costs.length < 2) return seen;
    const to = highestWithin(seen, AIM * budget);
    // A small picture does not fill a GPU, and seems dearer than it is: so it is measured again from higher up.
    return { ...moveTo(seen, to), calibrating: to > control.at };
  }
  if (costs.length < 3) return seen;
  if (total(typical(costs)) > budget && control.at > 0) {
    const lower = Math.min(control.at - 1, highestWithin(seen, AIM * budget));
    return { ...moveTo(seen, lower), barred: bar(control, now) };
  }
  const next = control.at + 1;
  const free = next < control.rungs.length && !isBarred(control.barred, next, now);
  if (!free || predicted(seen, next) > ROOM * budget) return { ...seen, calmSince: undefined };
  const calmSince = control.calmSince ?? now;
  return now - calmSince >= CALM_MS ? moveTo(seen, next) : { ...seen, calmSince };
}

const moveTo = (control: QualityControl, at: number): QualityControl =>
  at === control.at
    ? { ...control, calmSince: undefined }
    : { ...control, at, costs: [], calmSince: undefined };

const highestWithin = (control: QualityControl, budget: number): number => {
  let at = control.rungs.length - 1;
  while (at > 0 && predicted(control, at) > budget) at--;
  return at;
};

/** What rung `at` should cost, from what the present one does. */
function predicted({ rungs, at: present, costs }: QualityControl, at: number): number {
  const { network, rest } = typical(costs);
  return (network * rungs[at]!.macs) / rungs[present]!.macs + rest;
}

/** The run of median total cost, of two the lower: in the first run on a rung memory is laid out. */
const typical = (costs: readonly Cost[]): Cost =>
  [...costs].sort((a, b) => total(a) - total(b))[Math.floor((costs.length - 1) / 2)]!;

const total = ({ network, rest }: Cost): number => network + rest;

type Barred = QualityControl['barred'];

const isBarred = (barred: Barred, at: number, now: number): boolean =>
  barred !== undefined && now < barred.until && at >= barred.at;

function bar({ barred, at }: QualityControl, now: number): NonNullable<Barred> {
  const again = barred !== undefined && barred.at <= at;
  const forMs = again ? Math.min(BARRED_AT_MOST_MS, barred.forMs * 2) : BARRED_MS;
  return { at, forMs, until: now + forMs };
}
