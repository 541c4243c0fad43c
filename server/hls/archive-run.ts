/** Stored segments whose capture times rise, in columns: a week of a camera is 300,000 of them. */
import { micros, type WallMicros, wallMicros } from '#wire/time.ts';
import { endOf, type Stored } from './archive-names.ts';

const DISCONTINUITY = 1;
const INDEPENDENT = 2;
/** Places freed at the front before the columns are cut. */
const SLACK = 1024;

/** One run: it grows at its end and is trimmed from its front. */
export class ArchiveRun {
  readonly number: number;
  /** Places before it are free. */
  #head = 0;
  #capturedAt: number[] = [];
  #duration: number[] = [];
  #pictures: number[] = [];
  #bytes: number[] = [];
  #init: string[] = [];
  #flags: number[] = [];
  /** The longest segment that it has held, µs: how far before an instant one that lasts until it may begin. */
  #longest = 0;

  constructor(number: number) {
    this.number = number;
  }

  get length(): number {
    return this.#capturedAt.length - this.#head;
  }

  get first(): Stored | undefined {
    return this.length === 0 ? undefined : this.#at(this.#head);
  }

  get last(): Stored | undefined {
    return this.length === 0 ? undefined : this.#at(this.#capturedAt.length - 1);
  }

  /** @returns false, having done nothing, where it does not begin after the last */
  append(stored: Stored): boolean {
    const { length } = this.#capturedAt;
    if (this.length > 0 && stored.capturedAt <= this.#capturedAt[length - 1]!) return false;
    this.#capturedAt.push(stored.capturedAt);
    this.#duration.push(stored.duration);
    this.#pictures.push(stored.pictures);
    this.#bytes.push(stored.bytes);
    this.#init.push(stored.init);
    this.#flags.push((stored.discontinuity ? DISCONTINUITY : 0) | (stored.independent ? INDEPENDENT : 0));
    this.#longest = Math.max(this.#longest, stored.duration);
    return true;
  }

  /** Forgets the first. */
  shift(): void {
    this.#head++;
    if (this.#head < SLACK || this.#head * 2 < this.#capturedAt.length) return;
    this.#capturedAt = this.#capturedAt.slice(this.#head);
    this.#duration = this.#duration.slice(this.#head);
    this.#pictures = this.#pictures.slice(this.#head);
    this.#bytes = this.#bytes.slice(this.#head);
    this.#init = this.#init.slice(this.#head);
    this.#flags = this.#flags.slice(this.#head);
    this.#head = 0;
  }

  has(capturedAt: WallMicros): Stored | undefined {
    const place = this.#placeFrom(capturedAt);
    return this.#capturedAt[place] === capturedAt ? this.#at(place) : undefined;
  }

  /** Those that overlap the span `from` ≤ t < `to`, in order. */
  *overlapping(from: WallMicros, to: WallMicros): Generator<Stored> {
    for (let place = this.#placeFrom(from - this.#longest); place < this.#capturedAt.length; place++) {
      if (this.#capturedAt[place]! >= to) return;
      const stored = this.#at(place);
      if (endOf(stored) > from) yield stored;
    }
  }

  /** What has to be decoded before a segment that does not begin with a key unit, in order; without that segment. */
  before({ capturedAt, independent, discontinuity }: Stored): Stored[] {
    const needed: Stored[] = [];
    if (independent || discontinuity) return needed;
    for (let place = this.#placeFrom(capturedAt) - 1; place >= this.#head; place--) {
      const stored = this.#at(place);
      needed.unshift(stored);
      if (stored.independent || stored.discontinuity) break;
    }
    return needed;
  }

  #at(place: number): Stored {
    const flags = this.#flags[place]!;
    return {
      capturedAt: wallMicros(this.#capturedAt[place]!),
      duration: micros(this.#duration[place]!),
      run: this.number,
      pictures: this.#pictures[place]!,
      bytes: this.#bytes[place]!,
      init: this.#init[place]!,
      discontinuity: (flags & DISCONTINUITY) !== 0,
      independent: (flags & INDEPENDENT) !== 0,
    };
  }

  /** The first place whose segment begins at this instant or later. */
  #placeFrom(instant: number): number {
    let low = this.#head;
    let high = this.#capturedAt.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#capturedAt[middle]! < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
