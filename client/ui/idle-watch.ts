/** Knows whether the viewer only watches: no pointer moved, no key pressed, nothing focused by keyboard. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

const REST_MS = 3000;
const SIGNS_OF_LIFE = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;

/** Updates its host when `idle` changes. Watches only while `watch(true)`. */
export class IdleWatch implements ReactiveController {
  idle = false;
  readonly #host: ReactiveControllerHost;
  #watching: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.watch(false);
  }

  watch(wanted: boolean): void {
    if (wanted === (this.#watching !== undefined)) return;
    if (!wanted) {
      this.#watching?.abort();
      this.#watching = undefined;
      clearTimeout(this.#timer);
      this.#become(false);
      return;
    }
    this.#watching = new AbortController();
    for (const sign of SIGNS_OF_LIFE)
      window.addEventListener(sign, this.#wake, { signal: this.#watching.signal, passive: true });
    this.#wake();
  }

  #wake = (): void => {
    this.#become(false);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rest(), REST_MS);
  };

  #rest(): void {
    if (innermostFocus()?.matches(':focus-visible:not([tabindex="-1"]), :active')) this.#wake();
    else this.#become(true);
  }

  #become(idle: boolean): void {
    if (idle === this.idle) return;
    this.idle = idle;
    this.#host.requestUpdate();
  }
}

/** The focused element, through all shadow roots. */
function innermostFocus(): Element | null {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused;
}
