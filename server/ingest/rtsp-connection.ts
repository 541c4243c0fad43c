/** One RTSP connection: requests out, answers matched to them, interleaved packets handed on. */
import type { Socket } from 'node:net';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { Micros } from '#wire/time.ts';
import type { ReadMemory } from './rtsp-memory.ts';
import {
  formatRequest,
  formatResponse,
  header,
  type Interleaved,
  type RtspRequest,
  type RtspResponse,
  type RtspValue,
} from './rtsp-message.ts';
import { RtspParser } from './rtsp-parser.ts';

/** Takes the interleaved packets of a connection. */
export interface FrameReceiver {
  /**
   * All packets one read completed, most of them views into `memory`; `enough` stops reading until `resume`. May
   * throw to end the connection.
   */
  receive(frames: readonly Interleaved[], memory: ArrayBufferLike): 'more' | 'enough';
  /** The connection is lost, with its reason. Called once. */
  fail(error: unknown): void;
}

type Headers = readonly (readonly [string, string])[];

interface Pending {
  resolve(response: RtspResponse): void;
  reject(error: unknown): void;
  readonly timer: NodeJS.Timeout;
}

const USER_AGENT = 'Nightglass';
/** A camera that asks and does not read our answers may leave so many bytes of them behind. */
const UNSENT_LIMIT = 65_536;
/** What a camera may ask its client (RFC 2326 §10); it may be a way to see whether the client lives. */
const ANSWERED: ReadonlySet<string> = new Set(['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER']);

/** Owns its socket. Ends by `close`, or by itself when the camera closes, breaks the protocol or vanishes. */
export class RtspConnection {
  readonly #socket: Socket;
  readonly #place: string;
  readonly #receiver: FrameReceiver;
  readonly #answerTimeout: Micros;
  readonly #parser: RtspParser;
  readonly #pending = new Map<number, Pending>();
  #lastSequence = 0;
  #ended: { readonly reason: unknown } | undefined;

  /**
   * @param memory what the socket reads into
   * @param place how messages name the camera
   * @param answerTimeout how long a request waits for its answer
   */
  constructor(
    socket: Socket,
    memory: ReadMemory,
    place: string,
    receiver: FrameReceiver,
    answerTimeout: Micros,
  ) {
    this.#socket = socket;
    this.#place = place;
    this.#receiver = receiver;
    this.#answerTimeout = answerTimeout;
    this.#parser = new RtspParser(place);
    memory.onRead = (bytes) => this.#take(bytes);
    socket.on('error', (error: NodeJS.ErrnoException) => this.fail(lost(place, error.code)));
    socket.on('close', () => this.fail(lost(place)));
    socket.on('end', () => this.fail(lost(place)));
  }

  /** True until the connection has ended, for whatever reason. */
  get open(): boolean {
    return this.#ended === undefined;
  }

  /** True while the bytes that came last made no sense. */
  get outOfStep(): boolean {
    return this.#parser.outOfStep;
  }

  /** Says on which channels packets will come. */
  expectChannels(channels: readonly number[]): void {
    this.#parser.expectChannels(channels);
  }

  /**
   * Sends a request and waits for its answer, whatever its status.
   * @throws NightglassError `ingest/silent` when none comes in time, or why the connection ended
   */
  request(method: string, url: string, headers: Headers): Promise<RtspResponse> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended.reason);
        return;
      }
      this.#lastSequence += 1;
      const sequence = this.#lastSequence;
      const timer = setTimeout(() => {
        this.#pending.delete(sequence);
        reject(this.#noAnswer(method));
      }, this.#answerTimeout / 1000);
      this.#pending.set(sequence, { resolve, reject, timer });
      const common: Headers = [
        ['CSeq', String(sequence)],
        ['User-Agent', USER_AGENT],
      ];
      this.#socket.write(formatRequest(method, url, [...common, ...headers]));
    });
  }

  /** Goes on reading after `enough`. */
  resume(): void {
    this.#socket.resume();
  }

  /** Ends the connection now; requests still waiting, and the receiver, get `reason`. */
  fail(reason: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    this.#socket.destroy();
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(reason);
    }
    this.#pending.clear();
    this.#receiver.fail(reason);
  }

  /** Ends the connection now, from this side. */
  close(): void {
    this.fail(new NightglassError('ingest/closed', `${this.#place}: the connection was closed here`));
  }

  #take(chunk: Buffer): void {
    const frames: Interleaved[] = [];
    let failure: unknown;
    try {
      for (const value of this.#parser.push(chunk)) {
        if (value.kind === 'interleaved') frames.push(value);
        else this.#handle(value);
      }
    } catch (error) {
      failure = error;
    }
    try {
      // What came before the garbage still counts.
      if (frames.length > 0 && this.#receiver.receive(frames, chunk.buffer) === 'enough')
        this.#socket.pause();
    } catch (error) {
      failure ??= error;
    }
    if (failure !== undefined) this.fail(failure);
  }

  #handle(message: Exclude<RtspValue, Interleaved>): void {
    if (message.kind === 'response') this.#settle(message);
    else this.#answer(message);
  }

  #settle(response: RtspResponse): void {
    // Some cameras leave CSeq out; then the answer is to the oldest request.
    const sequence = Number(header(response, 'cseq') ?? this.#pending.keys().next().value);
    const pending = this.#pending.get(sequence);
    if (pending === undefined) return;
    this.#pending.delete(sequence);
    clearTimeout(pending.timer);
    pending.resolve(response);
  }

  #answer(request: RtspRequest): void {
    const sequence: Headers = (request.headers.get('cseq') ?? []).map((value) => ['CSeq', value] as const);
    const [status, reason] = ANSWERED.has(request.method) ? [200, 'OK'] : [501, 'Not Implemented'];
    this.#socket.write(formatResponse(status as number, reason as string, sequence));
    if (this.#socket.writableLength > UNSENT_LIMIT)
      throw new NightglassError('ingest/garbage', `${this.#place}: it asks without reading our answers`);
  }

  #noAnswer(method: string): NightglassError {
    const within = `${this.#answerTimeout / 1_000_000} s`;
    return new NightglassError(
      'ingest/silent',
      `${this.#place}: an answer to ${method} was expected within ${within}, none came`,
    );
  }
}

function lost(place: string, code?: string): NightglassError {
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return new NightglassError('ingest/unreachable', `${place}: the connection broke (${code})`);
  return new NightglassError('ingest/closed', `${place}: the camera closed the connection`);
}
