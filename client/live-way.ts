/** Which way the live picture takes: the WebSocket, or HLS where the browser or the network cannot carry the other. */
import type { LiveVia, Via } from './playback-state.ts';

/** Chooses for all the tiles of a server, and goes back when the socket works again. */
export class LiveWay {
  readonly #server: URL;
  readonly #changed: (via: LiveVia) => void;
  #asked: Via = 'auto';
  #works = true;

  constructor(server: URL, changed: (via: LiveVia) => void) {
    this.#server = server;
    this.#changed = changed;
  }

  /** How a tile that asks for `via` begins. */
  choose(via: Via): LiveVia {
    this.#asked = via;
    if (via !== 'auto') return via;
    // WebCodecs' decoder is there on secure pages only; frames of a `<video>` are there on all.
    return this.#works && 'VideoDecoder' in globalThis ? 'ws' : 'hls';
  }

  /** The socket failed again and again, or is open. A server that is away altogether is no reason for HLS. */
  async socket(works: boolean): Promise<void> {
    if (!works && !(await this.#answers())) return;
    this.#works = works;
    if (this.#asked === 'auto') this.#changed(this.choose('auto'));
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(new URL('health', this.#server), { cache: 'no-store' })).ok;
    } catch {
      return false;
    }
  }
}
