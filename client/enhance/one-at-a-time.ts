/** Runs asynchronous tasks one after the other. */

/**
 * onnxruntime-web's WebGPU engine is one WASM instance a page, suspended while it waits (Asyncify): a second call into
 * it meanwhile, of whichever session, destroys the first one's stack. So all calls go through one queue.
 */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves and rejects as `task` does, which starts when all tasks before it have settled. */
  run<Outcome>(task: () => Promise<Outcome>): Promise<Outcome> {
    const outcome = this.#last.then(task);
    this.#last = outcome.catch(() => undefined);
    return outcome;
  }
}
