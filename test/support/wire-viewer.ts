/** A viewer without a browser: speaks the wire, and keeps what it hears. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { CameraState } from '#wire/camera-state.ts';
import { readServerMessage, type ServerMessage, type ViewerMessage, type Want } from '#wire/control.ts';
import { decodeMessage, type MediaMessage, SUBPROTOCOL } from '#wire/message.ts';

type Open = Extract<ViewerMessage, { type: 'open' }>;

export class WireViewer implements Disposable {
  readonly socket: WebSocket;
  readonly media: MediaMessage[] = [];
  readonly control: ServerMessage[] = [];
  readonly #closed: Promise<number>;
  #changed = Promise.resolve();
  #tell: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = 'nodebuffer';
    this.#arm();
    this.#closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('message', (data: Buffer, binary: boolean) => {
      if (binary) this.media.push(decodeMessage(data));
      else this.control.push(readServerMessage(String(data)));
      this.#tell();
      this.#arm();
    });
  }

  /** Connects to a server's origin with these request headers. @throws when the server refuses */
  static async connect(origin: string, headers: Record<string, string>): Promise<WireViewer> {
    const address = `${origin.replace(/^http/, 'ws')}/api/socket`;
    const viewer = new WireViewer(
      new WebSocket(address, SUBPROTOCOL, { headers, rejectUnauthorized: false }),
    );
    await once(viewer.socket, 'open');
    return viewer;
  }

  /** The code the server closes with. */
  get closed(): Promise<number> {
    return this.#closed;
  }

  say(message: ViewerMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  open(
    camera: string,
    stream = 1,
    want: Want = 'live',
    more: Pick<Open, 'rendition' | 'decodes'> = {},
  ): void {
    this.say({ type: 'open', stream, camera, want, ...more });
  }

  /** The first media message that satisfies a condition, heard already or later. */
  heard(condition: (message: MediaMessage) => boolean): Promise<MediaMessage> {
    return this.#first(this.media, condition);
  }

  /** The first control message that satisfies a condition, heard already or later. */
  told(condition: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    return this.#first(this.control, condition);
  }

  /** The first state of a camera that satisfies a condition. */
  async state(condition: (state: CameraState) => boolean, stream = 1): Promise<CameraState> {
    const message = await this.told(
      (told) => told.type === 'camera' && told.stream === stream && condition(told.state),
    );
    return (message as Extract<ServerMessage, { type: 'camera' }>).state;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }

  async #first<M>(heard: readonly M[], condition: (message: M) => boolean): Promise<M> {
    for (let at = 0; ; at++) {
      while (at >= heard.length) await this.#changed;
      const message = heard[at]!;
      if (condition(message)) return message;
    }
  }

  #arm(): void {
    this.#changed = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }
}
