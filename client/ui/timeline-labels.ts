/** Where a timeline says what o'clock it was: at round times of the viewer's own clock, as many as fit. Pure. */
import type { TimelineView } from './timeline-view.ts';
import { positionText } from './wall-clock-text.ts';

export interface TimelineLabel {
  /** Wall-clock µs. */
  readonly at: number;
  readonly text: string;
  /** A day begins here. */
  readonly day: boolean;
}

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((count) => count * HOUR),
];
const DAY = 24 * HOUR;

/**
 * @param room the most labels that fit
 * @param offset the viewer's clock less UTC at an instant, µs; `position` where they are a file's own times, from 0:00 on
 */
export function timelineLabels(
  { from, to }: TimelineView,
  room: number,
  offset: ((at: number) => number) | 'position' = offsetHere,
): readonly TimelineLabel[] {
  const most = Math.max(1, room);
  const step = STEPS.find((length) => (to - from) / length <= most) ?? daysFor((to - from) / most);
  const labels: TimelineLabel[] = [];
  const shift = offset === 'position' ? 0 : offset(from);
  for (let local = Math.ceil((from + shift) / step) * step; local - shift <= to; local += step)
    labels.push(
      offset === 'position'
        ? { at: local, text: positionText(local), day: false }
        : { at: local - shift, text: textOf(local, step), day: local % DAY === 0 },
    );
  return labels;
}

const daysFor = (length: number): number => Math.ceil(length / DAY) * DAY;

const offsetHere = (at: number): number => -new Date(at / 1000).getTimezoneOffset() * MINUTE;

/** `local` as if the viewer's clock were UTC. */
function textOf(local: number, step: number): string {
  const date = new Date(local / 1000);
  if (local % DAY === 0)
    return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const text = date.toISOString();
  return step < MINUTE ? text.slice(11, 19) : text.slice(11, 16);
}
