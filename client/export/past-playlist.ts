/** A playlist of the past → its segments (RFC 8216 §4). Pure. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { type Micros, micros, type WallMicros, wallMicros } from '#wire/time.ts';

export interface PastSegment {
  /** Absolute; the same segment always has the same. */
  readonly address: string;
  /** Of the init segment that it needs. */
  readonly init: string;
  /** When its first picture was captured, to the millisecond: the clock of the timeline. */
  readonly from: WallMicros;
  readonly duration: Micros;
  /** Timestamps or pictures jump before it. */
  readonly discontinuity: boolean;
}

/**
 * @param address the playlist's own, which the others are relative to
 * @throws NightglassError `packets/malformed` where a segment has no date, no duration or no init segment
 */
export function readPastPlaylist(text: string, address: string): readonly PastSegment[] {
  const segments: PastSegment[] = [];
  let init: string | undefined;
  let next: { from?: WallMicros; duration?: Micros; discontinuity?: boolean } = {};
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#EXT-X-MAP:')) init = mapOf(line, address);
    else if (line === '#EXT-X-DISCONTINUITY') next.discontinuity = true;
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:'))
      next.from = wallMicros(Date.parse(line.slice(line.indexOf(':') + 1)) * 1000);
    else if (line.startsWith('#EXTINF:'))
      next.duration = micros(Math.round(Number.parseFloat(line.slice(8)) * 1e6));
    else if (line !== '' && !line.startsWith('#')) {
      const { from, duration, discontinuity = false } = next;
      if (init === undefined || !Number.isSafeInteger(from) || !((duration ?? 0) > 0))
        throw malformed('a segment without its date, its duration or its init segment came');
      segments.push({
        address: new URL(line, address).href,
        init,
        from: from!,
        duration: duration!,
        discontinuity,
      });
      next = {};
    }
  }
  return segments;
}

function mapOf(line: string, address: string): string {
  const uri = /URI="([^"]+)"/.exec(line)?.[1];
  if (uri === undefined) throw malformed('an EXT-X-MAP without its address came');
  return new URL(uri, address).href;
}

const malformed = (what: string): NightglassError =>
  new NightglassError('packets/malformed', `in the playlist of the past ${what}`);
