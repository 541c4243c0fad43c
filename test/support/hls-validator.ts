/** Judges a live HLS stream by what RFC 8216bis demands of what it uses: each playlist, from one to the next, and the media. */
import { fragmentsOf, type ReadFragment, timescaleOf } from './hls-fragments.ts';
import {
  attributesOf,
  type ListedPart,
  type ListedSegment,
  type MediaPlaylist,
  readPlaylist,
} from './hls-playlist.ts';

export type Get = (
  uri: string,
) => Promise<{ readonly status: number; readonly type: string; readonly bytes: Uint8Array }>;

/** Seconds: what decimals of an EXTINF leave out. */
const ROUNDING = 2e-6;
/** Seconds that capture clocks may run apart from timestamps within a segment. */
const CLOCK_SLACK = 0.15;

export class HlsValidator {
  /** What is wrong, in the order found. */
  readonly faults: string[] = [];
  readonly #get: Get;
  #last: MediaPlaylist | undefined;
  /** What was downloaded, by its address. */
  readonly #media = new Map<string, Uint8Array>();

  constructor(get: Get) {
    this.#get = get;
  }

  /** Takes the next full playlist of the same stream, in the order they were served. */
  async see(text: string): Promise<MediaPlaylist> {
    const playlist = readPlaylist(text);
    this.#judgeHead(playlist);
    for (const segment of playlist.segments) this.#judgeSegment(segment, playlist);
    for (const [at, segment] of playlist.segments.entries())
      this.#judgeClock(playlist.segments[at - 1], segment);
    this.#judgeHint(playlist);
    if (this.#last !== undefined) this.#judgeUpdate(this.#last, playlist);
    this.#last = playlist;
    await this.#judgeMedia(playlist);
    return playlist;
  }

  /** §6.2.5.1: a delta update, laid over the playlist before it, is the full playlist of the same moment. */
  seeDelta(text: string, full: MediaPlaylist): void {
    const delta = readPlaylist(text);
    const { length } = full.segments;
    this.#check(delta.skipped > 0, 'a delta update skips something');
    this.#check(delta.segments.length + delta.skipped === length, 'a delta update lists the rest');
    this.#check(
      delta.segments[0]?.number === full.segments[delta.skipped]?.number,
      'a delta update goes on after what it skips',
    );
    this.#check(
      delta.segments.every(({ map }) => map !== undefined),
      'EXT-X-MAP stands before what a delta update lists',
    );
  }

  #check(holds: boolean, rule: string, what = ''): void {
    if (!holds) this.faults.push(what === '' ? rule : `${rule}: ${what}`);
  }

  #judgeHead({ tags }: MediaPlaylist): void {
    const control = attributesOf(tags.get('SERVER-CONTROL') ?? '');
    const target = Number(tags.get('TARGETDURATION'));
    const part = partTargetOf(tags);
    this.#check(Number(tags.get('VERSION')) >= 9, 'EXT-X-SKIP wants version 9 (§8)');
    this.#check(Number.isInteger(target) && target > 0, 'EXT-X-TARGETDURATION is a whole number (§4.4.3.1)');
    this.#check(
      tags.has('MEDIA-SEQUENCE'),
      'segments leave a live playlist, so it has EXT-X-MEDIA-SEQUENCE (§6.2.2)',
    );
    this.#check(part > 0, 'EXT-X-PART wants EXT-X-PART-INF (§4.4.3.7)');
    this.#check(control.get('CAN-BLOCK-RELOAD') === 'YES', 'parts want blocking reload (appendix B.1)');
    this.#check(
      Number(control.get('HOLD-BACK')) >= 3 * target,
      'HOLD-BACK is 3 target durations or more (§4.4.3.8)',
    );
    this.#check(
      Number(control.get('PART-HOLD-BACK')) >= 3 * part - ROUNDING,
      'PART-HOLD-BACK is 3 parts or more (§4.4.3.8)',
    );
    this.#check(
      Number(control.get('CAN-SKIP-UNTIL')) >= 6 * target,
      'CAN-SKIP-UNTIL is 6 target durations or more (§4.4.3.8)',
    );
    this.#check(!tags.has('ENDLIST'), 'a live playlist has no end');
    this.#check(!tags.has('PLAYLIST-TYPE'), 'segments leave a live playlist (§4.4.3.5)');
  }

  #judgeSegment({ number, parts, whole, map, dateTime }: ListedSegment, { tags }: MediaPlaylist): void {
    const name = `segment ${number}`;
    const target = partTargetOf(tags);
    this.#check(map !== undefined, 'fragmented MP4 wants EXT-X-MAP before it (§3.1.2)', name);
    this.#check(
      dateTime !== undefined && !Number.isNaN(dateTime),
      'each segment says when it was captured',
      name,
    );
    for (const [at, { duration }] of parts.entries()) {
      this.#check(
        duration <= target + ROUNDING,
        'no part is longer than PART-TARGET (§4.4.3.7)',
        `${name}.${at} ${duration}`,
      );
      const last = at === parts.length - 1 && whole !== undefined;
      this.#check(
        last || duration >= 0.85 * target,
        'no part but the last is under 85 % of PART-TARGET (§4.4.3.7)',
        `${name}.${at} ${duration}`,
      );
    }
    if (whole === undefined) return;
    this.#check(
      Math.round(whole.duration) <= Number(tags.get('TARGETDURATION')),
      'EXTINF is at most the target duration (§4.4.3.1)',
      name,
    );
    const sum = parts.reduce((total, { duration }) => total + duration, 0);
    this.#check(
      parts.length === 0 || near(sum, whole.duration, ROUNDING * parts.length),
      'parts are the segment, one after another (§4.4.4.9)',
      name,
    );
  }

  #judgeClock(before: ListedSegment | undefined, { number, dateTime, discontinuity }: ListedSegment): void {
    if (before?.whole === undefined || discontinuity) return;
    const due = before.dateTime! / 1000 + before.whole.duration;
    this.#check(
      near(due, dateTime! / 1000, CLOCK_SLACK),
      'EXT-X-PROGRAM-DATE-TIME runs with the media (§4.4.4.6)',
      `segment ${number}`,
    );
  }

  #judgeHint({ hint, segments }: MediaPlaylist): void {
    const listed = segments.flatMap(({ parts }) => parts.map(({ uri }) => uri));
    this.#check(hint !== undefined, 'a playlist with parts hints at the next (appendix B.1)');
    this.#check(!listed.includes(hint ?? ''), 'what is listed is not hinted at (§4.4.5.3)');
  }

  /** §6.2.1 and §6.2.2. */
  #judgeUpdate(before: MediaPlaylist, now: MediaPlaylist): void {
    for (const tag of ['TARGETDURATION', 'PART-INF', 'SERVER-CONTROL', 'VERSION'])
      this.#check(before.tags.get(tag) === now.tags.get(tag), `${tag} never changes`);
    const [first] = now.segments;
    this.#check(
      Number(now.tags.get('MEDIA-SEQUENCE')) >= Number(before.tags.get('MEDIA-SEQUENCE')),
      'EXT-X-MEDIA-SEQUENCE never falls',
    );
    this.#check(numberOfEnd(now) >= numberOfEnd(before), 'nothing leaves the end');
    for (const old of before.segments) {
      const same = now.segments.find(({ number }) => number === old.number);
      if (same !== undefined) this.#judgeSame(old, same);
      else
        this.#check(
          first !== undefined && old.number < first.number,
          'segments leave at the beginning alone',
          `segment ${old.number}`,
        );
    }
    const total = now.segments.reduce((sum, { whole }) => sum + (whole?.duration ?? 0), 0);
    const left = before.segments.some(({ number }) => first !== undefined && number < first.number);
    this.#check(
      !left || total >= 3 * Number(now.tags.get('TARGETDURATION')),
      'no segment leaves under 3 target durations (§6.2.2)',
    );
  }

  #judgeSame(old: ListedSegment, now: ListedSegment): void {
    const name = `segment ${old.number}`;
    this.#check(
      old.discontinuities === now.discontinuities,
      'a discontinuity sequence number never changes (§6.2.1)',
      name,
    );
    this.#check(
      old.discontinuity === now.discontinuity && old.map === now.map && old.dateTime === now.dateTime,
      'tags of a segment never change (§6.2.1)',
      name,
    );
    this.#check(
      old.whole === undefined ||
        (old.whole.uri === now.whole?.uri && old.whole.duration === now.whole.duration),
      'a segment that has ended never changes (§6.2.1)',
      name,
    );
    const grown = old.parts.every(
      (part, at) => now.parts[at] === undefined || samePart(part, now.parts[at]!),
    );
    this.#check(grown, 'a part never changes (§6.2.1)', name);
  }

  async #judgeMedia({ segments }: MediaPlaylist): Promise<void> {
    let before: { readonly end: number; readonly sequence: number } | undefined;
    for (const segment of segments) {
      const scale = timescaleOf(await this.#download(segment.map!));
      const { parts, whole, discontinuity, number } = segment;
      const ofParts: ReadFragment[] = [];
      for (const part of parts)
        ofParts.push(...this.#judgePart(part, fragmentsOf(await this.#download(part.uri)), scale));
      const bytes = whole && (await this.#download(whole.uri));
      const fragments = bytes ? fragmentsOf(bytes) : ofParts;
      const [first] = fragments;
      if (bytes && parts.length > 0) {
        const joined = Buffer.concat(parts.map(({ uri }) => this.#media.get(uri)!));
        this.#check(joined.equals(bytes), 'the bytes of the parts are the segment’s', `segment ${number}`);
      }
      const ticks = fragments.reduce((sum, { duration }) => sum + duration, 0);
      if (whole)
        this.#check(
          near(ticks / scale, whole.duration, ROUNDING),
          'EXTINF is what the samples last',
          `segment ${number}`,
        );
      this.#check(
        first !== undefined && near(first.wallClock, segment.dateTime!, 500),
        'prft agrees with EXT-X-PROGRAM-DATE-TIME',
        `segment ${number}`,
      );
      for (const { start, duration, sequence } of fragments) {
        const follows = before === undefined || (start === before.end && sequence === before.sequence + 1);
        this.#check(
          follows || (discontinuity && start === first?.start),
          'decode times run on but for discontinuities (§4.4.4.3)',
          `segment ${number} at ${start}, not ${before?.end}`,
        );
        before = { end: start + duration, sequence };
      }
    }
  }

  #judgePart(
    { uri, duration, independent }: ListedPart,
    fragments: readonly ReadFragment[],
    scale: number,
  ): readonly ReadFragment[] {
    const ticks = fragments.reduce((sum, one) => sum + one.duration, 0);
    this.#check(near(ticks / scale, duration, ROUNDING), 'a part lasts as long as its samples', uri);
    this.#check(
      independent === fragments.some(({ hasKey }) => hasKey),
      'INDEPENDENT says whether a key picture is there',
      uri,
    );
    return fragments;
  }

  async #download(uri: string): Promise<Uint8Array> {
    const known = this.#media.get(uri);
    if (known !== undefined) return known;
    const { status, type, bytes } = await this.#get(uri);
    this.#check(status === 200, 'what is listed can be had', `${uri}: ${status}`);
    this.#check(type === 'video/mp4', 'media is video/mp4', `${uri}: ${type}`);
    this.#media.set(uri, bytes);
    return bytes;
  }
}

const near = (a: number, b: number, slack: number): boolean => Math.abs(a - b) <= slack;
const partTargetOf = (tags: ReadonlyMap<string, string>): number =>
  Number(attributesOf(tags.get('PART-INF') ?? '').get('PART-TARGET'));
const samePart = (a: ListedPart, b: ListedPart): boolean =>
  a.uri === b.uri && a.duration === b.duration && a.independent === b.independent;

/** How far a playlist has come: segments, then parts. */
const numberOfEnd = ({ segments }: MediaPlaylist): number => {
  const last = segments.at(-1);
  return last === undefined ? 0 : last.number + (last.whole ? 1 : last.parts.length / 1000);
};
