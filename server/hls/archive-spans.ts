/** Stored segments → the spans of wall clock that they cover. */
import { micros, type WallMicros, wallMicros } from '#wire/time.ts';
import type { Span } from '#wire/timeline.ts';
import { endOf, type Stored } from './archive-names.ts';

/** A shorter hole is none: nobody would see it, and cameras' clocks wander by more. */
const HOLE = micros(500_000);
/** A camera that comes and goes all day could have one for every segment. */
const MOST_SPANS = 2000;

/**
 * The union of all segments, in order of the wall clock.
 * @param runs each in the order of its capture times
 */
export function spansOf(runs: readonly Iterable<Stored>[]): Span[] {
  let spans = runs.flatMap((segments) => joined(spansIn(segments), HOLE));
  spans.sort((a, b) => a.from - b.from);
  for (let hole: number = HOLE; ; hole *= 2) {
    spans = joined(spans, micros(hole));
    if (spans.length <= MOST_SPANS) return spans;
  }
}

function* spansIn(segments: Iterable<Stored>): Generator<Span> {
  for (const stored of segments) yield { from: stored.capturedAt, to: endOf(stored) };
}

function joined(spans: Iterable<Span>, hole: number): Span[] {
  const whole: { from: WallMicros; to: WallMicros }[] = [];
  for (const { from, to } of spans) {
    const last = whole.at(-1);
    if (last !== undefined && from - last.to < hole) last.to = wallMicros(Math.max(last.to, to));
    else whole.push({ from, to });
  }
  return whole;
}
