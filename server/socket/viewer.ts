/** One viewer: its WebSocket, and all the tiles it watches over it. */
import type { RawData, ServerOptions, WebSocket } from 'ws';
import {
  ALL_CODECS,
  CONTROL_LIMIT,
  type Rendition,
  readViewerMessage,
  type ViewerMessage,
} from '#wire/control.ts';
import { SUBPROTOCOL } from '#wire/message.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { wallNow } from '#wire/time.ts';
import { watchLiveness } from './liveness.ts';
import { MessageRate } from './message-rate.ts';
import type { Rendering } from './rendering.ts';
import { Tile } from './tile.ts';
import { ViewerWriter } from './viewer-writer.ts';

/** How the WebSocket server that `serveViewer` is given sockets of is to be made. */
export const viewerSocketOptions = {
  perMessageDeflate: false,
  // A character takes at most four bytes in UTF-8.
  maxPayload: CONTROL_LIMIT * 4,
  handleProtocols: (offered: Set<string>) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
} as const satisfies ServerOptions;

/** What a viewer may see. */
export interface ViewerAccess {
  /**
   * A camera without a `sub` gives its `main`, the very same.
   * @throws NightglassError `socket/unknown-camera`, `socket/unauthorised`
   */
  readonly rendering: (camera: string, rendition: Rendition) => Rendering;
}

const MOST_STREAMS = 64;

/** RFC 6455 §7.4.1. */
const CLOSE = {
  protocolError: 1002,
  unsupportedData: 1003,
  invalidPayload: 1007,
  policyViolation: 1008,
  internalError: 1011,
} as const;

/** What closes the socket, told to the viewer in the close frame, which holds at most 123 bytes of reason. */
class Violation extends Error {
  readonly closeCode: number;

  constructor(closeCode: number, message: string) {
    super(message);
    this.closeCode = closeCode;
  }
}

/**
 * Serves a socket until it closes, and then gives everything back. What a viewer says that cannot be understood or is
 * too much closes the socket with a reason; a request that cannot be met is refused, and the socket stays.
 * Rejects where `access` throws something else than it may, which closes the socket too.
 */
export async function serveViewer(socket: WebSocket, access: ViewerAccess): Promise<void> {
  // Every error of the socket is followed by its close, with the code that fits.
  socket.on('error', () => {});
  if (socket.protocol !== SUBPROTOCOL) {
    socket.close(CLOSE.protocolError, `the subprotocol ${SUBPROTOCOL} was expected`);
    return;
  }
  using viewer = new Viewer(socket, access);
  using _alive = watchLiveness(socket);
  await viewer.gone;
}

type Message<Type> = Extract<ViewerMessage, { readonly type: Type }>;

class Viewer implements Disposable {
  /** Settles when the socket has closed. */
  readonly gone: Promise<void>;
  readonly #socket: WebSocket;
  readonly #access: ViewerAccess;
  readonly #writer: ViewerWriter;
  readonly #rate = new MessageRate(performance.now());
  readonly #tiles = new Map<number, { readonly camera: string; readonly tile: Tile }>();
  #failure: { readonly cause: unknown } | undefined;

  constructor(socket: WebSocket, access: ViewerAccess) {
    this.#socket = socket;
    this.#access = access;
    this.#writer = new ViewerWriter(socket);
    this.gone = new Promise((resolve, reject) => {
      const settle = () => (this.#failure ? reject(this.#failure.cause) : resolve());
      if (socket.readyState === socket.CLOSED) settle();
      else socket.once('close', settle);
    });
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
  }

  [Symbol.dispose](): void {
    for (const { tile } of this.#tiles.values()) tile[Symbol.dispose]();
    this.#writer[Symbol.dispose]();
  }

  #hear(data: RawData, isBinary: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    try {
      if (this.#rate.exceeded(performance.now()))
        throw new Violation(CLOSE.policyViolation, 'too many messages came');
      if (isBinary) throw new Violation(CLOSE.unsupportedData, 'text was expected, binary came');
      this.#obey(readViewerMessage(data.toString()));
    } catch (error) {
      if (error instanceof Violation) this.#socket.close(error.closeCode, error.message);
      else if (error instanceof NightglassError) this.#socket.close(CLOSE.invalidPayload, error.message);
      else this.#fail(error);
    }
  }

  #obey(message: ViewerMessage): void {
    switch (message.type) {
      case 'open':
        this.#open(message);
        break;
      // A viewer may talk to a stream whose end it has not heard of yet.
      case 'want':
        this.#tiles.get(message.stream)?.tile.want(message.want);
        break;
      case 'rendition':
        this.#change(message);
        break;
      case 'ack':
        this.#tiles.get(message.stream)?.tile.acknowledge(message.timestamp);
        break;
      case 'close':
        this.#close(message.stream);
        break;
      case 'clock':
        this.#writer.say({ type: 'clock', sentAt: message.sentAt, serverAt: wallNow() });
        break;
    }
  }

  #open({ stream, camera, want, rendition = 'main', decodes = ALL_CODECS }: Message<'open'>): void {
    if (this.#tiles.has(stream))
      throw new Violation(CLOSE.policyViolation, `stream ${stream} is open already`);
    this.#orRefuse(stream, () => {
      if (this.#tiles.size >= MOST_STREAMS)
        throw new NightglassError('socket/too-many-streams', `at most ${MOST_STREAMS} tiles can be open`);
      const rendering = this.#access.rendering(camera, rendition);
      const tile = new Tile(rendering, { stream, want, decodes }, this.#writer);
      this.#tiles.set(stream, { camera, tile });
      void this.#serve(stream, tile);
    });
  }

  #change({ stream, rendition }: Message<'rendition'>): void {
    const open = this.#tiles.get(stream);
    if (open === undefined) return;
    this.#orRefuse(stream, () => open.tile.show(this.#access.rendering(open.camera, rendition)));
  }

  #orRefuse(stream: number, meet: () => void): void {
    try {
      meet();
    } catch (error) {
      if (!(error instanceof NightglassError)) throw error;
      this.#writer.say({ type: 'refused', stream, code: error.code, message: error.message });
    }
  }

  async #serve(stream: number, tile: Tile): Promise<void> {
    try {
      await tile.ended;
    } catch (error) {
      this.#fail(error);
    }
    // The viewer may have closed the stream itself and opened another of the same number.
    if (this.#tiles.get(stream)?.tile === tile) this.#close(stream);
  }

  #close(stream: number): void {
    this.#tiles.get(stream)?.tile[Symbol.dispose]();
    this.#tiles.delete(stream);
  }

  #fail(cause: unknown): void {
    this.#failure ??= { cause };
    this.#socket.close(CLOSE.internalError, 'the server failed');
  }
}
