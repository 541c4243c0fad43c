/** Which decoded frames are worth showing while the decoder works through a replayed GOP. */
import type { Micros } from '#wire/time.ts';

/** A frame this far behind the newest unit is history: at 25 fps, five frames. More than any decoder holds back. */
const BEHIND = 200_000;
/** A viewer is never left without a sign of life for longer than this, even if the decoder cannot catch up. */
const PATIENCE_MS = 400;
/** The same before the first picture: long enough for a short GOP, short enough to be shown in time. */
const FIRST_PATIENCE_MS = 120;

export interface Progress {
  /** Timestamp of the frame, and of the newest unit given to the decoder. */
  readonly timestamp: Micros;
  readonly newest: Micros;
  /** Milliseconds since a frame was last let through, or, before the first, since the first one was decoded. */
  readonly quietMs: number;
  readonly first: boolean;
}

/** True for frames near the live edge, and for one now and then when the live edge is long in coming. */
export const worthShowing = ({ timestamp, newest, quietMs, first }: Progress): boolean =>
  newest - timestamp <= BEHIND || quietMs >= (first ? FIRST_PATIENCE_MS : PATIENCE_MS);
