/** What a picture that comes out of a child was captured as: found again by the time it was given in with. */
import type { AccessUnit } from '#wire/access-unit.ts';
import { micros, wallMicros } from '#wire/time.ts';

/** The child's clock at the first unit: pictures that are shown before it must not come before zero. µs. */
const LEAD = 10_000_000;
/** Units whose pictures are still to come, at most: more than any decoder holds. */
const MOST_AWAITED = 4096;

export type Times = Pick<AccessUnit, 'timestamp' | 'capturedAt' | 'captureClock'>;

export class ChildClock {
  readonly #shift: number;
  readonly #awaited = new Map<number, Times>();
  #last: Times | undefined;

  /** @param first the timestamp of the unit that is given in first */
  constructor(first: number) {
    this.#shift = LEAD - first;
  }

  /** A camera's timestamp by the child's clock, µs. */
  of(timestamp: number): number {
    return Math.max(0, Math.round(timestamp + this.#shift));
  }

  /** Notes a unit that is given in. @returns its time by the child's clock, µs */
  enter({ timestamp, capturedAt, captureClock }: AccessUnit): number {
    const time = this.of(timestamp);
    this.#awaited.set(time, { timestamp, capturedAt, captureClock });
    if (this.#awaited.size > MOST_AWAITED) this.#awaited.delete(this.#awaited.keys().next().value!);
    return time;
  }

  /** The times of a picture that came out; one that was not given in lies as far from the one before as it says. */
  take(time: number): Times {
    const known = this.#awaited.get(time);
    this.#awaited.delete(time);
    const timestamp = micros(time - this.#shift);
    const before = this.#last ?? [...this.#awaited.values()].at(-1);
    const times = known ?? {
      timestamp,
      capturedAt: wallMicros((before?.capturedAt ?? 0) + timestamp - (before?.timestamp ?? timestamp)),
      captureClock: before?.captureClock ?? 'arrival',
    };
    this.#last = times;
    return times;
  }
}
