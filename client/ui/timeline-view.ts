/** The part of the past that the timeline shows, moved and zoomed. All instants are wall-clock µs. Pure. */
import type { WallMicros } from '#wire/time.ts';

export interface TimelineView {
  readonly from: number;
  readonly to: number;
}

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
/** The finest that is of use: half a minute across. */
const SHORTEST = 30 * SECOND;
/** Room to the right of now, so that now is not at the very edge. A share of the view. */
const AHEAD = 0.03;
/** What is shown at first. */
const FIRST = 60 * MINUTE;
/** Of a file. */
const SHORTEST_OF_FILE = SECOND;

/** What a timeline can show at most. */
export interface TimelineLimits {
  /** The oldest picture there can be. */
  readonly oldest: number;
  readonly now: number;
  /** It is a file: all of it is shown at first, however short. */
  readonly file?: boolean;
}

/** The last hour, or the whole window where that is shorter. */
export const firstView = ({ oldest, now, file }: TimelineLimits): TimelineView =>
  file ? endingAt(now - oldest, now) : endingNow(Math.min(FIRST, now - oldest), now);

/** The same zoom, moved so that it ends now. */
export const followed = ({ from, to }: TimelineView, now: number): TimelineView =>
  endingNow((to - from) / (1 + AHEAD), now);

const endingNow = (length: number, now: number): TimelineView => endingAt(Math.max(SHORTEST, length), now);

const endingAt = (length: number, now: number): TimelineView => ({
  from: now - length,
  to: now + length * AHEAD,
});

/** Zooms about an instant, which stays where it is. `factor` under 1 shows less, in more detail. */
export function zoomed(
  view: TimelineView,
  about: number,
  factor: number,
  limits: TimelineLimits,
): TimelineView {
  const length = view.to - view.from;
  const longest = (limits.now - limits.oldest) * (1 + AHEAD);
  const shortest = limits.file ? Math.min(SHORTEST_OF_FILE, longest) : SHORTEST;
  const wanted = Math.min(Math.max(shortest, longest), Math.max(shortest, length * factor));
  const share = (about - view.from) / length;
  const from = about - share * wanted;
  return kept({ from, to: from + wanted }, limits);
}

/** Moves by µs, within what there is. */
export const moved = ({ from, to }: TimelineView, by: number, limits: TimelineLimits): TimelineView =>
  kept({ from: from + by, to: to + by }, limits);

/** Moved so that an instant is in it, and no further than needed: with a tenth of the view around it. */
export function showing(view: TimelineView, at: number, limits: TimelineLimits): TimelineView {
  const margin = (view.to - view.from) / 10;
  if (at < view.from) return moved(view, at - margin - view.from, limits);
  if (at > view.to) return moved(view, at + margin - view.to, limits);
  return view;
}

/** Where an instant lies in the view: 0 = at its left, 1 = at its right. */
export const shareOf = ({ from, to }: TimelineView, at: number): number => (at - from) / (to - from);

/** The instant at a share of the view, no later than now. */
export const instantAt = (
  { from, to }: TimelineView,
  share: number,
  { oldest, now }: TimelineLimits,
): WallMicros => Math.round(Math.min(now, Math.max(oldest, from + share * (to - from)))) as WallMicros;

function kept({ from, to }: TimelineView, { oldest, now }: TimelineLimits): TimelineView {
  const length = to - from;
  const right = now + length * (AHEAD / (1 + AHEAD));
  if (to > right) return { from: right - length, to: right };
  const left = Math.min(oldest, right - length);
  return from < left ? { from: left, to: left + length } : { from, to };
}
