/** The one WebSocket of a page: reconnects for ever, keeps the clocks compared, hands each message to its tile. */
import type { Codec } from '#wire/access-unit.ts';
import { ALL_CODECS, readServerMessage, type ViewerMessage } from '#wire/control.ts';
import { decodeMessage, SUBPROTOCOL } from '#wire/message.ts';
import { type ErrorCode, NightglassError } from '#wire/nightglass-error.ts';
import { type Micros, micros } from '#wire/time.ts';
import { backoffMs } from './backoff.ts';
import { type ClockSample, clockOffset, SAMPLES_KEPT, withSample } from './clock-offset.ts';
import { pause } from './pause.ts';
import { type StreamNews, TileStream, type Wish } from './tile-stream.ts';
import { preciseNow } from './wall-clock.ts';

/** What the page knows of its way to the server. */
export type LinkState =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  /** The sign-in is not valid (any more); tried again slowly, for a cookie may come back. */
  | { readonly state: 'signed-out' }
  /** The server says what this page does not understand. */
  | { readonly state: 'broken'; readonly code: ErrorCode; readonly message: string };

/** Close code of a server that does not know this viewer (any more). */
const SIGNED_OUT = 4401;
const SLOW_RETRY_MS = 15_000;
const TELL_SHOWN_MS = 250;
const CLOCK_MS = 10_000;
/** After this long without a word the server is asked for its clock, which any server answers at once. */
const QUIET_MS = 2_000;
/** An answer later than this means that the way to the server is cut, whatever TCP still hopes. */
const ANSWER_WITHIN_MS = 4_000;

export class Link {
  readonly #address: string;
  readonly #changed: (state: LinkState) => void;
  readonly #codecsHere: Promise<readonly Codec[]>;
  #codecs: readonly Codec[] = ALL_CODECS;
  readonly #streams = new Map<number, TileStream>();
  #socket: WebSocket | undefined;
  #lose: ((end: End) => void) | undefined;
  #samples: readonly ClockSample[] = [];
  #unanswered: number | undefined;
  #heardAt = 0;
  /** Asked on this socket. */
  #questions = 0;
  #nextStream = 1;
  #opened = 0;

  /**
   * Connects at once and until `signal` aborts. `changed` hears every change of state.
   * @param codecs what this browser decodes; nothing is asked of the server before that is known
   */
  constructor(
    address: string,
    signal: AbortSignal,
    changed: (state: LinkState) => void,
    codecs: Promise<readonly Codec[]> = Promise.resolve(ALL_CODECS),
  ) {
    this.#address = address;
    this.#changed = changed;
    this.#codecsHere = codecs;
    void this.#keepConnected(signal);
  }

  /** Asks for a camera's stream, now and again on every new socket, until the stream is disposed. */
  open(camera: string, wish: Wish, news: StreamNews): TileStream {
    const id = this.#nextStream++;
    const stream = new TileStream(id, camera, wish, news, {
      send: (message) => this.#send(message),
      closed: () => this.#streams.delete(id),
      decodes: () => this.#codecs,
    });
    this.#streams.set(id, stream);
    stream.announce();
    return stream;
  }

  /** Server clock minus ours; 0 until the server answered once. */
  get clockOffset(): Micros {
    return clockOffset(this.#samples) ?? micros(0);
  }

  /** Times the socket was opened again after a loss. */
  get reconnects(): number {
    return Math.max(0, this.#opened - 1);
  }

  /** Drops the socket as a broken network would. */
  drop(): void {
    this.#lose?.({ why: 'lost' });
  }

  async #keepConnected(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!signal.aborted) {
      this.#changed({ state: 'connecting' });
      const before = this.#opened;
      const end = await this.#connect(signal);
      if (signal.aborted) return;
      if (end.why === 'signed-out') this.#changed({ state: 'signed-out' });
      if (end.why === 'broken')
        this.#changed({ state: 'broken', code: end.error.code, message: end.error.message });
      if (this.#opened > before) attempt = 0;
      await pause(end.why === 'lost' ? backoffMs(attempt++, Math.random()) : SLOW_RETRY_MS, signal);
    }
  }

  /** One socket, from dialling to its end. */
  async #connect(signal: AbortSignal): Promise<End> {
    const socket = new WebSocket(this.#address, SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    const stop = () => this.drop();
    signal.addEventListener('abort', stop);
    const ended = new Promise<End>((resolve) => {
      this.#lose = resolve;
      socket.onopen = () => this.#welcome(socket);
      socket.onmessage = ({ data }) => this.#receive(data);
      socket.onclose = ({ code }) => resolve({ why: code === SIGNED_OUT ? 'signed-out' : 'lost' });
    });
    const tell = setInterval(() => this.#tellShown(), TELL_SHOWN_MS);
    const ask = setInterval(() => this.#askClock(), CLOCK_MS);
    try {
      return await ended;
    } finally {
      clearInterval(tell);
      clearInterval(ask);
      signal.removeEventListener('abort', stop);
      this.#socket = undefined;
      this.#lose = undefined;
      this.#unanswered = undefined;
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  async #welcome(socket: WebSocket): Promise<void> {
    this.#opened++;
    this.#heardAt = performance.now();
    this.#changed({ state: 'open' });
    this.#codecs = await this.#codecsHere;
    if (socket.readyState !== WebSocket.OPEN) return;
    this.#socket = socket;
    for (const stream of this.#streams.values()) stream.announce();
    this.#questions = 0;
    this.#askClock();
  }

  #receive(data: unknown): void {
    this.#unanswered = undefined;
    this.#heardAt = performance.now();
    try {
      if (data instanceof ArrayBuffer) this.#receiveMedia(new Uint8Array(data));
      else if (typeof data === 'string') this.#receiveControl(data);
    } catch (error) {
      if (!(error instanceof NightglassError)) throw error;
      this.#lose?.({ why: 'broken', error });
    }
  }

  #receiveMedia(bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    this.#streams.get(message.stream)?.receive(message);
  }

  #receiveControl(text: string): void {
    const message = readServerMessage(text);
    if (message.type === 'camera') this.#streams.get(message.stream)?.news.camera(message.state);
    if (message.type === 'refused')
      this.#streams.get(message.stream)?.news.refused(message.code, message.message);
    if (message.type === 'clock')
      this.#samples = withSample(this.#samples, { ...message, receivedAt: preciseNow() });
  }

  #tellShown(): void {
    for (const stream of this.#streams.values()) stream.tellShown();
    const now = performance.now();
    const quiet = this.#unanswered === undefined && now - this.#heardAt > QUIET_MS;
    // A new socket is asked often at first: one question alone may have met a busy moment.
    if (quiet || this.#questions < SAMPLES_KEPT) this.#askClock();
    if (this.#unanswered !== undefined && now - this.#unanswered > ANSWER_WITHIN_MS) this.drop();
  }

  #askClock(): void {
    this.#questions++;
    this.#unanswered ??= performance.now();
    this.#send({ type: 'clock', sentAt: preciseNow() });
  }

  #send(message: ViewerMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

type End =
  | { readonly why: 'lost' | 'signed-out' }
  | { readonly why: 'broken'; readonly error: NightglassError };
