/** One tile's stream on the shared socket: what it wants, what came for it, what it has shown. */
import type { CameraState } from '#wire/camera-state.ts';
import type { ViewerMessage, Want } from '#wire/control.ts';
import type { MediaMessage } from '#wire/message.ts';
import type { ErrorCode } from '#wire/nightglass-error.ts';
import type { Micros } from '#wire/time.ts';
import { MessageQueue } from './message-queue.ts';

/** What the server says about the camera rather than of its pictures. */
export interface StreamNews {
  readonly camera: (state: CameraState) => void;
  readonly refused: (code: ErrorCode, message: string) => void;
}

/** Opened by `Link.open`; disposing it tells the server and ends `messages`. */
export class TileStream implements Disposable {
  /** Everything the server sends for this tile, in order. One reader. */
  readonly messages: AsyncIterable<MediaMessage>;
  readonly news: StreamNews;
  readonly #queue = new MessageQueue();
  readonly #id: number;
  readonly #camera: string;
  readonly #send: (message: ViewerMessage) => void;
  readonly #closed: () => void;
  #want: Want;
  #disposed = false;
  #shown: Micros | undefined;

  constructor(
    id: number,
    camera: string,
    want: Want,
    news: StreamNews,
    wire: { readonly send: (message: ViewerMessage) => void; readonly closed: () => void },
  ) {
    this.#id = id;
    this.#camera = camera;
    this.#want = want;
    this.news = news;
    this.#send = wire.send;
    this.#closed = wire.closed;
    this.messages = this.#queue;
  }

  /** Asks for more or less of the stream. Asking for what is wanted already says nothing. */
  want(want: Want): void {
    if (want === this.#want) return;
    this.#want = want;
    this.#send({ type: 'want', stream: this.#id, want });
  }

  /** Notes the timestamp of the picture on the canvas; it is told to the server every quarter second. */
  acknowledge(shown: Micros): void {
    this.#shown = shown;
  }

  /** Leaves and joins again, and so gets a key unit at once; for a decoder that was lost, or a stream that ended. */
  rejoin(): void {
    if (this.#disposed) return;
    this.#send({ type: 'close', stream: this.#id });
    this.announce();
  }

  /** For the link: asks for the stream on a socket that does not know it yet. */
  announce(): void {
    this.#shown = undefined;
    this.#send({ type: 'open', stream: this.#id, camera: this.#camera, want: this.#want });
  }

  /** For the link: says what was shown since the last time. */
  tellShown(): void {
    if (this.#shown === undefined) return;
    this.#send({ type: 'ack', stream: this.#id, timestamp: this.#shown });
    this.#shown = undefined;
  }

  /** For the link: hands over what came for this tile. */
  receive(message: MediaMessage): void {
    this.#queue.put(message);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#send({ type: 'close', stream: this.#id });
    this.#queue.end();
    this.#closed();
  }
}
