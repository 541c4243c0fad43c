/** Keeps the large camera in the page's address, so that the browser's Back leaves it. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { cameraOfHash, hashOfCamera } from './camera-hash.ts';

/** Updates its host when the address names another camera. */
export class CameraAddress implements ReactiveController {
  /** The camera the address names, which need not exist. */
  named: string | undefined;
  readonly #host: ReactiveControllerHost;
  #watching: AbortController | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    window.addEventListener('popstate', this.#read, { signal });
    window.addEventListener('hashchange', this.#read, { signal });
    this.#read();
  }

  hostDisconnected(): void {
    this.#watching?.abort();
  }

  open(name: string): void {
    history.pushState({ openedHere: true }, '', hashOfCamera(name));
    this.#read();
  }

  /** Goes back where the grid is the page before; a link that led straight to the camera has none. */
  leave(): void {
    if ((history.state as { openedHere?: boolean } | null)?.openedHere) {
      history.back();
      return;
    }
    history.replaceState(null, '', location.pathname + location.search);
    this.#read();
  }

  #read = (): void => {
    this.named = cameraOfHash(location.hash);
    this.#host.requestUpdate();
  };
}
