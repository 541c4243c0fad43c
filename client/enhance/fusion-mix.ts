/** How much of the network's global decisions a frame takes from itself, and how much from the frames before. */

/** What the decision needs to know of one frame. */
export interface Moment {
  /** µs since the stream opened. */
  readonly timestamp: number;
  /** Counts the stretches of pictures without a jump. */
  readonly stretch: number;
  /** Mean of the network's input, 0…1, or of an even sample of it; undefined while it is not known. */
  readonly level: number | undefined;
}

/** The share a frame has in its own exposure at 25 fps: half of a change is followed after four frames. */
const SHARE = 0.15;
const FRAME = 40_000;
/** A light switched on or a camera's own gain step: the level changes by more than a half. */
const CUT = Math.log2(1.5);
/** About 3/255: under it a change of the level is noise. */
const FLOOR = 0.012;

/** True where the picture became so much lighter or darker that smoothing would show as a slow fade. */
export const isCut = (before: number, now: number): boolean =>
  Math.abs(Math.log2((now + FLOOR) / (before + FLOOR))) > CUT;

/**
 * The `fusion_mix` of a frame: 1 at a start, after a jump and at a cut; else the share of one frame at 25 fps, compounded
 * over the time since the frame before, so that steadiness does not depend on how many frames are enhanced.
 */
export function fusionMix(before: Moment | undefined, now: Moment): number {
  if (!before || before.stretch !== now.stretch || now.timestamp <= before.timestamp) return 1;
  if (before.level !== undefined && now.level !== undefined && isCut(before.level, now.level)) return 1;
  return 1 - (1 - SHARE) ** ((now.timestamp - before.timestamp) / FRAME);
}
