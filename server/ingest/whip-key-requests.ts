/** When a publisher is asked for a key unit (RFC 4585 §6.3.1, picture loss indication). Pure: the time is given. */

/** No two requests come nearer together: a key unit costs the publisher's link many delta units. Milliseconds. */
export const REQUEST_GAP_MS = 1_000;
/**
 * Browsers send a key unit when asked and else never, so one is asked for so often: newcomers replay no more than
 * this, and a slow viewer, who is cut to the next key unit, has one. Milliseconds.
 */
export const KEY_EVERY_MS = 5_000;

/** One viewing of one publisher. Times are milliseconds of one monotonic clock. */
export class KeyRequests {
  #wanted = true;
  #keyAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;

  /** A key unit is of use: packets are lost for good, and the picture is broken until it comes, or newcomers lack one. */
  want(): void {
    this.#wanted = true;
  }

  sawKey(now: number): void {
    this.#wanted = false;
    this.#keyAt = now;
  }

  /** What was asked before did not reach the publisher. */
  askAnew(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  /** Whether to ask now; true counts as asked. */
  due(now: number): boolean {
    const wanted = this.#wanted || now - this.#keyAt >= KEY_EVERY_MS;
    if (!wanted || now - this.#askedAt < REQUEST_GAP_MS) return false;
    this.#askedAt = now;
    return true;
  }
}
