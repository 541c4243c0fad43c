/** `<nightglass-app>`: the page: the cameras this viewer may see, or in plain words why there are none. */
import { html, LitElement, type TemplateResult } from 'lit';
import { type CameraList, fetchCameras } from './camera-list.ts';
import { featuresHere, missingFeature } from './missing-feature.ts';
import { appStyles } from './nightglass-app.styles.ts';
import './nightglass-clips.ts';
import './nightglass-open-file.ts';
import './nightglass-sign-in.ts';
import './nightglass-wall.ts';
import { askForFile, LIMITS_TEXT, type OpenedVideo } from './open-video.ts';
import { readPageOptions } from './page-options.ts';
import { theme } from './theme.styles.ts';

const RETRY_MS = 3000;

export class NightglassApp extends LitElement {
  static override styles = [theme, appStyles];
  static override properties = { list: { state: true }, files: { state: true } };

  /** What the server said last; nothing until it has said something. */
  declare protected list: CameraList | undefined;
  /** Opened by the person, and shown after the cameras. */
  declare protected files: readonly OpenedVideo[];

  readonly #options = readPageOptions(location.search);
  readonly #server = new URL('.', document.baseURI);
  #asking: AbortController | undefined;

  constructor() {
    super();
    this.files = [];
    this.addEventListener('ask-file', () => this.renderRoot.querySelector('nightglass-open-file')?.choose());
    this.addEventListener('close-file', (event) => {
      this.files = this.files.filter(({ name }) => name !== (event as CustomEvent<string>).detail);
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#asking = new AbortController();
    void this.#ask(this.#asking.signal);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#asking?.abort();
  }

  protected override render(): TemplateResult {
    const missing = missingFeature(featuresHere());
    if (missing !== undefined) return words('No picture in this browser', html`<p>${missing}</p>`);
    const { list } = this;
    switch (list?.outcome) {
      case undefined:
        return html`<main aria-busy="true"></main>`;
      case 'failed':
        return words(
          'Server unreachable',
          html`<p role="status">${list.message} Trying again by itself.</p>`,
        );
      case 'signed-out':
        return html`<main>
          <nightglass-sign-in .server=${this.#server} @signed-in=${() => location.reload()}></nightglass-sign-in>
        </main>`;
      case 'listed':
        return html`<nightglass-open-file
            @file-opened=${({ detail }: CustomEvent<OpenedVideo>) => {
              this.files = [...this.files, detail];
            }}
          ></nightglass-open-file>
          ${this.#wall(list)}
          <nightglass-clips .server=${this.#server}></nightglass-clips>`;
    }
  }

  #wall({ cameras, version }: Extract<CameraList, { outcome: 'listed' }>): TemplateResult {
    const { camera } = this.#options;
    const chosen = camera === undefined ? cameras : cameras.filter(({ name }) => name === camera);
    if (chosen.length > 0 || this.files.length > 0)
      return html`<nightglass-wall
        .cameras=${chosen}
        .files=${this.files}
        .version=${version}
        .options=${this.#options}
      ></nightglass-wall>`;
    if (camera !== undefined)
      return words(
        'No such camera',
        html`<p>There is no camera named <code>${camera}</code>, or you may not see it.</p>
          <p><a href=${location.pathname}>Show all cameras</a></p>`,
      );
    return words(
      'No camera yet',
      html`<p>None is configured that you may see. Start the server with one:</p>
        <p><code>npm start -- --camera rtsp://user:password@host/path</code></p>
        <p>A recorder’s file can be watched enhanced without any: drop it here, or choose it.</p>
        <p>
          <button class="open-file" title=${LIMITS_TEXT} @click=${() => this.dispatchEvent(askForFile())}>
            Open a file
          </button>
        </p>`,
    );
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const list = await fetchCameras(this.#server, signal);
    if (signal.aborted) return;
    this.list = list;
    if (list.outcome === 'failed') setTimeout(() => signal.aborted || void this.#ask(signal), RETRY_MS);
  }
}

const words = (heading: string, body: TemplateResult): TemplateResult => html`
  <main><div class="words"><h1>${heading}</h1>${body}</div></main>
`;

customElements.define('nightglass-app', NightglassApp);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-app': NightglassApp;
  }
}
