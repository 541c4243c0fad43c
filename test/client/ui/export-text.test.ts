import { describe, expect, it } from 'vitest';
import { exportedText, missingText } from '../../../client/ui/export-text.ts';
import type { ExportGap } from '../../../server/wire/evidence.ts';
import { wallMicros } from '../../../server/wire/time.ts';

const gap = (from: string, to: string, why: ExportGap['why'] = 'not-recorded'): ExportGap => ({
  from: wallMicros(Date.parse(from) * 1000),
  to: wallMicros(Date.parse(to) * 1000),
  why,
});
const time = (at: string) => new Date(at).toLocaleTimeString(undefined, { timeStyle: 'medium' });
const NIGHT = gap('2026-05-29T02:00:00', '2026-05-29T02:01:30');

describe('what is said of what a clip lacks', () => {
  it('is from when to when, and why', () => {
    const [from, to] = [time('2026-05-29T02:00:00'), time('2026-05-29T02:01:30')];
    expect(missingText([NIGHT])).toBe(`Missing: ${from} to ${to} was not recorded.`);
    expect(missingText([{ ...NIGHT, why: 'gone' }])).toContain('had been deleted by the server');
    expect(missingText([{ ...NIGHT, why: 'unreadable' }])).toContain('could not be read');
  });

  it('has the days where a gap goes on over midnight', () => {
    expect(missingText([NIGHT])).not.toContain('2026');
    const text = missingText([gap('2026-05-29T23:00:00', '2026-05-30T01:00:00')]);
    expect(text).toContain('29');
    expect(text).toContain('30');
    expect(text).toContain('2026');
  });

  it('counts the gaps that it does not list, of those it was given and of those it was told of', () => {
    expect(missingText([NIGHT, NIGHT, NIGHT, NIGHT])).toMatch(/, and 2 more\.$/);
    expect(missingText([NIGHT, NIGHT, NIGHT], 200)).toMatch(/, and 198 more\.$/);
    expect(missingText([NIGHT, NIGHT])).not.toContain('more');
  });

  it('stands behind how the export ended', () => {
    const ended = { state: 'ended', clips: ['a', 'b'], pictures: 90, gaps: [NIGHT], stopped: false } as const;
    expect(exportedText(ended)).toBe(`Exported 90 pictures in 2 parts. ${missingText([NIGHT])}`);
  });
});
