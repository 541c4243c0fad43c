/** A `<video>` that nobody sees: it decodes, and every frame it would show is handed on. */

export interface VideoNews {
  /** Who is told owns the frame. During a seek it may still be one of before. */
  readonly frame: (frame: VideoFrame) => void;
  readonly seeked: () => void;
  readonly ended: () => void;
}

/** In the page while it is open, for browsers that decode nothing outside of it. */
export class HiddenVideo implements Disposable {
  readonly element: HTMLVideoElement;
  readonly #news: VideoNews;
  readonly #open = new AbortController();
  #request = 0;

  constructor(news: VideoNews) {
    this.#news = news;
    this.element = document.createElement('video');
    const { element } = this;
    element.muted = true;
    element.playsInline = true;
    element.disablePictureInPicture = true;
    element.setAttribute('aria-hidden', 'true');
    element.tabIndex = -1;
    element.style.cssText =
      'position:fixed;inset:auto auto 0 0;width:1px;height:1px;opacity:0.01;pointer-events:none';
    const { signal } = this.#open;
    element.addEventListener('seeked', () => this.#seeked(), { signal });
    element.addEventListener('ended', () => news.ended(), { signal });
    document.body.append(element);
    this.#watch();
  }

  /** Playing may be refused where the page is in the background; it is asked for again by whoever shows it. */
  play(): void {
    this.element.play().catch((error: unknown) => {
      if (!(error instanceof DOMException)) throw error;
    });
  }

  /** Hands on the frame that stands there, if the browser gives it now. */
  look(): void {
    this.#take();
  }

  [Symbol.dispose](): void {
    this.#open.abort();
    this.element.cancelVideoFrameCallback(this.#request);
    this.element.pause();
    this.element.removeAttribute('src');
    this.element.load();
    this.element.remove();
  }

  #watch(): void {
    this.#request = this.element.requestVideoFrameCallback(() => {
      this.#watch();
      this.#take();
    });
  }

  #seeked(): void {
    this.#take();
    this.#news.seeked();
  }

  #take(): void {
    if (this.element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || this.element.videoWidth === 0) return;
    try {
      this.#news.frame(new VideoFrame(this.element));
    } catch (error) {
      // Between two frames Chromium has none to give; its callback comes with the next.
      if ((error as DOMException).name !== 'InvalidStateError') throw error;
    }
  }
}
