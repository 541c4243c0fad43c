/** The page that makes this computer's camera or screen a camera of Nightglass. */
import { css, html, LitElement, nothing } from 'lit';
import { PublishRefused, publishTrack } from './publish-session.ts';
import { theme } from './ui/theme.styles.ts';

type State =
  | { readonly name: 'ready' }
  | { readonly name: 'choosing' }
  | { readonly name: 'connecting'; readonly picture: MediaStream }
  | { readonly name: 'live'; readonly picture: MediaStream }
  /** Tries again by itself. */
  | { readonly name: 'waiting'; readonly picture: MediaStream; readonly why: string }
  | { readonly name: 'stopped'; readonly why: string };

type Choice = 'camera' | 'screen';

const AGAIN_MS = 2_000;

/** Camera and token come from the form or from the address's fragment (`#camera=…&token=…`), and are kept nowhere. */
export class NightglassPublish extends LitElement {
  static override properties = { state: { state: true } };

  static override styles = [
    theme,
    css`
      :host {
        display: grid;
        gap: 1rem;
        max-width: 40rem;
        margin: 0 auto;
        padding: 2rem 1rem;
      }

      h1 {
        margin: 0;
        font-size: 1.25rem;
        font-weight: 500;
      }

      form {
        display: grid;
        gap: 0.75rem;
      }

      label {
        display: grid;
        gap: 0.25rem;
        color: var(--ink-dim);
      }

      input,
      button {
        min-height: 2.75rem;
        padding: 0 0.875rem;
        border: 1px solid var(--line);
        border-radius: 6px;
        background: var(--raised);
        color: var(--ink);
      }

      button {
        cursor: pointer;
      }

      .choices {
        display: flex;
        flex-wrap: wrap;
        gap: 0.75rem;
      }

      video {
        width: 100%;
        border-radius: 6px;
        background: #000;
      }

      [role='status'] {
        margin: 0;
        min-height: 1.5em;
      }
    `,
  ];

  declare state: State;
  #stop = new AbortController();

  constructor() {
    super();
    this.state = { name: 'ready' };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('pagehide', () => this.#stop.abort());
  }

  protected override render() {
    const { state } = this;
    const picture = 'picture' in state ? state.picture : undefined;
    const filled = new URLSearchParams(location.hash.slice(1));
    return html`
      <h1>Publish to Nightglass</h1>
      <form ?hidden=${picture !== undefined} @submit=${this.#submit}>
        <label>Camera name
          <input name="camera" required autocomplete="off" .defaultValue=${filled.get('camera') ?? ''} />
        </label>
        <label>Token of this camera
          <input name="token" type="password" required autocomplete="off" .defaultValue=${filled.get('token') ?? ''} />
        </label>
        <div class="choices">
          <button value="camera">Publish this computer's camera</button>
          <button value="screen">Publish the screen</button>
        </div>
      </form>
      ${picture ? html`<video .srcObject=${picture} autoplay muted playsinline></video>` : nothing}
      <p role="status">${statusText(state)}</p>
      ${picture ? html`<div class="choices"><button @click=${() => this.#stop.abort()}>Stop</button></div>` : nothing}
    `;
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const choice: Choice =
      (event.submitter as HTMLButtonElement | null)?.value === 'screen' ? 'screen' : 'camera';
    void this.#publish(String(form.get('camera')).trim(), String(form.get('token')).trim(), choice);
  };

  async #publish(camera: string, token: string, choice: Choice): Promise<void> {
    if (this.state.name === 'choosing') return;
    this.state = { name: 'choosing' };
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    let picture: MediaStream;
    try {
      picture = await openPicture(choice);
    } catch {
      this.state = { name: 'stopped', why: `The browser gave no ${choice} to publish.` };
      return;
    }
    const [track] = picture.getVideoTracks();
    track?.addEventListener('ended', () => this.#stop.abort());
    try {
      while (track && !signal.aborted) await this.#session(track, picture, { camera, token }, signal);
      this.state = { name: 'stopped', why: 'Stopped.' };
    } catch (error) {
      const why = error instanceof PublishRefused ? error.message : 'This browser could not publish.';
      this.state = { name: 'stopped', why };
    } finally {
      for (const one of picture.getTracks()) one.stop();
    }
  }

  async #session(
    track: MediaStreamTrack,
    picture: MediaStream,
    target: { readonly camera: string; readonly token: string },
    signal: AbortSignal,
  ): Promise<void> {
    let why = 'The connection broke.';
    this.state = { name: 'connecting', picture };
    try {
      const server = new URL('.', document.baseURI);
      await publishTrack(track, { server, ...target }, signal, () => {
        this.state = { name: 'live', picture };
      });
    } catch (error) {
      if (!(error instanceof PublishRefused) || !error.again) throw error;
      why = error.message;
    }
    if (signal.aborted) return;
    this.state = { name: 'waiting', picture, why };
    await new Promise<void>((done) => {
      const timer = setTimeout(done, AGAIN_MS);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        done();
      });
    });
  }
}

function openPicture(choice: Choice): Promise<MediaStream> {
  const { mediaDevices } = navigator;
  return choice === 'screen'
    ? mediaDevices.getDisplayMedia({ video: true })
    : mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 } } });
}

function statusText(state: State): string {
  switch (state.name) {
    case 'ready':
      return '';
    case 'choosing':
      return 'Waiting for the browser to ask which picture to use …';
    case 'connecting':
      return 'Connecting …';
    case 'live':
      return 'Live: viewers of this camera see this picture.';
    case 'waiting':
      return `${state.why} Trying again …`;
    case 'stopped':
      return state.why;
  }
}

customElements.define('nightglass-publish', NightglassPublish);
