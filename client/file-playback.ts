/** One tile's time where it shows a file: from its first picture to its last, at any speed, picture by picture. */
import { micros, type WallMicros, wallMicros } from '#wire/time.ts';
import type { PictureTimes } from './file/picture-times.ts';
import { HiddenVideo } from './hls/hidden-video.ts';
import type { FileClock, FileSource, PlaybackControl, PlaybackState, Rate } from './playback-state.ts';
import type { PlaybackNews } from './tile-playback.ts';

/** Into the picture that is meant: shorter than any. Seconds. */
const NUDGE = 0.001;
/** A picture that was sought comes within this, or the browser shows another. */
const PATIENCE_MS = 1000;
/** Where the file's index is not read: at 25 pictures a second. Seconds. */
const USUAL_PICTURE = 0.04;
/** A key held down must not step on for long after it was let go. */
const MOST_OWED = 8;
/** Back by so much, so often: a file does not say where its key pictures are. Seconds, and ms. */
const REWIND = 2;
const REWIND_MS = 250;
/** A clock is read ten times a second. */
const TELL_MS = 100;

type Past = Extract<PlaybackState, { mode: 'past' }>;

/** Disposing it gives up the file, and tells nothing more. */
export class FilePlayback implements PlaybackControl, Disposable {
  readonly #news: PlaybackNews;
  readonly #video: HiddenVideo;
  readonly #address: string;
  readonly #times: Promise<PictureTimes | undefined>;
  /** Wall clock of the file's 0:00. */
  readonly #began: WallMicros;
  readonly #clock: FileClock;
  #state: Past;
  #resting = false;
  #stretch = 0;
  #toldAt = 0;
  #rewinding: ReturnType<typeof setInterval> | undefined;
  /** Infinite until it is known. Seconds. */
  #end = Number.POSITIVE_INFINITY;
  /** Of the picture that was shown last; seconds. */
  #shown: number | undefined;
  /** Asked for while the `<video>` was seeking: only the last counts. Seconds. */
  #next: number | undefined;
  #jumped = true;
  /** Waits for the picture that begins then. */
  #sought: { readonly start: number; readonly found: () => void } | undefined;
  #steps: Promise<unknown> = Promise.resolve();
  #owed = 0;
  #closed = false;

  /** Begins to play at once. Where the file does not say when it was begun, its 0:00 counts as the instant 0. */
  constructor({ file, startedAt }: FileSource, news: PlaybackNews) {
    this.#news = news;
    this.#began = startedAt ?? wallMicros(0);
    this.#clock = startedAt === undefined ? 'position' : 'file';
    this.#state = { mode: 'past', at: this.#began, playing: true, rate: 1 };
    this.#times = import('./file/picture-times.ts').then(({ PictureTimes }) => PictureTimes.open(file));
    this.#video = new HiddenVideo({
      frame: (frame) => this.#take(frame),
      seeked: () => this.#settle(),
      ended: () => this.#become({ ...this.#state, playing: false }),
    });
    this.#address = URL.createObjectURL(file);
    const { element } = this.#video;
    element.addEventListener('durationchange', () => void this.#measure());
    element.addEventListener('error', () => this.#fail(element.error));
    element.src = this.#address;
    this.#become(this.#state);
    this.#run();
  }

  /** Nobody looks: stands still meanwhile. */
  rest(resting: boolean): void {
    this.#resting = resting;
    this.#run();
  }

  /** The worker's word on the picture on the canvas, which is known here already. */
  shown(_at: WallMicros): void {}

  /** A file comes one way only. */
  setVia(_via: 'ws' | 'hls'): void {}

  seek(at: WallMicros): void {
    const seconds = Math.max(0, (at - this.#began) / 1e6);
    this.#become({ ...this.#state, at, rewinding: false });
    this.#seek(Math.min(seconds, this.#end - NUDGE));
  }

  play(): void {
    this.#become({ ...this.#state, playing: true, rewinding: false });
    this.#run();
  }

  pause(): void {
    this.#become({ ...this.#state, playing: false, rewinding: false });
    this.#run();
  }

  /** Steps follow one another: each begins from the picture that the one before it showed. */
  step(by: 1 | -1): void {
    this.pause();
    if (this.#owed >= MOST_OWED) return;
    this.#owed++;
    this.#steps = this.#steps
      .then(() => this.#step(by))
      .catch((error) => this.#closed || console.warn('convert/unreadable', error))
      .finally(() => this.#owed--);
  }

  rewind(): void {
    this.pause();
    this.#become({ ...this.#state, rewinding: true });
    this.#rewinding ??= setInterval(() => this.#goBack(), REWIND_MS);
  }

  setRate(rate: Rate): void {
    this.#become({ ...this.#state, rate });
    this.#run();
  }

  /** Stands still on the last picture: a file has no now. */
  goLive(): void {
    if (!Number.isFinite(this.#end)) return;
    this.pause();
    this.seek(this.#at(this.#end));
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    clearInterval(this.#rewinding);
    this.#sought?.found();
    this.#video[Symbol.dispose]();
    URL.revokeObjectURL(this.#address);
    void this.#times.then((times) => times?.[Symbol.dispose]());
  }

  /** The `<video>` does what is wanted of it. */
  #run(): void {
    const { element } = this.#video;
    element.defaultPlaybackRate = this.#state.rate;
    element.playbackRate = this.#state.rate;
    if (this.#state.playing && !this.#resting) this.#video.play();
    else element.pause();
  }

  /** Once more, when the picture that was gone back to is shown; stands still at the beginning. */
  #goBack(): void {
    if (this.#jumped || this.#resting || this.#shown === undefined) return;
    if (this.#shown === 0) this.#become({ ...this.#state, rewinding: false });
    else this.#seek(Math.max(0, this.#shown - REWIND) + NUDGE);
  }

  async #step(by: 1 | -1): Promise<void> {
    const from = this.#shown;
    const times = await this.#times;
    if (from === undefined || this.#closed) return;
    const guess = Math.max(0, from + by * USUAL_PICTURE);
    const start = times ? await (by > 0 ? times.after(from) : times.before(from)) : guess;
    if (start === undefined || this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = setTimeout(resolve, PATIENCE_MS);
    this.#sought = { start, found: resolve };
    this.#seek(start + NUDGE);
    await promise;
    clearTimeout(late);
    this.#sought = undefined;
  }

  #seek(seconds: number): void {
    this.#jumped = true;
    if (this.#video.element.seeking) this.#next = seconds;
    else this.#video.element.currentTime = seconds;
  }

  /** What was asked for during a seek. */
  #settle(): void {
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined) this.#video.element.currentTime = next;
  }

  #take(frame: VideoFrame): void {
    const seconds = frame.timestamp / 1e6;
    const sought = this.#sought && Math.abs(this.#sought.start - seconds) < NUDGE;
    const known = this.#shown === seconds && !this.#jumped;
    const before = this.#video.element.seeking || (this.#sought !== undefined && !sought);
    if (known || (before && !sought)) {
      frame.close();
      return;
    }
    const jump = this.#jumped;
    if (jump) this.#stretch++;
    this.#jumped = false;
    this.#shown = seconds;
    const capturedAt = this.#at(seconds);
    this.#news.picture({ frame, timestamp: micros(frame.timestamp), capturedAt, stretch: this.#stretch });
    this.#become({ ...this.#state, at: capturedAt }, jump || !this.#state.playing);
    if (sought) this.#sought?.found();
  }

  /** A browser's own recordings do not say how long they are: their last picture does. */
  async #measure(): Promise<void> {
    const { duration } = this.#video.element;
    const end = Number.isFinite(duration) ? duration : await (await this.#times)?.end();
    if (end === undefined || this.#closed) return;
    this.#end = end;
    const file = { from: this.#began, to: this.#at(end), clock: this.#clock };
    this.#become({ ...this.#state, file });
  }

  #at(seconds: number): WallMicros {
    return wallMicros(Math.round(this.#began + seconds * 1e6));
  }

  #fail(error: MediaError | null): void {
    if (this.#closed) return;
    const why = error?.message ? `: ${error.message}` : '';
    const message = `The browser could not play on${why}`;
    this.#news.feed({
      from: 'page',
      trouble: { status: 'unreachable', code: 'convert/unreadable', message },
    });
  }

  #become(state: Past, atOnce = true): void {
    this.#state = state;
    if (!state.rewinding) {
      clearInterval(this.#rewinding);
      this.#rewinding = undefined;
    }
    const now = performance.now();
    if (this.#closed || (!atOnce && now - this.#toldAt < TELL_MS)) return;
    this.#toldAt = now;
    this.#news.changed(state);
  }
}
