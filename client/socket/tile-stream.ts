/** One tile's stream on the shared socket: what it wants, what came for it, what it has shown. */
import type { Codec } from '#wire/access-unit.ts';
import type { CameraState } from '#wire/camera-state.ts';
import type { Rendition, ViewerMessage, Want } from '#wire/control.ts';
import type { MediaMessage } from '#wire/message.ts';
import type { ErrorCode } from '#wire/nightglass-error.ts';
import type { Micros } from '#wire/time.ts';
import { MessageQueue } from './message-queue.ts';

/** What the server says about the camera rather than of its pictures. */
export interface StreamNews {
  readonly camera: (state: CameraState) => void;
  readonly refused: (code: ErrorCode, message: string) => void;
}

/** What is wanted of a camera. */
export interface Wish {
  readonly want: Want;
  readonly rendition: Rendition;
}

/** What the link does for a stream. */
export interface Wire {
  readonly send: (message: ViewerMessage) => void;
  readonly closed: () => void;
  /** What this browser decodes. */
  readonly decodes: () => readonly Codec[];
}

/** Opened by `Link.open`; disposing it tells the server and ends `messages`. */
export class TileStream implements Disposable {
  /** Everything the server sends for this tile, in order. One reader. */
  readonly messages: AsyncIterable<MediaMessage>;
  readonly news: StreamNews;
  readonly #queue = new MessageQueue();
  readonly #id: number;
  readonly #camera: string;
  readonly #wire: Wire;
  #want: Want;
  #rendition: Rendition;
  #withoutH265 = false;
  #disposed = false;
  #shown: Micros | undefined;

  constructor(id: number, camera: string, { want, rendition }: Wish, news: StreamNews, wire: Wire) {
    this.#id = id;
    this.#camera = camera;
    this.#want = want;
    this.#rendition = rendition;
    this.news = news;
    this.#wire = wire;
    this.messages = this.#queue;
  }

  /** Asks for more or less of the stream. Asking for what is wanted already says nothing. */
  want(want: Want): void {
    if (want === this.#want) return;
    this.#want = want;
    this.#wire.send({ type: 'want', stream: this.#id, want });
  }

  /** Asks for another rendition, which the server goes over to. */
  rendition(rendition: Rendition): void {
    if (rendition === this.#rendition) return;
    this.#rendition = rendition;
    this.#wire.send({ type: 'rendition', stream: this.#id, rendition });
  }

  /**
   * Joins again as a viewer that decodes no H.265: this camera's is more than the browser can do.
   * @returns false where that was asked before, and H.265 came all the same
   */
  avoidH265(): boolean {
    if (this.#withoutH265 || !this.#wire.decodes().includes('h265')) return false;
    this.#withoutH265 = true;
    this.rejoin();
    return true;
  }

  /** Notes the timestamp of the picture on the canvas; it is told to the server every quarter second. */
  acknowledge(shown: Micros): void {
    this.#shown = shown;
  }

  /** Leaves and joins again, and so gets a key unit at once; for a decoder that was lost, or a stream that ended. */
  rejoin(): void {
    if (this.#disposed) return;
    this.#wire.send({ type: 'close', stream: this.#id });
    this.announce();
  }

  /** For the link: asks for the stream on a socket that does not know it yet. */
  announce(): void {
    this.#shown = undefined;
    this.#wire.send({
      type: 'open',
      stream: this.#id,
      camera: this.#camera,
      want: this.#want,
      rendition: this.#rendition,
      decodes: this.#withoutH265 ? ['h264'] : this.#wire.decodes(),
    });
  }

  /** For the link: says what was shown since the last time. */
  tellShown(): void {
    if (this.#shown === undefined) return;
    this.#wire.send({ type: 'ack', stream: this.#id, timestamp: this.#shown });
    this.#shown = undefined;
  }

  /** For the link: hands over what came for this tile. */
  receive(message: MediaMessage): void {
    this.#queue.put(message);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#wire.send({ type: 'close', stream: this.#id });
    this.#queue.end();
    this.#wire.closed();
  }
}
