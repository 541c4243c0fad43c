import { describe, expect, it } from 'vitest';
import { readPastPlaylist } from '../../../client/export/past-playlist.ts';
import type { Stored } from '../../../server/hls/archive-names.ts';
import { nameOf } from '../../../server/hls/archive-names.ts';
import { pastPlaylist } from '../../../server/hls/archive-playlist.ts';
import { micros, wallMicros } from '../../../server/wire/time.ts';

const BEGAN = 1_780_000_000_000_000;
const ADDRESS = 'https://nightglass.example/hls/quay/past.m3u8?from=1&to=2';
const stored = (index: number, more: Partial<Stored> = {}): Stored => ({
  capturedAt: wallMicros(BEGAN + index * 2_000_000),
  duration: micros(2_000_000),
  run: 0,
  pictures: 50,
  bytes: 1000,
  init: '0123456789abcdef',
  discontinuity: false,
  independent: true,
  ...more,
});

describe('a playlist of the past', () => {
  it('is read as the server writes it', () => {
    const segments = [
      stored(0),
      stored(1),
      stored(5),
      stored(6, { init: 'fedcba9876543210', discontinuity: true }),
    ];
    const read = readPastPlaylist(pastPlaylist(segments, 'past/'), ADDRESS);
    expect(read).toEqual(
      segments.map((segment, index) => ({
        address: `https://nightglass.example/hls/quay/past/${nameOf(segment)}`,
        init: `https://nightglass.example/hls/quay/past/init-${segment.init}.mp4`,
        from: segment.capturedAt,
        duration: segment.duration,
        discontinuity: index >= 2,
      })),
    );
  });

  it('is refused where a segment has no date or no init segment', () => {
    const text = pastPlaylist([stored(0), stored(1)], 'past/');
    for (const tag of ['#EXT-X-PROGRAM-DATE-TIME', '#EXT-X-MAP', '#EXTINF']) {
      const without = text.split('\n').filter((line) => !line.startsWith(tag));
      expect(() => readPastPlaylist(without.join('\n'), ADDRESS)).toThrow(
        expect.objectContaining({ code: 'packets/malformed' }),
      );
    }
  });
});
