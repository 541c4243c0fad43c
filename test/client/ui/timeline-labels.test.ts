import { describe, expect, it } from 'vitest';
import { timelineLabels } from '../../../client/ui/timeline-labels.ts';

const at = (text: string) => Date.parse(text) * 1000;
const HOUR = 3600e6;
const labels = (from: string, to: string, room: number, offset = 0) =>
  timelineLabels({ from: at(from), to: at(to) }, room, () => offset);
const texts = (...given: Parameters<typeof labels>) => labels(...given).map(({ text }) => text);

describe('the timeline’s labels', () => {
  it('stand at round minutes, as many as fit', () => {
    expect(texts('2026-03-04T14:03:20Z', '2026-03-04T15:03:20Z', 6)).toEqual([
      ...['14:10', '14:20', '14:30', '14:40', '14:50', '15:00'],
    ]);
  });

  it('say seconds where minutes are too far apart', () => {
    expect(texts('2026-03-04T14:03:20Z', '2026-03-04T14:03:50Z', 3)).toEqual([
      ...['14:03:20', '14:03:30', '14:03:40', '14:03:50'],
    ]);
  });

  it('name the day where one begins', () => {
    const [before, day] = labels('2026-03-03T22:30:00Z', '2026-03-04T01:30:00Z', 3).slice(0, 2);
    expect(before).toMatchObject({ text: '23:00', day: false });
    expect(day).toMatchObject({ text: '4 Mar', day: true });
  });

  it('are round on the viewer’s clock, half an hour off as it may be', () => {
    const [first] = labels('2026-03-04T14:00:00Z', '2026-03-04T20:00:00Z', 6, 5.5 * HOUR);
    expect(first).toMatchObject({ text: '20:00', at: at('2026-03-04T14:30:00Z') });
  });

  it('are days apart over weeks', () => {
    expect(texts('2026-03-01T12:00:00Z', '2026-03-15T12:00:00Z', 7).slice(0, 2)).toEqual(['2 Mar', '4 Mar']);
  });
});
