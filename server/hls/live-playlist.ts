/** A window of segments → a live media playlist with parts (RFC 8216bis §4.4, appendix B). */
import { type Micros, micros } from '#wire/time.ts';
import { NOTHING_HANDED_ON } from './handed-on.ts';
import type { WindowSegment, WindowView } from './live-window.ts';
import { TARGET_SECONDS } from './segment-cutter.ts';

const TARGET = micros(TARGET_SECONDS * 1e6);
/** How far from the end a segment must be to be left out of a delta update: six target durations, the least there may be. */
const SKIP_UNTIL = micros(6 * TARGET);
/** Parts are listed for the last three target durations. */
const PARTS_UNTIL = micros(3 * TARGET);

/**
 * @param view of at least one part
 * @param folder where the segments are, relative to the playlist, with its slash
 * @param delta leaves out what a client has already, where there is enough of it
 * @param query follows each address
 */
export function livePlaylist(
  { partTarget, segments, next }: WindowView,
  folder: string,
  delta = false,
  { query } = NOTHING_HANDED_ON,
): string {
  const ends = endsOf(segments);
  const end = ends.at(-1) ?? 0;
  const old = ends.filter((at) => at < end - SKIP_UNTIL).length;
  const skipped = delta ? old : 0;
  const [first] = segments;
  const part = partTarget ?? 0;
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    `#EXT-X-TARGETDURATION:${TARGET_SECONDS}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=${seconds(SKIP_UNTIL)},` +
      `HOLD-BACK=${seconds(3 * TARGET)},PART-HOLD-BACK=${seconds(3 * part)}`,
    `#EXT-X-PART-INF:PART-TARGET=${seconds(part)}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.number ?? next.number}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first ? first.discontinuities - (first.start.discontinuity ? 1 : 0) : 0}`,
    ...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : []),
  ];
  let init: string | undefined;
  for (const [at, segment] of segments.entries()) {
    if (at < skipped) continue;
    lines.push(...linesOf(segment, { folder, query, init, withParts: ends[at]! >= end - PARTS_UNTIL }));
    init = segment.start.init.id;
  }
  lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${folder}${next.number}.${next.part}.m4s${query}"`);
  return `${lines.join('\n')}\n`;
}

interface Context {
  readonly folder: string;
  readonly query: string;
  /** The init segment that is in force. */
  readonly init: string | undefined;
  readonly withParts: boolean;
}

function linesOf(
  { number, start, parts, whole }: WindowSegment,
  { folder, query, init, withParts }: Context,
): string[] {
  const lines = start.discontinuity ? ['#EXT-X-DISCONTINUITY'] : [];
  if (start.init.id !== init) lines.push(`#EXT-X-MAP:URI="${folder}init-${start.init.id}.mp4${query}"`);
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(start.capturedAt / 1000).toISOString()}`);
  if (withParts)
    for (const [index, { duration, independent }] of parts.entries())
      lines.push(
        `#EXT-X-PART:DURATION=${seconds(duration)},URI="${folder}${number}.${index}.m4s${query}"` +
          (independent ? ',INDEPENDENT=YES' : ''),
      );
  if (whole !== undefined)
    lines.push(`#EXTINF:${seconds(whole.duration)},`, `${folder}${number}.m4s${query}`);
  return lines;
}

/** Where each segment ends, µs from the beginning of the playlist. */
function endsOf(segments: readonly WindowSegment[]): number[] {
  let end = 0;
  return segments.map(({ parts }) => {
    end += parts.reduce((sum, { duration }) => sum + duration, 0);
    return end;
  });
}

const seconds = (duration: Micros | number): string => (duration / 1e6).toFixed(6);
