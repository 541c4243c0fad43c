/** One tile's time: now, by the worker's socket or by HLS, or the past by HLS. Says whose pictures the worker shows. */
import type { WallMicros } from '#wire/time.ts';
import { type Micros, micros } from '#wire/time.ts';
import { LiveHls } from './hls/live-hls.ts';
import { PastHls } from './hls/past-hls.ts';
import type { Feed, LiveVia, PlaybackControl, PlaybackState, Rate, Trouble } from './playback-state.ts';
import { LIVE } from './playback-state.ts';
import type { PagePicture } from './player-protocol.ts';

export interface HlsAddresses {
  readonly live: URL;
  readonly past: URL;
  readonly timeline: URL;
}

/** What a tile's time is told to. */
export interface PlaybackNews {
  readonly feed: (feed: Feed) => void;
  /** Who is told owns the frame. */
  readonly picture: (picture: PagePicture) => void;
  readonly changed: (state: PlaybackState) => void;
}

type Source =
  | { readonly kind: 'socket' }
  | { readonly kind: 'live'; readonly player: LiveHls }
  /** The live picture stands still; nothing is loaded before more is asked. */
  | { readonly kind: 'still' }
  | { readonly kind: 'past'; readonly player: PastHls };

/** Pictures of the past are told to the page ten times a second: that is as fast as a clock is read. */
const TELL_MS = 100;

/** As fast as a segment a quarter of a second is fetched, and looked at. */
const REWIND_MS = 250;

/** Disposing it ends what plays, and tells nothing more. */
export class TilePlayback implements PlaybackControl, Disposable {
  readonly #addresses: HlsAddresses;
  readonly #news: PlaybackNews;
  #via: LiveVia;
  #source: Source = { kind: 'socket' };
  #state: PlaybackState = LIVE;
  #resting = false;
  #stretch = 0;
  #troubled = false;
  #toldAt = 0;
  #rewinding: ReturnType<typeof setInterval> | undefined;
  /** Of the picture on the canvas, as the worker told. */
  #shownAt: WallMicros | undefined;

  /** @param via how the live picture comes at first */
  constructor(addresses: HlsAddresses, via: LiveVia, news: PlaybackNews) {
    this.#addresses = addresses;
    this.#news = news;
    this.#via = via;
    if (via === 'hls') this.goLive();
  }

  /** Goes over to the other way of the live picture. */
  setVia(via: LiveVia): void {
    if (via === this.#via) return;
    this.#via = via;
    if (this.#state.mode === 'live') this.goLive();
  }

  /** Nobody looks, or somebody does again. */
  rest(resting: boolean): void {
    this.#resting = resting;
    if ('player' in this.#source) this.#source.player.rest(resting);
  }

  shown(at: WallMicros): void {
    this.#shownAt = at;
  }

  goLive(): void {
    this.#become({ mode: 'live', via: this.#via });
    if (this.#via === 'ws') {
      this.#replace({ kind: 'socket' });
      this.#news.feed({ from: 'socket' });
      return;
    }
    this.#news.feed({ from: 'page' });
    this.#replace({ kind: 'live', player: new LiveHls(this.#addresses.live, this.#hears()) });
    this.rest(this.#resting);
  }

  seek(at: WallMicros): void {
    const { playing = true, rate = 1 } = this.#state.mode === 'past' ? this.#state : {};
    this.#become({ mode: 'past', at, playing, rate });
    if (this.#source.kind === 'past') this.#source.player.seek(at);
    else this.#openPast(at, playing, rate);
  }

  play(): void {
    if (this.#state.mode === 'live') return;
    this.#become({ ...this.#state, playing: true, rewinding: false });
    if (this.#source.kind === 'past') this.#source.player.play();
    else this.#openPast(this.#state.at, true, this.#state.rate);
  }

  pause(): void {
    const at = this.#state.mode === 'past' ? this.#state.at : this.#shownAt;
    if (at === undefined) return;
    const rate = this.#state.mode === 'past' ? this.#state.rate : 1;
    this.#become({ mode: 'past', at, playing: false, rate });
    if (this.#source.kind === 'past') {
      this.#source.player.pause();
      return;
    }
    this.#news.feed({ from: 'page' });
    this.#replace({ kind: 'still' });
  }

  step(by: 1 | -1): void {
    if (this.#state.mode === 'live') this.pause();
    if (this.#state.mode === 'live') return;
    this.#become({ ...this.#state, playing: false, rewinding: false });
    this.#standing(this.#state).step(by);
  }

  rewind(): void {
    if (this.#state.mode === 'live') this.pause();
    if (this.#state.mode === 'live') return;
    this.#become({ ...this.#state, playing: false, rewinding: true });
    this.#standing(this.#state).pause();
    this.#rewinding ??= setInterval(() => this.#goBack(), REWIND_MS);
  }

  setRate(rate: Rate): void {
    if (this.#state.mode === 'live') return;
    this.#become({ ...this.#state, rate });
    if (this.#source.kind === 'past') this.#source.player.setRate(rate);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#rewinding);
    this.#replace({ kind: 'socket' });
  }

  /** Steps once more, unless nobody looks; stands still where nothing older is recorded. */
  #goBack(): void {
    if (this.#state.mode === 'live' || this.#source.kind !== 'past' || this.#resting) return;
    if (!this.#source.player.stepToKey()) this.#become({ ...this.#state, rewinding: false });
  }

  /** The player of the past, which does not play. */
  #standing({ at, rate }: Extract<PlaybackState, { mode: 'past' }>): PastHls {
    return this.#source.kind === 'past' ? this.#source.player : this.#openPast(at, false, rate);
  }

  #openPast(at: WallMicros, playing: boolean, rate: Rate): PastHls {
    this.#news.feed({ from: 'page' });
    const { past: playlist, timeline } = this.#addresses;
    const news = { ...this.#hears(), caughtUp: () => this.goLive() };
    const player = new PastHls({ playlist, timeline }, at, { playing, rate }, news);
    this.#replace({ kind: 'past', player });
    player.rest(this.#resting);
    return player;
  }

  #hears() {
    return {
      picture: (frame: VideoFrame, capturedAt: WallMicros, jump: boolean) => {
        if (jump) this.#stretch++;
        const timestamp: Micros = micros(frame.timestamp);
        this.#news.picture({ frame, timestamp, capturedAt, stretch: this.#stretch });
        const state = this.#state;
        if (state.mode === 'past') this.#become({ ...state, at: capturedAt }, !state.playing || jump);
      },
      trouble: (trouble: Trouble | undefined) => {
        if (trouble === undefined && !this.#troubled) return;
        this.#troubled = trouble !== undefined;
        this.#news.feed(trouble ? { from: 'page', trouble } : { from: 'page' });
      },
    };
  }

  #replace(source: Source): void {
    if ('player' in this.#source) this.#source.player[Symbol.dispose]();
    this.#source = source;
    this.#troubled = false;
    this.#stretch++;
  }

  #become(state: PlaybackState, atOnce = true): void {
    this.#state = state;
    if (state.mode === 'live' || !state.rewinding) {
      clearInterval(this.#rewinding);
      this.#rewinding = undefined;
    }
    const now = performance.now();
    if (!atOnce && now - this.#toldAt < TELL_MS) return;
    this.#toldAt = now;
    this.#news.changed(state);
  }
}
