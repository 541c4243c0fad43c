/** Stored segments → a playlist of the past (RFC 8216 with the terms of RFC 8216bis). */
import { endOf, initName, nameOf, type Stored } from './archive-names.ts';
import { NOTHING_HANDED_ON } from './handed-on.ts';

/** µs. A hole in the wall clock that is not in the timestamps: the segment after it stands on its own. */
const HOLE = 500_000;

/**
 * A finished playlist: nothing is added to it. Addresses are relative to the playlist's own.
 * @param segments at least one, in the order they are to be played
 * @param folder where the files are, relative, with its slash
 * @param query follows each address
 */
export function pastPlaylist(
  segments: readonly Stored[],
  folder: string,
  { query } = NOTHING_HANDED_ON,
): string {
  // RFC 8216bis §4.4.3.1: no EXTINF, rounded to the nearest second, is more than this.
  const target = Math.max(1, ...segments.map(({ duration }) => Math.round(duration / 1e6)));
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${target}`];
  lines.push('#EXT-X-MEDIA-SEQUENCE:0', '#EXT-X-PLAYLIST-TYPE:VOD');
  if (segments.every(({ independent }) => independent)) lines.push('#EXT-X-INDEPENDENT-SEGMENTS');
  let before: Stored | undefined;
  for (const segment of segments) {
    if (before !== undefined && jumps(before, segment)) lines.push('#EXT-X-DISCONTINUITY');
    if (before?.init !== segment.init)
      lines.push(`#EXT-X-MAP:URI="${folder}${initName(segment.init)}${query}"`);
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.capturedAt / 1000).toISOString()}`,
      `#EXTINF:${(segment.duration / 1e6).toFixed(6)},`,
      `${folder}${nameOf(segment)}${query}`,
    );
    before = segment;
  }
  return `${[...lines, '#EXT-X-ENDLIST'].join('\n')}\n`;
}

const jumps = (before: Stored, next: Stored): boolean =>
  next.discontinuity ||
  next.run !== before.run ||
  next.init !== before.init ||
  next.capturedAt - endOf(before) > HOLE;
