/** A camera's live picture, played by hls.js as near to now as its playlist allows. */
import type { Trouble } from '../playback-state.ts';
import { FrameTimes } from './frame-times.ts';
import { HiddenVideo } from './hidden-video.ts';
import { HlsSession, LIVE } from './hls-session.ts';
import { loadHls } from './load-hls.ts';
import type { HlsNews } from './past-hls.ts';
import { dateOf } from './program-clock.ts';
import { troubleAt } from './server-words.ts';

const REOPEN_MS = 2000;
/** hls.js waits for a camera that is away without a word; who looks on is told after so long. */
const QUIET_MS = 8000;
const QUIET: Trouble = {
  status: 'unreachable',
  code: 'hls/not-ready',
  message: `no new picture has come for ${QUIET_MS / 1000} seconds`,
};

export class LiveHls implements Disposable {
  readonly #playlist: URL;
  readonly #news: HlsNews;
  readonly #video: HiddenVideo;
  readonly #closed = new AbortController();
  #session: HlsSession | undefined;
  #resting = false;
  #cc: number | undefined;
  #last: number | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  /** @param playlist the camera's multivariant playlist */
  constructor(playlist: URL, news: HlsNews) {
    this.#playlist = playlist;
    this.#news = news;
    this.#video = new HiddenVideo({
      frame: (frame) => this.#take(frame),
      seeked: () => {},
      ended: () => void this.#open(),
    });
    void this.#open();
  }

  /** Nobody looks: nothing is loaded meanwhile. */
  rest(resting: boolean): void {
    if (resting === this.#resting) return;
    this.#resting = resting;
    clearTimeout(this.#quiet);
    if (!resting) return void this.#open();
    this.#session?.rest();
    this.#video.element.pause();
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
    clearTimeout(this.#quiet);
    this.#session?.[Symbol.dispose]();
    this.#video[Symbol.dispose]();
  }

  async #open(): Promise<void> {
    const { signal } = this.#closed;
    const [Hls, trouble] = await Promise.all([
      loadHls().catch(() => undefined),
      troubleAt(this.#playlist, signal),
    ]);
    if (signal.aborted || this.#resting) return;
    this.#session?.[Symbol.dispose]();
    this.#session = undefined;
    this.#last = undefined;
    const again = () => setTimeout(() => void this.#open(), REOPEN_MS);
    if (trouble) this.#news.trouble(trouble);
    if (!Hls || trouble) return void again();
    const parts = { Hls, video: this.#video.element, times: new FrameTimes() };
    this.#session = new HlsSession(parts, this.#playlist, LIVE, {
      ready: () => this.#video.play(),
      failed: (recovery) => {
        this.#news.trouble(recovery.trouble);
        again();
      },
    });
  }

  #take(frame: VideoFrame): void {
    const dated = this.#session && dateOf(this.#session.spans, frame.timestamp / 1e6);
    if (!dated || frame.timestamp === this.#last) {
      frame.close();
      return;
    }
    const jump = dated.cc !== this.#cc || frame.timestamp < (this.#last ?? Number.POSITIVE_INFINITY);
    this.#cc = dated.cc;
    this.#last = frame.timestamp;
    clearTimeout(this.#quiet);
    if (!this.#resting) this.#quiet = setTimeout(() => this.#news.trouble(QUIET), QUIET_MS);
    this.#news.trouble(undefined);
    this.#news.picture(frame, dated.capturedAt, jump);
  }
}
