import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agoText, wallClockText } from '../../../client/ui/wall-clock-text.ts';
import { wallMicros } from '../../../server/wire/time.ts';

const at = (text: string) => wallMicros(Date.parse(text) * 1000);
const NOW = at('2026-03-04T15:00:00Z');

const { TZ } = process.env;

beforeAll(() => {
  process.env.TZ = 'UTC';
});

afterAll(() => {
  if (TZ === undefined) delete process.env.TZ;
  else process.env.TZ = TZ;
});

describe('a picture’s wall clock', () => {
  it('is the time of day for one of today, to a hundredth', () => {
    expect(wallClockText(at('2026-03-04T14:03:21.504Z'), NOW)).toBe('14:03:21.50');
  });

  it('names the day for an older one', () => {
    expect(wallClockText(at('2026-03-03T23:59:59Z'), NOW)).toBe('yesterday 23:59:59.00');
    expect(wallClockText(at('2026-02-28T01:00:00Z'), NOW)).toBe('28 Feb 01:00:00.00');
  });

  it('says how long ago that was', () => {
    expect(agoText(at('2026-03-04T14:59:15Z'), NOW)).toBe('45 s ago');
    expect(agoText(at('2026-03-04T14:57:00Z'), NOW)).toBe('3 min ago');
    expect(agoText(at('2026-03-04T12:55:00Z'), NOW)).toBe('2 h 5 min ago');
    expect(agoText(at('2026-03-04T13:00:00Z'), NOW)).toBe('2 h ago');
  });
});
