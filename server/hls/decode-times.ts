/** Decode times for pictures that carry only the time they are shown at (ISO/IEC 14496-12 §8.6.1). */
import { type Micros, micros } from '#wire/time.ts';

/** As many pictures as any decoder holds back (H.264 and H.265 both: a buffer of 16). */
const MOST_REORDERED = 16;

export interface Timed {
  /** Presentation time. */
  readonly timestamp: Micros;
}

export type Decoded<Unit> = Unit & { readonly decodeTime: Micros };

/**
 * Takes pictures in decoding order and gives the n-th of them the n-th smallest presentation time: decode times rise,
 * begin with the first picture shown, and differ by how long each picture is shown. That time is known once as many
 * pictures have come as may be reordered, so as many are held back; a stream in order holds none.
 */
export class DecodeTimes<Unit extends Timed> {
  #reordered: number;
  #units: Unit[] = [];
  /** Of the units held, in rising order. */
  #times: Micros[] = [];
  #last: Micros | undefined;

  /** @param reordered how many pictures may come before one that is shown before them, as far as is known */
  constructor(reordered: number) {
    this.#reordered = Math.min(reordered, MOST_REORDERED);
  }

  /** A picture that should have been waited for shows that more are reordered than was known. */
  push(unit: Unit): Decoded<Unit>[] {
    if (this.#last !== undefined && unit.timestamp <= this.#last)
      this.#reordered = Math.min(this.#reordered + 1, MOST_REORDERED);
    const later = this.#times.findIndex((time) => time > unit.timestamp);
    this.#times.splice(later === -1 ? this.#times.length : later, 0, unit.timestamp);
    this.#units.push(unit);
    return this.#give(this.#reordered);
  }

  /** What is held back, when nothing follows. */
  flush(): Decoded<Unit>[] {
    return this.#give(0);
  }

  #give(held: number): Decoded<Unit>[] {
    const ready: Decoded<Unit>[] = [];
    while (this.#units.length > held) {
      const time = this.#times.shift()!;
      // Two pictures of the same time, or one that came after its turn.
      const decodeTime = micros(this.#last === undefined ? time : Math.max(time, this.#last + 1));
      this.#last = decodeTime;
      ready.push({ ...this.#units.shift()!, decodeTime });
    }
    return ready;
  }
}
