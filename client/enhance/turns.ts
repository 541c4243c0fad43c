/** Lets one tile at a time compute, in the order in which they asked; one that asks again stands at the end. */

export class Turns {
  readonly #waiting: (() => void)[] = [];
  #taken = false;
  #ended = false;

  /** Resolves when it is the caller's turn; disposing what comes passes the turn on. */
  async take(): Promise<Disposable> {
    if (this.#taken && !this.#ended) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken = true;
    let over = false;
    return {
      [Symbol.dispose]: () => {
        if (over) return;
        over = true;
        const next = this.#waiting.shift();
        if (next) next();
        else this.#taken = false;
      },
    };
  }

  /** Wakes everybody: there is nothing left to take turns for, and no one is to wait for a run that never ends. */
  end(): void {
    this.#ended = true;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
