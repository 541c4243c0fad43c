/** Knows what there is to see of an element: whether it lies in the window, how wide, and whether the page is in front. */
import type { LitElement, ReactiveController } from 'lit';
import { overlapsWindow } from './tile-want.ts';

/** Updates its host when what it knows changes. */
export class ViewWatch implements ReactiveController {
  inView = false;
  /** CSS pixels; 0 until it is laid out. */
  width = 0;
  readonly #host: LitElement;
  #watching: AbortController | undefined;

  constructor(host: LitElement) {
    this.#host = host;
    host.addController(this);
  }

  get pageHidden(): boolean {
    return document.hidden;
  }

  hostConnected(): void {
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    document.addEventListener('visibilitychange', () => this.#host.requestUpdate(), { signal });
    const observer = new IntersectionObserver((entries) => this.#see(entries), { rootMargin: '10%' });
    observer.observe(this.#host);
    const resizes = new ResizeObserver(() => this.#measure());
    resizes.observe(this.#host);
    signal.addEventListener('abort', () => {
      observer.disconnect();
      resizes.disconnect();
    });
  }

  hostDisconnected(): void {
    this.#watching?.abort();
  }

  /** Looks at once: the observer's first report comes a picture later than the first picture may be asked for. */
  look(): void {
    const rectangle = this.#host.getBoundingClientRect();
    this.inView = overlapsWindow(rectangle, innerWidth, innerHeight);
    this.width = rectangle.width;
  }

  #measure(): void {
    this.width = this.#host.getBoundingClientRect().width;
    this.#host.requestUpdate();
  }

  #see(entries: readonly IntersectionObserverEntry[]): void {
    this.inView = entries.at(-1)?.isIntersecting ?? false;
    this.#host.requestUpdate();
  }
}
