/** Tells a network that carries no WebSocket from one that is away for a moment. Pure. */
import type { LinkState } from './link.ts';

/** About three seconds of tries that failed one after another. */
const TRIES = 5;

export class SocketHealth {
  #tries = 0;
  #works = true;

  /** Takes every change of the link. Says whether the socket works where that has changed, and again after more tries. */
  hear(state: LinkState['state']): boolean | undefined {
    if (state === 'connecting') {
      this.#tries++;
      if (this.#tries % TRIES !== 0) return undefined;
      this.#works = false;
      return false;
    }
    this.#tries = 0;
    if (this.#works) return undefined;
    this.#works = true;
    return true;
  }
}
