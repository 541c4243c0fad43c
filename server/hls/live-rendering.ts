/** One stream over HLS, live: read while somebody asks for it, and answered from memory. */
import { setTimeout as wait } from 'node:timers/promises';
import { NightglassError } from '#wire/nightglass-error.ts';
import { micros } from '#wire/time.ts';
import type { Stream } from '../fanout/stream.ts';
import { NOTHING_HANDED_ON } from './handed-on.ts';
import { livePlaylist } from './live-playlist.ts';
import { HOLD_MS, type PlaylistRequest, reaches } from './live-request.ts';
import { LiveWindow } from './live-window.ts';
import type { Segment } from './segment.ts';
import { segments } from './segmenter.ts';
import { Turnstile } from './turnstile.ts';

/** Where whole segments are kept for longer; `add` never rejects, and bounds by itself what waits. */
export interface SegmentStore {
  add(segment: Segment): Promise<void>;
}

/** A stream is read for so long after the last request, milliseconds. */
const IDLE_MS = 30_000;
/** So long a first segment is waited for, milliseconds. */
const FIRST_MS = 10_000;
/** A stream that is stored is tried again so long after it could not be carried, milliseconds. */
const RETRY_MS = 30_000;
/** A hiccup of the machine is no reason to lose pictures of what is kept. */
const READER_LIMITS = { bytes: 32 * 1024 * 1024, age: micros(15_000_000), lag: micros(15_000_000) };
const secondsSince2020 = (): number => Math.floor((Date.now() - Date.UTC(2020)) / 1000);

export class LiveRendering implements AsyncDisposable {
  readonly #stream: Stream;
  readonly #store: SegmentStore | undefined;
  readonly #idleMs: number;
  // Numbers go on over a restart of the server, for no segment is shorter than a second on the whole. Discontinuities are
  // rarer, and hls.js keeps arrays as long as their number: with seconds it would stand still.
  readonly #window = new LiveWindow(secondsSince2020(), Math.floor(secondsSince2020() / 3600));
  readonly #changed = new Turnstile();
  #running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  #idle: NodeJS.Timeout | undefined;
  #failure: NightglassError | undefined;
  #disposed = false;

  /** @param store makes it read the stream for ever */
  constructor(stream: Stream, store?: SegmentStore, idleMs = IDLE_MS) {
    this.#stream = stream;
    this.#store = store;
    this.#idleMs = idleMs;
    this.#window.played = false;
    if (store !== undefined) this.#start();
  }

  /** @throws NightglassError `http/bad-request`, `hls/not-ready`, `hls/unsupported-codec` */
  async playlist(
    request: PlaylistRequest,
    folder: string,
    signal: AbortSignal,
    carried = NOTHING_HANDED_ON,
  ): Promise<string> {
    await this.newest(signal);
    const reached = await this.#until(() => reaches(this.#window, request) || undefined, HOLD_MS, signal);
    if (!reached) throw this.#notReady(HOLD_MS);
    return livePlaylist(this.#window.view, folder, request.delta, carried);
  }

  /** The newest whole segment, waited for where there is none yet. @throws as `playlist` */
  async newest(signal: AbortSignal): Promise<Segment> {
    const find = () => this.#window.view.segments.findLast(({ whole }) => whole !== undefined)?.whole;
    const newest = await this.#until(find, FIRST_MS, signal);
    if (newest === undefined) throw this.#notReady(FIRST_MS);
    return newest;
  }

  /** The bytes of an init segment; nothing where none has that id. */
  init(id: string): Uint8Array | undefined {
    this.#asked();
    return this.#window.init(id)?.bytes;
  }

  /** The bytes of the init segment that a segment needs, which may be growing still. */
  initFor(number: number): Uint8Array | undefined {
    return this.#window.segment(number)?.start.init.bytes;
  }

  /** The bytes of a segment that has ended. */
  segment(number: number): Uint8Array | undefined {
    this.#asked();
    return this.#window.segment(number)?.whole?.bytes;
  }

  /** The bytes of a part; the next one, which playlists hint at, is waited for. @throws as `playlist` */
  async part(number: number, part: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const find = (): Uint8Array | 'none' | undefined => {
      const found = this.#window.segment(number)?.parts[part]?.bytes;
      const { next } = this.#window.view;
      return found ?? (number === next.number && part === next.part ? undefined : 'none');
    };
    const bytes = await this.#until(find, HOLD_MS, signal);
    return bytes === 'none' ? undefined : bytes;
  }

  /** Bytes held in memory. */
  get bytes(): number {
    return this.#window.bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#stop();
  }

  /** Nothing where the time is over. @throws NightglassError `hls/not-ready` where too many wait already */
  async #until<T>(
    find: () => T | undefined,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    this.#asked();
    const orFailure = (): T | undefined => {
      if (this.#failure !== undefined) throw this.#failure;
      return find();
    };
    const { full } = this.#changed;
    const found = await this.#changed.until(orFailure, milliseconds, signal);
    if (found === undefined && full)
      throw new NightglassError('hls/not-ready', 'too many wait for this camera already; ask again');
    return found;
  }

  /** Somebody asks: reading goes on for a while. */
  #asked(): void {
    this.#window.played = true;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#rest(), this.#idleMs);
    this.#idle.unref();
    if (this.#running === undefined) this.#start();
  }

  #rest(): void {
    this.#window.played = false;
    if (this.#store === undefined) void this.#stop();
  }

  #start(): void {
    if (this.#disposed) return;
    this.#failure = undefined;
    const stop = new AbortController();
    this.#running = { stop, ended: this.#run(stop.signal) };
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle);
    const running = this.#running;
    this.#running = undefined;
    running?.stop.abort();
    await running?.ended;
  }

  /** Reads until `stop`, or until the stream cannot be carried; what is stored is tried again. Never rejects. */
  async #run(stop: AbortSignal): Promise<void> {
    do {
      await this.#read(stop);
      if (stop.aborted || this.#store === undefined) break;
      await wait(RETRY_MS, undefined, { signal: stop }).catch(() => {});
      this.#failure = undefined;
    } while (!stop.aborted);
    if (this.#running?.stop.signal === stop) this.#running = undefined;
  }

  async #read(stop: AbortSignal): Promise<void> {
    using reader = this.#stream.read({
      want: 'live',
      limits: READER_LIMITS,
      viewer: this.#store === undefined,
    });
    const leave = () => reader[Symbol.dispose]();
    stop.addEventListener('abort', leave);
    try {
      for await (const item of segments(reader)) {
        this.#window.add(item);
        if (item.kind === 'segment') void this.#store?.add(item.segment);
        this.#changed.turn();
      }
    } catch (error) {
      this.#failure = inItsWords(error);
    } finally {
      stop.removeEventListener('abort', leave);
      this.#window.forget();
      this.#changed.turn();
    }
  }

  #notReady(milliseconds: number): NightglassError {
    const { state } = this.#stream;
    const why = state.state === 'unreachable' ? state.message : `the camera is ${WORDS[state.state]}`;
    return new NightglassError('hls/not-ready', `nothing new came in ${milliseconds / 1000} s: ${why}`);
  }
}

const WORDS = {
  idle: 'not connected yet',
  connecting: 'being connected to',
  'waiting-for-key': 'sending pictures that nothing can begin with',
  live: 'sending pictures, too slowly',
} as const;

const inItsWords = (error: unknown): NightglassError =>
  error instanceof NightglassError
    ? error
    : new NightglassError('http/failed', 'making HLS of the camera failed unexpectedly', { cause: error });
