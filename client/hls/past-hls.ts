/** A camera's past, played by hls.js: any instant of it, at any speed, frame by frame. */
import { type WallMicros, wallMicros } from '#wire/time.ts';
import type { Rate, Trouble } from '../playback-state.ts';
import { FrameTimes } from './frame-times.ts';
import { HiddenVideo } from './hidden-video.ts';
import { HlsSession, PAST } from './hls-session.ts';
import { loadHls } from './load-hls.ts';
import { firstRecorded, recordedAfter, windowAround } from './past-window.ts';
import { dateOf, endOf, secondsOf } from './program-clock.ts';
import { recordedFrom } from './recorded-spans.ts';

export interface PastAddresses {
  /** Without its query. */
  readonly playlist: URL;
  readonly timeline: URL;
}

export interface HlsNews {
  /** Who is told owns the frame. `jump`: time was jumped over since the picture before. */
  readonly picture: (frame: VideoFrame, capturedAt: WallMicros, jump: boolean) => void;
  /** Undefined when it is over. */
  readonly trouble: (trouble: Trouble | undefined) => void;
}

export interface PastNews extends HlsNews {
  /** There is no more past: what follows is now. */
  readonly caughtUp: () => void;
}

/** With less than this recorded ahead, the past is now. µs */
const NOW = 6_000_000;
const REOPEN_MS = 2000;
const NOT_YET_MS = 1000;
/** Into the next frame or the one before: shorter than any. Seconds. */
const NUDGE = 0.001;
/** A frame that was sought comes within this, or the stream has none there. */
const PATIENCE_MS = 1000;
/** A `<video>` that stands still may give its frame only some time after it said that it has it. */
const LOOK_MS = 200;
/** A key held down must not step on for long after it was let go. */
const MOST_OWED = 8;
/** Where a frame's end is not known: at 25 fps. Seconds. */
const USUAL_FRAME = 0.04;

/** Its time in the `<video>`, its stretch of recording, its capture. */
interface ShownFrame {
  readonly seconds: number;
  readonly cc: number;
  readonly at: WallMicros;
}

export class PastHls implements Disposable {
  readonly #addresses: PastAddresses;
  readonly #news: PastNews;
  readonly #video: HiddenVideo;
  readonly #times = new FrameTimes();
  #session: HlsSession | undefined;
  #opening = new AbortController();
  #playing: boolean;
  #resting = false;
  #rate: Rate;
  #shown: ShownFrame | undefined;
  /** What was shown when the key picture before it was asked for, until that is shown. */
  #left: ShownFrame | undefined;
  /** What was shown when nothing before it was known. */
  #edge: WallMicros | undefined;
  /** Asked for while the `<video>` was seeking: only the last counts. Seconds. */
  #next: number | undefined;
  /** Where the `<video>` was sent last, until it shows that. Seconds, and `performance.now()`. */
  #sought: { readonly seconds: number; readonly at: number } | undefined;
  /** Steps to be taken when the frame of the one before is there. */
  #owed = 0;
  #jumped = true;
  readonly #looking: ReturnType<typeof setInterval>;

  /** Opens the past at `at`, or at the next picture recorded after it. */
  constructor(
    addresses: PastAddresses,
    at: WallMicros,
    { playing, rate }: { readonly playing: boolean; readonly rate: Rate },
    news: PastNews,
  ) {
    this.#addresses = addresses;
    this.#news = news;
    this.#playing = playing;
    this.#rate = rate;
    this.#video = new HiddenVideo({
      frame: (frame) => this.#take(frame),
      seeked: () => this.#settle(),
      ended: () => void this.#open(this.#end ?? at, 'go-on'),
    });
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
    void this.#open(at, 'asked');
  }

  seek(at: WallMicros): void {
    this.#owed = 0;
    this.#edge = undefined;
    const seconds = this.#session && secondsOf(this.#session.spans, at);
    const first = this.#session?.spans[0]?.programDateTime;
    const within = typeof first === 'number' && at >= first * 1000;
    if (seconds === undefined || !within) void this.#open(at, 'asked');
    else this.#seek(seconds);
  }

  play(): void {
    this.#playing = true;
    this.#run();
  }

  pause(): void {
    this.#playing = false;
    this.#run();
  }

  setRate(rate: Rate): void {
    this.#rate = rate;
    this.#run();
  }

  /** Nobody looks: stands still meanwhile. */
  rest(resting: boolean): void {
    this.#resting = resting;
    this.#run();
  }

  step(by: 1 | -1): void {
    this.pause();
    if (!this.#shown || !this.#settled) {
      this.#owed = Math.min(MOST_OWED, Math.max(-MOST_OWED, this.#owed + by));
      return;
    }
    const { seconds, at } = this.#shown;
    const end = this.#times.endAt(seconds) ?? seconds + USUAL_FRAME;
    const target = by > 0 ? end + NUDGE : seconds - NUDGE;
    if (target < 0) return void this.#open(wallMicros(at - USUAL_FRAME * 1e6), 'asked');
    const last = this.#session?.spans.at(-1);
    if (last && target >= last.start + last.duration) return void this.#open(this.#end ?? at, 'go-on');
    this.#seek(target);
  }

  /**
   * Stands still on the key picture before, which a segment begins with; nothing while the last one that was asked for is
   * on its way. False where there is none.
   */
  stepToKey(): boolean {
    this.pause();
    const shown = this.#shown;
    if (shown === undefined || shown === this.#left) return true;
    this.#owed = 0;
    this.#left = shown;
    const key = this.#session?.spans.findLast(({ start }) => start < shown.seconds - NUDGE);
    if (key) {
      this.#edge = undefined;
      this.#seek(key.start + NUDGE);
      return true;
    }
    // Nothing before it in this playlist, nor in the one that was opened to look for it.
    if (this.#edge !== undefined && shown.at >= this.#edge) return false;
    this.#edge = shown.at;
    void this.#open(wallMicros(shown.at - USUAL_FRAME * 1e6), 'asked');
    return true;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
    this.#opening.abort();
    this.#session?.[Symbol.dispose]();
    this.#video[Symbol.dispose]();
  }

  get #end(): WallMicros | undefined {
    return this.#session && endOf(this.#session.spans);
  }

  async #open(at: WallMicros, why: 'asked' | 'go-on'): Promise<void> {
    this.#opening.abort();
    this.#opening = new AbortController();
    const { signal } = this.#opening;
    const { playlist, timeline } = this.#addresses;
    const again = (trouble: Trouble) => {
      this.#news.trouble(trouble);
      setTimeout(() => signal.aborted || void this.#open(at, why), REOPEN_MS);
    };
    const [Hls, recorded] = await Promise.all([
      loadHls().catch(() => undefined),
      recordedFrom(timeline, at, signal),
    ]);
    if (signal.aborted) return;
    if (recorded.outcome === 'failed') return again(recorded.trouble);
    if (!Hls)
      return again({ status: 'unreachable', code: 'socket/lost', message: 'hls.js could not be fetched' });
    const start = firstRecorded(recorded.spans, at);
    const nothing = start === undefined || (why === 'go-on' && recordedAfter(recorded.spans, at) < NOW);
    // Who stands still on the picture of just now is not sent on: its segment comes.
    if (nothing && why === 'asked' && !this.#playing)
      return void setTimeout(() => signal.aborted || void this.#open(at, why), NOT_YET_MS);
    if (nothing) return this.#news.caughtUp();
    const { from, to } = windowAround(start);
    const address = new URL(playlist);
    address.search = `from=${from}&to=${to}`;
    this.#session?.[Symbol.dispose]();
    this.#next = undefined;
    this.#sought = undefined;
    this.#jumped = true;
    const parts = { Hls, video: this.#video.element, times: this.#times };
    const session = new HlsSession(parts, address, PAST, {
      ready: () => {
        this.#run();
        session.load(secondsOf(session.spans, start) ?? 0);
      },
      failed: ({ trouble }) => again(trouble),
    });
    this.#session = session;
  }

  /** The `<video>` does what is wanted of it. */
  #run(): void {
    const { element } = this.#video;
    element.defaultPlaybackRate = this.#rate;
    element.playbackRate = this.#rate;
    if (this.#playing && !this.#resting) this.#video.play();
    else element.pause();
  }

  #seek(seconds: number): void {
    this.#jumped = true;
    if (this.#video.element.seeking) this.#next = seconds;
    else this.#go(seconds);
  }

  #go(seconds: number): void {
    this.#sought = { seconds, at: performance.now() };
    this.#video.element.currentTime = seconds;
  }

  /** The frame that was sought is shown, or was waited for in vain. */
  get #settled(): boolean {
    return (this.#sought === undefined || this.#impatient) && !this.#video.element.seeking;
  }

  get #impatient(): boolean {
    return this.#sought !== undefined && performance.now() - this.#sought.at > PATIENCE_MS;
  }

  /** Asks for the frame that no event brought. */
  #look(): void {
    if (!this.#jumped || this.#video.element.seeking) return;
    this.#video.look();
    this.#settle();
  }

  /** What was asked for during a seek. */
  #settle(): void {
    const next = this.#next;
    if (next === undefined && (this.#owed === 0 || !this.#settled)) return;
    this.#next = undefined;
    if (next !== undefined) {
      this.#go(next);
      return;
    }
    const by = this.#owed > 0 ? 1 : -1;
    this.#owed -= by;
    this.step(by);
  }

  #isSought(seconds: number): boolean {
    if (!this.#sought) return false;
    const end = this.#times.endAt(seconds) ?? Number.POSITIVE_INFINITY;
    return seconds <= this.#sought.seconds + NUDGE && this.#sought.seconds < end + NUDGE / 2;
  }

  /** Playing, the `<video>` may have gone on from what was sought before it gave a frame; one of before the seek lies elsewhere. */
  #isBehindSought(seconds: number): boolean {
    if (!this.#sought || !this.#playing || this.#video.element.seeking) return false;
    const elapsed = (performance.now() - this.#sought.at) / 1000;
    const on = seconds - this.#sought.seconds;
    return on > 0 && on <= elapsed * this.#rate && this.#shown?.seconds !== seconds;
  }

  #take(frame: VideoFrame): void {
    const seconds = frame.timestamp / 1e6;
    const dated = this.#session && dateOf(this.#session.spans, seconds);
    const known = this.#shown?.seconds === seconds && !this.#jumped;
    const awaited = this.#sought !== undefined && (this.#video.element.seeking || !this.#impatient);
    const before = awaited && !this.#isSought(seconds) && !this.#isBehindSought(seconds);
    if (!dated || known || before) {
      frame.close();
      return;
    }
    const jump = this.#jumped || dated.cc !== this.#shown?.cc;
    this.#sought = undefined;
    this.#jumped = false;
    this.#shown = { seconds, cc: dated.cc, at: dated.capturedAt };
    this.#news.trouble(undefined);
    this.#news.picture(frame, dated.capturedAt, jump);
    if (!this.#video.element.seeking) this.#settle();
  }
}
