import { describe, expect, it } from 'vitest';
import { worthShowing } from '../../../client/decode/catch-up.ts';
import { micros } from '../../../server/wire/time.ts';

/** A frame this many frames of 25 fps behind the newest unit. */
const behind = (frames: number, quietMs: number, first: boolean) =>
  worthShowing({
    timestamp: micros(10_000_000 - frames * 40_000),
    newest: micros(10_000_000),
    quietMs,
    first,
  });

describe('which frames of a replayed GOP are shown', () => {
  it('shows a frame at the live edge, and one of a decoder that holds a few back', () => {
    expect(behind(0, 0, true)).toBe(true);
    expect(behind(5, 0, false)).toBe(true);
  });

  it('does not play history in fast motion', () => {
    expect(behind(6, 40, false)).toBe(false);
    expect(behind(250, 100, true)).toBe(false);
  });

  it('shows something when the live edge is long in coming, sooner before the first picture', () => {
    expect(behind(250, 120, true)).toBe(true);
    expect(behind(250, 120, false)).toBe(false);
    expect(behind(250, 400, false)).toBe(true);
  });

  it('shows frames of a stream whose timestamps began anew', () => {
    expect(worthShowing({ timestamp: micros(5_000_000), newest: micros(0), quietMs: 0, first: false })).toBe(
      true,
    );
  });
});
