/** How many control messages a viewer may send. */

/**
 * A page of 64 tiles acknowledges each four times a second, which is 256; it opens all its tiles at once.
 */
const PER_SECOND = 400;
const AT_ONCE = 800;

/** A token bucket: `AT_ONCE` messages at once, `PER_SECOND` in the long run. */
export class MessageRate {
  #tokens = AT_ONCE;
  #at: number;

  /** `now` in milliseconds of any steady clock, as in `exceeded`. */
  constructor(now: number) {
    this.#at = now;
  }

  /** Counts one message; true when it is one too many. */
  exceeded(now: number): boolean {
    this.#tokens = Math.min(AT_ONCE, this.#tokens + ((now - this.#at) / 1000) * PER_SECOND);
    this.#at = now;
    if (this.#tokens < 1) return true;
    this.#tokens -= 1;
    return false;
  }
}
