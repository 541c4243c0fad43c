/** Between a playlist's own time and the wall clock, by its EXT-X-PROGRAM-DATE-TIME (RFC 8216 §4.3.2.6). Pure. */
import { type WallMicros, wallMicros } from '#wire/time.ts';

/** A segment on both clocks. */
export interface DatedSpan {
  /** In the `<video>`'s time, seconds. */
  readonly start: number;
  readonly duration: number;
  /** Of its first picture, milliseconds since the Unix epoch; null where the playlist does not say. */
  readonly programDateTime: number | null;
  /** Counts the discontinuities before it. */
  readonly cc: number;
}

/** An instant of the `<video>`'s time, dated. */
export interface Dated {
  readonly capturedAt: WallMicros;
  readonly cc: number;
}

/** Less than a picture: an instant this near a segment's edge may lie on either side of it. Seconds. */
const SLACK = 0.001;

/** The capture of the picture at `seconds`; undefined outside of all segments, or where none is dated. */
export function dateOf(spans: readonly DatedSpan[], seconds: number): Dated | undefined {
  const span = spans.findLast(({ start }) => start <= seconds + SLACK);
  if (span?.programDateTime == null || seconds > span.start + span.duration + 1) return undefined;
  const capturedAt = wallMicros(Math.round(span.programDateTime * 1000 + (seconds - span.start) * 1e6));
  return { capturedAt, cc: span.cc };
}

/** Where an instant is shown, seconds; the next picture where nothing was recorded then. Undefined after the end. */
export function secondsOf(spans: readonly DatedSpan[], at: WallMicros): number | undefined {
  for (const { start, duration, programDateTime } of spans) {
    if (programDateTime === null) continue;
    const into = (at - programDateTime * 1000) / 1e6;
    if (into < duration) return start + Math.max(0, into);
  }
  return undefined;
}

/** The end of the last segment; undefined where none is dated. */
export function endOf(spans: readonly DatedSpan[]): WallMicros | undefined {
  const last = spans.at(-1);
  return last?.programDateTime == null
    ? undefined
    : wallMicros(Math.round(last.programDateTime * 1000 + last.duration * 1e6));
}
