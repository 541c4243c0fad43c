import { describe, expect, it } from 'vitest';
import { LIVE, type PlaybackState } from '../../../client/playback-state.ts';
import { noOriginalText, originalComes } from '../../../client/ui/recorder-text.ts';
import { wallMicros } from '../../../server/wire/time.ts';

const OVER_HLS: PlaybackState = { mode: 'live', via: 'hls' };
const PAST: PlaybackState = { mode: 'past', at: wallMicros(1), playing: true, rate: 1 };
const FILE: PlaybackState = {
  ...PAST,
  file: { from: wallMicros(0), to: wallMicros(2), clock: 'position' },
};

describe('the camera’s own pictures', () => {
  it('come to be recorded live over the socket alone', () => {
    expect([LIVE, OVER_HLS, PAST, FILE].map(originalComes)).toEqual([true, false, false, false]);
  });

  it('are missed in words: over HLS, and in a camera’s past, where they can be exported', () => {
    expect(noOriginalText(LIVE)).toBe('');
    expect(noOriginalText(OVER_HLS)).toContain('cannot be recorded over HLS');
    expect(noOriginalText(PAST)).toContain('is exported');
    expect(noOriginalText(FILE)).toBe('');
  });
});
