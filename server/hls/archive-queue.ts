/** The work on one archive's disk, one piece after another, with a limit on what waits. */

/** Bytes that may wait for the disk: half a minute of a camera of 4 Mbit/s. */
const MOST_BYTES = 16 * 1024 * 1024;

export class ArchiveQueue {
  #last: Promise<void> = Promise.resolve();
  #bytes = 0;

  /** What waits and what is being written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether so many bytes more may wait. One piece alone always may. */
  admits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= MOST_BYTES;
  }

  /** Does the work after all that was given before; resolves when it is done. @param work must not reject */
  push(bytes: number, work: () => Promise<void>): Promise<void> {
    this.#bytes += bytes;
    this.#last = this.#last.then(work).finally(() => {
      this.#bytes -= bytes;
    });
    return this.#last;
  }
}
