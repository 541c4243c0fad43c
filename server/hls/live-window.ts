/** The last seconds of one stream in memory: its segments, the parts of the newest, and who waits for the next. */
import { type Micros, micros } from '#wire/time.ts';
import type { Init, Part, Segment, SegmentItem, SegmentStart } from './segment.ts';

/** Segments are listed for so long, and held for twice as long: a client may ask for what it has just seen listed. */
const LISTED = micros(32_000_000);
const HELD = micros(2 * LISTED);
/** 64 s at 8 Mbit/s. Of a camera that sends more, less is listed. */
const MOST_BYTES = 64 * 1024 * 1024;

/** One segment as a playlist has it. */
export interface WindowSegment {
  /** Its media sequence number. */
  readonly number: number;
  readonly start: SegmentStart;
  /** How many discontinuities there were up to this segment, its own counted. */
  readonly discontinuities: number;
  readonly parts: readonly Part[];
  /** Absent while parts may follow. */
  readonly whole: Segment | undefined;
}

interface Growing extends WindowSegment {
  readonly parts: Part[];
}

/** What a playlist is written from. */
export interface WindowView {
  /** Of parts; absent before the first one. */
  readonly partTarget: Micros | undefined;
  /** Oldest first; only the last may be growing. */
  readonly segments: readonly WindowSegment[];
  /** Where the next part will stand. */
  readonly next: { readonly number: number; readonly part: number };
}

/** Takes what a segmenter yields. Numbers run on over `forget`. */
export class LiveWindow {
  /** Whether somebody plays it; of one that nobody plays, only the newest segment is held. */
  played = true;
  #segments: WindowSegment[] = [];
  #growing: Growing | undefined;
  #partTarget: Micros | undefined;
  #number: number;
  #discontinuities: number;

  /** @param first the first media sequence number @param firstDiscontinuity the first discontinuity sequence number */
  constructor(first = 0, firstDiscontinuity = 0) {
    this.#number = first;
    this.#discontinuities = firstDiscontinuity;
  }

  add(item: SegmentItem): void {
    if (item.kind === 'part') this.#addPart(item.part, item.start, item.target);
    if (item.kind === 'segment') this.#complete(item.segment);
  }

  /** Lets go of everything; what comes next has nothing to do with it. */
  forget(): void {
    if (this.#growing !== undefined) this.#number += 1;
    this.#growing = undefined;
    this.#segments = [];
  }

  get view(): WindowView {
    const growing = this.#growing;
    return {
      partTarget: this.#partTarget,
      segments: [...this.#segments.slice(this.#unlisted()), ...(growing ? [growing] : [])],
      next: { number: this.#number, part: growing?.parts.length ?? 0 },
    };
  }

  /** Bytes held, init segments left out. */
  get bytes(): number {
    const whole = this.#segments.reduce((sum, { whole }) => sum + whole!.bytes.length, 0);
    return whole + (this.#growing?.parts.reduce((sum, { bytes }) => sum + bytes.length, 0) ?? 0);
  }

  init(id: string): Init | undefined {
    return this.#all().find(({ start }) => start.init.id === id)?.start.init;
  }

  segment(number: number): WindowSegment | undefined {
    return this.#all().find((segment) => segment.number === number);
  }

  #all(): WindowSegment[] {
    return [...this.#segments, ...(this.#growing ? [this.#growing] : [])];
  }

  #addPart(part: Part, start: SegmentStart, target: Micros): void {
    this.#partTarget = Math.max(this.#partTarget ?? 0, target) as Micros;
    if (this.#growing === undefined) {
      if (start.discontinuity) this.#discontinuities += 1;
      const place = { number: this.#number, discontinuities: this.#discontinuities };
      this.#growing = { ...place, start, parts: [], whole: undefined };
    }
    this.#growing.parts.push(part);
  }

  #complete(whole: Segment): void {
    if (this.#growing === undefined) return;
    const { number, start, discontinuities, parts } = this.#growing;
    this.#segments.push({ number, start, discontinuities, parts: within(whole, parts), whole });
    this.#growing = undefined;
    this.#number += 1;
    this.#trim();
  }

  #trim(): void {
    const segments = this.#segments;
    const over = () =>
      this.played ? durationOf(segments) > HELD || this.bytes > MOST_BYTES : segments.length > 1;
    while (segments.length > 1 && over()) segments.shift();
  }

  /** How many of the oldest segments are held and listed no more. */
  #unlisted(): number {
    let duration = 0;
    for (let at = this.#segments.length - 1; at >= 0; at--) {
      if (duration >= LISTED) return at + 1;
      duration += this.#segments[at]!.whole!.duration;
    }
    return 0;
  }
}

const durationOf = (segments: readonly WindowSegment[]): number =>
  segments.reduce((sum, { whole }) => sum + (whole?.duration ?? 0), 0);

/** The parts as views of the whole segment, so that its bytes are held once. */
function within({ bytes }: Segment, parts: readonly Part[]): Part[] {
  let at = 0;
  return parts.map((part) => {
    const begin = at;
    at += part.bytes.length;
    return { ...part, bytes: bytes.subarray(begin, at) };
  });
}
