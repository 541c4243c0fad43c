/** One playlist on one `<video>`, from its opening to its end or its failure. */
import type Hls from 'hls.js';
import type { ErrorData, HlsConfig, LevelDetails } from 'hls.js';
import type { FrameTimes } from './frame-times.ts';
import type { HlsClass } from './load-hls.ts';
import type { DatedSpan } from './program-clock.ts';
import { type Recovery, recoveryFrom } from './recovery.ts';

export interface SessionNews {
  /** The playlist is known, and `load` may begin. Called once. */
  readonly ready: () => void;
  /** It cannot go on: whoever opened it opens another. */
  readonly failed: (recovery: Extract<Recovery, { way: 'reopen' }>) => void;
}

export interface SessionParts {
  readonly Hls: HlsClass;
  readonly video: HTMLVideoElement;
  readonly times: FrameTimes;
}

const COMMON: Partial<HlsConfig> = {
  autoStartLoad: false,
  // fMP4 is passed through: there is nothing for a worker to do.
  enableWorker: false,
  backBufferLength: 30,
};

/** The past: its playlists are whole, so that no position in them is ever too late for hls.js. */
export const PAST: Partial<HlsConfig> = {
  ...COMMON,
  lowLatencyMode: false,
  maxBufferLength: 20,
};

/** Live: as near the edge as the playlist's parts let it, catching up by playing a little faster. */
export const LIVE: Partial<HlsConfig> = {
  ...COMMON,
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1.25,
  liveDurationInfinity: true,
};

export class HlsSession implements Disposable {
  readonly #hls: Hls;
  readonly #news: SessionNews;
  #details: LevelDetails | undefined;
  #over = false;
  #resetAt = Number.NEGATIVE_INFINITY;

  constructor(
    { Hls, video, times }: SessionParts,
    address: URL,
    config: Partial<HlsConfig>,
    news: SessionNews,
  ) {
    this.#news = news;
    const hls = new Hls(config);
    this.#hls = hls;
    hls.on(Hls.Events.BUFFER_APPENDING, (_, { data }) => times.add(data));
    hls.on(Hls.Events.ERROR, (_, error) => error.fatal && this.#recover(error));
    hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => this.#learn(details));
    hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => this.#learn(details));
    if (config.lowLatencyMode) hls.on(Hls.Events.MANIFEST_PARSED, () => hls.startLoad(-1));
    hls.loadSource(address.href);
    hls.attachMedia(video);
  }

  /** What is known of the playlist, on both clocks. */
  get spans(): readonly DatedSpan[] {
    if (!this.#details) return [];
    const { fragments, fragmentHint } = this.#details;
    return fragmentHint ? [...fragments, fragmentHint] : fragments;
  }

  /** Where live is; undefined before it is known. Seconds. */
  get edge(): number | undefined {
    return this.#hls.liveSyncPosition ?? undefined;
  }

  /** Loads from `seconds` on; -1 = from the live edge. */
  load(seconds: number): void {
    this.#hls.startLoad(seconds);
  }

  /** Loads nothing more for now. */
  rest(): void {
    this.#hls.stopLoad();
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#hls.destroy();
  }

  #learn(details: LevelDetails): void {
    const first = this.#details === undefined;
    this.#details = details;
    if (first) this.#news.ready();
  }

  #recover({ type, details, response, error }: ErrorData): void {
    if (this.#over) return;
    const now = performance.now();
    const recovery = recoveryFrom(
      { type, details, status: response?.code, message: error.message },
      now - this.#resetAt,
    );
    if (recovery.way === 'reset-media') {
      this.#resetAt = now;
      this.#hls.recoverMediaError();
      return;
    }
    this[Symbol.dispose]();
    this.#news.failed(recovery);
  }
}
