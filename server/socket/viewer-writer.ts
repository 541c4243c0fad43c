/** Writes one viewer's messages to its socket, and says when the socket has enough. */
import type { WebSocket } from 'ws';
import type { ServerMessage } from '#wire/control.ts';
import { wallNow } from '#wire/time.ts';
import { EncodedMessages, type MediaItem } from './encoded-messages.ts';

/**
 * Bytes that wait in this process beyond which a socket is given nothing more. The kernel's own buffer is full before
 * the first byte waits here, so more would add delay and no speed.
 */
const ENOUGH = 64 * 1024;

/** One for all viewers; it remembers nothing but the item sent last. */
const encoded = new EncodedMessages();

export class ViewerWriter implements Disposable {
  readonly #socket: WebSocket;
  #disposed = false;
  #waiting: (() => void)[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /**
   * Sends an item of the tile `stream`. To be called when not `full`; one item more than enough does no harm.
   * @param epochBase added to the item's epoch
   */
  send(item: MediaItem, stream: number, epochBase = 0): void {
    this.#socket.send(encoded.encode(item, stream, wallNow(), epochBase), this.#written);
  }

  /** Sends a control message. */
  say(message: ServerMessage): void {
    this.#socket.send(JSON.stringify(message), this.#written);
  }

  get full(): boolean {
    return this.#socket.bufferedAmount > ENOUGH;
  }

  /** Resolves once the socket is not full any more, or the writer is disposed. */
  drained(): Promise<void> {
    if (this.#disposed || !this.full) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets go of everybody who waits. The socket is not this writer's to close. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#release();
  }

  /** Errors need no hearing here: the socket closes on them. */
  readonly #written = (): void => {
    if (this.#waiting.length > 0 && !this.full) this.#release();
  };

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
