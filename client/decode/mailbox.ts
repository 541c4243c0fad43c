/** A place for one thing: putting a newer one in replaces the older. */

export class Mailbox<T> {
  #item: T | undefined;
  #ended = false;
  #wake: (() => void) | undefined;
  readonly #replaced: (older: T) => void;

  /** `replaced` is given every item that nobody took: it is its owner then. */
  constructor(replaced: (older: T) => void) {
    this.#replaced = replaced;
  }

  /** Gives `item` away to the mailbox. After `end` it is handed to `replaced` at once. */
  put(item: T): void {
    const older = this.#ended ? item : this.#item;
    if (!this.#ended) this.#item = item;
    if (older !== undefined) this.#replaced(older);
    this.#wake?.();
  }

  get empty(): boolean {
    return this.#item === undefined;
  }

  /** Resolves true as soon as an item waits, false when the mailbox has ended. One waiter. */
  async filled(): Promise<boolean> {
    while (this.#item === undefined && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return !this.#ended;
  }

  /** The newest item, which is the caller's from now on; undefined when there is none. */
  take(): T | undefined {
    const item = this.#item;
    this.#item = undefined;
    return item;
  }

  /** Ends the waiting; an item still inside is handed to `replaced`. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const item = this.take();
    if (item !== undefined) this.#replaced(item);
    this.#wake?.();
  }
}
