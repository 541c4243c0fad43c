/** One tile's messages between the socket and its decoder: bounded, and read as an async iterable. */
import type { MediaMessage } from '#wire/message.ts';

/** Past either limit everything waiting is given up to the next key unit. A replayed GOP must fit. */
export interface QueueLimits {
  readonly messages: number;
  readonly bytes: number;
}

export const QUEUE_LIMITS: QueueLimits = { messages: 2000, bytes: 64 * 2 ** 20 };

/** Reading ends when `end` is called; what still waits then is dropped. One reader. */
export class MessageQueue implements AsyncIterable<MediaMessage> {
  #waiting: MediaMessage[] = [];
  #bytes = 0;
  #ended = false;
  #wake: (() => void) | undefined;
  readonly #limits: QueueLimits;

  constructor(limits: QueueLimits = QUEUE_LIMITS) {
    this.#limits = limits;
  }

  put(message: MediaMessage): void {
    const bytes = sizeOf(message);
    if (this.#waiting.length >= this.#limits.messages || this.#bytes + bytes > this.#limits.bytes)
      this.#giveUp(message);
    this.#waiting.push(message);
    this.#bytes += bytes;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#waiting = [];
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<MediaMessage, void> {
    while (!this.#ended) {
      const message = this.#waiting.shift();
      if (message) {
        this.#bytes -= sizeOf(message);
        yield message;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  /** Leaves a gap in place of what waited; the reader skips from there to the next key unit. */
  #giveUp(next: MediaMessage): void {
    const dropped = this.#waiting.reduce(
      (sum, message) => sum + (message.kind === 'unit' ? 1 : message.kind === 'gap' ? message.dropped : 0),
      0,
    );
    const { stream, epoch, group, index, sentAt } = next;
    this.#waiting = [{ kind: 'gap', stream, epoch, group, index, sentAt, dropped }];
    this.#bytes = 0;
  }
}

const sizeOf = (message: MediaMessage): number => (message.kind === 'unit' ? message.data.byteLength : 0);
