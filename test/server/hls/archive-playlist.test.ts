import { describe, expect, it } from 'vitest';
import { micros, wallMicros } from '#wire/time.ts';
import { ArchiveIndex } from '../../../server/hls/archive-index.ts';
import { nameOf, type Stored, storedOf } from '../../../server/hls/archive-names.ts';
import { pastPlaylist } from '../../../server/hls/archive-playlist.ts';
import { spansOf } from '../../../server/hls/archive-spans.ts';
import { at, namesIn } from '../../support/hls-segments.ts';

const INIT = '0123456789abcdef';

const stored = (seconds: number, facts: Partial<Stored> = {}): Stored => ({
  capturedAt: at(seconds),
  duration: micros(2_000_000),
  run: 0,
  pictures: 50,
  bytes: 1000,
  init: INIT,
  discontinuity: false,
  independent: true,
  ...facts,
});

function indexOf(...segments: Stored[]): ArchiveIndex {
  const index = new ArchiveIndex();
  for (const segment of segments) if (!index.add(segment)) throw new Error(`not taken: ${nameOf(segment)}`);
  return index;
}

const playable = (index: ArchiveIndex, from: number, to: number): string[] =>
  index.playable(at(from), at(to)).map(nameOf);

describe('the name of a stored segment', () => {
  it('tells all that the index needs, and is the only one', () => {
    const one = stored(0.5, { discontinuity: true, run: 12 });
    expect(nameOf(one)).toBe(`1780000000500000-12-2000000-50-1000-${INIT}-dk.m4s`);
    for (const each of [one, stored(3, { independent: false }), stored(4, { capturedAt: wallMicros(0) })])
      expect(storedOf(nameOf(each))).toEqual(each);
    for (const other of ['-012-', '--1-', '-1e1-'])
      expect(storedOf(nameOf(one).replace('-12-', other))).toBeUndefined();
    expect(storedOf(nameOf(one).replace('-dk', '-'))).toBeUndefined();
    expect(storedOf(`x${nameOf(one)}`)).toBeUndefined();
  });
});

describe('a playlist of the past', () => {
  it('is finished, dates every segment, and marks every jump and every other init segment', () => {
    const other = 'fedcba9876543210';
    const segments = [
      stored(0, { discontinuity: true }),
      stored(2, { duration: micros(2_512_345) }),
      stored(4.9),
      stored(8),
      stored(10, { init: other }),
      stored(12, { init: other, discontinuity: true }),
    ];
    const lines = segments.map((each) => [
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(each.capturedAt / 1000).toISOString()}`,
      `#EXTINF:${each.duration === 2_512_345 ? '2.512345' : '2.000000'},`,
      `past/${nameOf(each)}`,
    ]);
    expect(pastPlaylist(segments, 'past/').split('\n')).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      '#EXT-X-TARGETDURATION:3',
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      `#EXT-X-MAP:URI="past/init-${INIT}.mp4"`,
      ...lines[0]!,
      ...lines[1]!,
      ...lines[2]!,
      // Over half a second of wall clock is missing.
      '#EXT-X-DISCONTINUITY',
      ...lines[3]!,
      '#EXT-X-DISCONTINUITY',
      `#EXT-X-MAP:URI="past/init-${other}.mp4"`,
      ...lines[4]!,
      '#EXT-X-DISCONTINUITY',
      ...lines[5]!,
      '#EXT-X-ENDLIST',
      '',
    ]);
  });

  it('has the segments that overlap the span, and no other', () => {
    const index = indexOf(...[0, 2, 4, 6].map((seconds) => stored(seconds)));
    const names = (from: number, to: number) =>
      namesIn(pastPlaylist(index.playable(at(from), at(to)), 'past/'));
    expect(names(2, 4)).toEqual([nameOf(stored(2))]);
    expect(names(1.999999, 4.000001)).toHaveLength(3);
    expect(names(7.9, 100)).toEqual([nameOf(stored(6))]);
    expect(playable(index, 8, 100)).toEqual([]);
    expect(playable(index, -100, 0)).toEqual([]);
  });

  it('begins where decoding can begin', () => {
    const long = [
      stored(0),
      stored(2, { independent: false }),
      stored(4, { independent: false }),
      stored(6, { independent: false, discontinuity: true }),
      stored(8, { independent: false }),
    ];
    const index = indexOf(...long);
    expect(playable(index, 4, 5)).toEqual(long.slice(0, 3).map(nameOf));
    expect(playable(index, 8, 9)).toEqual(long.slice(3).map(nameOf));
    expect(pastPlaylist(long, '')).not.toContain('INDEPENDENT-SEGMENTS');
  });

  it('finds a long segment that began well before the span', () => {
    const index = indexOf(stored(0, { duration: micros(60_000_000) }), stored(60), stored(62));
    expect(playable(index, 59, 61)).toHaveLength(2);
  });
});

describe('the spans of the past', () => {
  it('join segments whose gap is under half a second', () => {
    const index = indexOf(stored(0), stored(2.499999), stored(4.999999), stored(7));
    expect(spansOf(index.overlapping(at(0), at(100)))).toEqual([
      { from: at(0), to: at(4.499999) },
      { from: at(4.999999), to: at(9) },
    ]);
  });

  it('join what two runs of the clock tell of the same time', () => {
    const index = indexOf(
      stored(0),
      stored(10),
      stored(20),
      stored(1, { run: 1 }),
      stored(11, { run: 1, duration: micros(500_000) }),
    );
    expect(spansOf(index.overlapping(at(0), at(100)))).toEqual([
      { from: at(0), to: at(3) },
      { from: at(10), to: at(12) },
      { from: at(20), to: at(22) },
    ]);
  });

  it('are never too many to send: the shortest holes are left out first', () => {
    const many = Array.from({ length: 5000 }, (_, index) => stored(index * 3));
    const spans = spansOf(indexOf(...many, stored(20_000)).overlapping(at(0), at(1e6)));
    expect(spans).toEqual([
      { from: at(0), to: at(4999 * 3 + 2) },
      { from: at(20_000), to: at(20_002) },
    ]);
  });
});

describe('the index of a long past', () => {
  it('forgets from its front without losing its place', () => {
    const index = indexOf(...Array.from({ length: 5000 }, (_, place) => stored(place * 2)));
    for (
      let oldest = index.oldest();
      oldest !== undefined && oldest.capturedAt < at(9000);
      oldest = index.oldest()
    )
      index.remove(oldest);
    expect(index.segments).toBe(500);
    expect(index.bytes).toBe(500 * 4096);
    expect(playable(index, 0, 9002)).toEqual([nameOf(stored(9000))]);
    expect(index.named(nameOf(stored(8998)))).toBeUndefined();
    expect(index.named(nameOf(stored(9998)))).toEqual(stored(9998));
  });
});
