/** Which part of the past is opened at once: a playlist spans at most an hour. Pure. */
import { type WallMicros, wallMicros } from '#wire/time.ts';

/** Wall-clock instants, `from` before `to`. */
export interface WallSpan {
  readonly from: WallMicros;
  readonly to: WallMicros;
}

const MINUTE = 60_000_000;
/** So much before the wanted instant, for whoever steps back from it. */
const BEFORE = 10 * MINUTE;
const AFTER = 45 * MINUTE;

export const windowAround = (at: WallMicros): WallSpan => ({
  from: wallMicros(at - BEFORE),
  to: wallMicros(at + AFTER),
});

/** The first recorded instant from `at` on; undefined where nothing is recorded any more. */
export function firstRecorded(spans: readonly WallSpan[], at: WallMicros): WallMicros | undefined {
  const next = spans.find(({ to }) => to > at);
  return next && wallMicros(Math.max(at, next.from));
}

/** How much is recorded from `at` on, µs. */
export const recordedAfter = (spans: readonly WallSpan[], at: WallMicros): number =>
  spans.reduce((sum, { from, to }) => sum + Math.max(0, to - Math.max(from, at)), 0);
