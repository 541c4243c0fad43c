/** Waiting for a change of something, with a limit on how long and on how many wait. */

/** More clients than any one stream has are a flood. */
const MOST_WAITING = 256;

export class Turnstile {
  readonly #looks = new Set<() => void>();

  /** Nobody else may wait: `until` answers at once. */
  get full(): boolean {
    return this.#looks.size >= MOST_WAITING;
  }

  /** Something has changed: whoever waits looks again. */
  turn(): void {
    for (const look of this.#looks) look();
  }

  /**
   * Resolves with what `find` finds, now or after a change.
   * @returns nothing when `milliseconds` have passed, the signal has aborted, or too many wait already
   * @throws what `find` throws
   */
  async until<T>(
    find: () => T | undefined,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const found = find();
    if (found !== undefined || signal.aborted || this.full) return found;
    return await new Promise<T | undefined>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        this.#looks.delete(look);
      };
      const giveUp = (): void => {
        leave();
        resolve(undefined);
      };
      const look = (): void => {
        try {
          const now = find();
          if (now === undefined) return;
          leave();
          resolve(now);
        } catch (error) {
          leave();
          reject(error);
        }
      };
      const timer = setTimeout(giveUp, milliseconds);
      signal.addEventListener('abort', giveUp);
      this.#looks.add(look);
    });
  }
}
