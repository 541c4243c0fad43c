/** Where parts and segments begin and end: samples of one stream, in decoding order → parts and segments. */
import { type Micros, micros, wallMicros } from '#wire/time.ts';
import { joined } from '../packets/joined.ts';
import { fragment } from './fragment.ts';
import type { TimedSample } from './sample-times.ts';
import type { Init, Part, SegmentItem, SegmentStart } from './segment.ts';

/** A key picture begins a segment when the one before has lasted so long: two seconds, less what a clock jitters. */
export const SHORTEST_SEGMENT = micros(1_800_000);
/** A longer GOP is cut where it stands. Rounded to seconds, as the target duration counts, it is 4. */
export const LONGEST_SEGMENT = micros(4_400_000);
export const TARGET_SECONDS = 4;
/** What a part should last; how long it does is a whole number of pictures. */
const PART = micros(250_000);
/** Parts may last up to the target, and no less than 85 % of it (RFC 8216bis §4.4.3.7): so much is left to jitter. */
const PART_SLACK = 1.1;
/** A camera whose timestamps hardly move, or whose pictures have no end, fills no more than this. */
const MOST_SEGMENT_BYTES = 32 * 1024 * 1024;
const MOST_SEGMENT_UNITS = 2_000;

interface Open {
  readonly start: SegmentStart;
  readonly parts: Part[];
  duration: number;
  units: number;
  bytes: number;
  /** Every sample so far was replayed to us. */
  replay: boolean;
}

export class SegmentCutter {
  #segment: Open | undefined;
  #samples: TimedSample[] = [];
  #sequence = 0;
  #discontinuity = true;
  #target: Micros | undefined;

  /** What comes next does not follow on what came last. */
  break(): void {
    this.#discontinuity = true;
  }

  *add(sample: TimedSample, init: Init): Generator<SegmentItem, void, undefined> {
    if (this.#segment !== undefined && this.#ends(this.#segment, sample)) yield* this.close();
    this.#segment ??= this.#begin(sample, init);
    if (this.#partDuration() + sample.duration > this.#limit()) yield* this.#closePart();
    this.#samples.push(sample);
    this.#segment.duration += sample.duration;
    this.#segment.units += 1;
    this.#segment.bytes += sample.bytes;
    this.#segment.replay &&= sample.replay;
    if (this.#isWhole(sample)) yield* this.#closePart();
  }

  /** Ends the segment that is open. */
  *close(): Generator<SegmentItem, void, undefined> {
    yield* this.#closePart();
    const open = this.#segment;
    this.#segment = undefined;
    if (open === undefined) return;
    const { start, duration, units, parts } = open;
    const bytes = joined(parts.map((part) => part.bytes));
    yield { kind: 'segment', segment: { ...start, duration: micros(duration), units, bytes } };
  }

  /** What was replayed is a segment of its own, so that a newcomer need not wait for the GOP to end. */
  #ends({ start, duration, units, bytes, replay }: Open, next: TimedSample): boolean {
    if (next.key && (duration >= SHORTEST_SEGMENT || !start.independent)) return true;
    if (replay && !next.replay) return true;
    const full = bytes + next.bytes > MOST_SEGMENT_BYTES || units >= MOST_SEGMENT_UNITS;
    return full || duration + next.duration > LONGEST_SEGMENT;
  }

  #begin(sample: TimedSample, init: Init): Open {
    // The first picture shown is not the first sent where pictures of an open GOP lead it.
    const capturedAt = wallMicros(sample.capturedAt + sample.decodeTime - sample.timestamp);
    const start = { init, discontinuity: this.#discontinuity, independent: sample.key, capturedAt };
    this.#discontinuity = false;
    return { start, parts: [], duration: 0, units: 0, bytes: 0, replay: true };
  }

  #partDuration(): number {
    return this.#samples.reduce((sum, { duration }) => sum + duration, 0);
  }

  #limit(): number {
    return this.#target ?? LONGEST_SEGMENT;
  }

  /** Ends a part as soon as the next picture would not fit, if it lasts as long as this one. */
  #isWhole({ duration }: TimedSample): boolean {
    const sum = this.#partDuration();
    if (this.#target !== undefined) return sum + duration > this.#target;
    return sum + duration / 2 > PART;
  }

  *#closePart(): Generator<SegmentItem, void, undefined> {
    const samples = this.#samples;
    const open = this.#segment;
    if (samples.length === 0 || open === undefined) return;
    const duration = micros(this.#partDuration());
    this.#target ??= targetOf(duration, samples.length);
    this.#samples = [];
    this.#sequence += 1;
    const part: Part = {
      bytes: fragment(this.#sequence, samples),
      duration,
      independent: samples.some(({ key }) => key),
    };
    open.parts.push(part);
    yield { kind: 'part', part, start: open.start, target: this.#target };
  }
}

/** As many pictures as come nearest to what a part should last, by those of the first part; whole milliseconds. */
function targetOf(duration: Micros, pictures: number): Micros {
  const each = duration / pictures;
  const target = Math.max(1, Math.round(PART / each)) * each * PART_SLACK;
  return micros(Math.min(Math.ceil(target / 1000) * 1000, LONGEST_SEGMENT));
}
