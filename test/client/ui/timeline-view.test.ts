import { describe, expect, it } from 'vitest';
import {
  firstView,
  followed,
  instantAt,
  moved,
  shareOf,
  showing,
  type TimelineView,
  zoomed,
} from '../../../client/ui/timeline-view.ts';

const MINUTE = 60e6;
const NOW = 1_000 * MINUTE;
const limits = { now: NOW, oldest: NOW - 240 * MINUTE };
const length = ({ from, to }: TimelineView) => to - from;

describe('the part of the past that the timeline shows', () => {
  it('is the last hour at first, or all there is where that is less', () => {
    expect(firstView(limits).from).toBe(NOW - 60 * MINUTE);
    expect(firstView({ now: NOW, oldest: NOW - 10 * MINUTE }).from).toBe(NOW - 10 * MINUTE);
    expect(firstView(limits).to).toBeGreaterThan(NOW);
  });

  it('moves on with now, as long as before', () => {
    const view = firstView(limits);
    const later = followed(view, NOW + 5 * MINUTE);
    expect(length(later)).toBeCloseTo(length(view), 0);
    expect(later.from).toBeCloseTo(view.from + 5 * MINUTE, 0);
  });

  it('zooms about the pointer, whose instant stays under it', () => {
    const view = firstView(limits);
    const about = NOW - 30 * MINUTE;
    const closer = zoomed(view, about, 0.5, limits);
    expect(length(closer)).toBeCloseTo(length(view) / 2, 0);
    expect(shareOf(closer, about)).toBeCloseTo(shareOf(view, about), 6);
  });

  it('is never shorter than half a minute nor longer than the window', () => {
    const view = firstView(limits);
    expect(length(zoomed(view, NOW, 1e-6, limits))).toBeCloseTo(30e6, 0);
    const all = zoomed(view, NOW, 1e6, limits);
    expect(all.from).toBeCloseTo(limits.oldest, 0);
    expect(all.to).toBeGreaterThanOrEqual(NOW);
  });

  it('moves no further than the oldest picture and now', () => {
    const view = firstView(limits);
    expect(moved(view, -1000 * MINUTE, limits).from).toBe(limits.oldest);
    expect(moved(view, 1000 * MINUTE, limits).to).toBeCloseTo(view.to, 0);
  });

  it('comes to an instant outside of it, and stays where it is for one inside', () => {
    const view = firstView(limits);
    expect(showing(view, NOW - 30 * MINUTE, limits)).toBe(view);
    const earlier = showing(view, NOW - 90 * MINUTE, limits);
    expect(shareOf(earlier, NOW - 90 * MINUTE)).toBeCloseTo(0.1, 6);
  });

  it('gives the instant under the pointer, and now for all that is right of it', () => {
    const view = firstView(limits);
    expect(instantAt(view, shareOf(view, NOW - MINUTE), limits)).toBe(NOW - MINUTE);
    expect(instantAt(view, 1, limits)).toBe(NOW);
  });
});
