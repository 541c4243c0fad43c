/** `<nightglass-wall>`: all cameras side by side, as large as they go, or one of them filling the page. */
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { CameraInfo } from '#wire/camera-state.ts';
import { CameraAddress } from './camera-address.ts';
import { CLIPS_HASH } from './clips-hash.ts';
import { gridLayout } from './grid-layout.ts';
import type { Look } from './look.ts';
import './nightglass-tile.ts';
import { wallStyles } from './nightglass-wall.styles.ts';
import { askForFile, LIMITS_TEXT, type OpenedVideo } from './open-video.ts';
import type { PageOptions } from './page-options.ts';
import { theme } from './theme.styles.ts';

/** Between two tiles, and as the stylesheet has it. CSS pixels. */
const GAP = 8;

export class NightglassWall extends LitElement {
  static override styles = [theme, wallStyles];
  static override properties = {
    cameras: { attribute: false },
    files: { attribute: false },
    version: { attribute: false },
    options: { attribute: false },
    look: { state: true },
  };

  declare cameras: readonly CameraInfo[];
  /** Shown after the cameras, in the same way. */
  declare files: readonly OpenedVideo[];
  declare version: string;
  /** What the look is at first, and which engine runs. */
  declare options: PageOptions;
  declare protected look: Look;

  readonly #address = new CameraAddress(this);
  readonly #resizes = new ResizeObserver(() => this.#layOut());
  #watching: AbortController | undefined;

  constructor() {
    super();
    this.files = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watching = new AbortController();
    window.addEventListener('keydown', this.#press, { signal: this.#watching.signal });
    this.#resizes.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#watching?.abort();
    this.#resizes.disconnect();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('options')) this.look = this.options;
    if (changed.has('files')) this.#follow(changed.get('files') ?? []);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('cameras') || changed.has('files')) this.#layOut();
    const large = this.#large();
    this.toggleAttribute('large', large !== undefined);
    document.title = large === undefined ? 'Nightglass' : `${large.title} · Nightglass`;
  }

  protected override render(): TemplateResult {
    const { cameras, look, options } = this;
    const large = this.#large();
    const covered = (camera: CameraInfo) => large !== undefined && large !== camera;
    return html`
      <header ?inert=${large !== undefined}>
        <h1 class="name">Nightglass</h1>
        <span class="count">${cameras.length} cameras</span>
        <button class="open-file" title=${LIMITS_TEXT} @click=${() => this.dispatchEvent(askForFile())}>Open a file</button>
        <a class="clips" href=${CLIPS_HASH}>Clips</a>
        <span class="version">${this.version}</span>
      </header>
      <ul
        @open-camera=${(event: CustomEvent<string>) => this.#address.open(event.detail)}
        @leave-camera=${() => this.#address.leave()}
        @look-changed=${(event: CustomEvent<Partial<Look>>) => {
          this.look = { ...look, ...event.detail };
        }}
      >
        ${repeat(
          this.#shown(),
          ({ name }) => name,
          (camera) => html`
            <li ?inert=${covered(camera)}>
              <nightglass-tile
                .camera=${camera}
                .file=${this.files.find((file) => file === camera)}
                .engine=${options.engine}
                .model=${options.model}
                .denoise=${options.denoise}
                .via=${options.via}
                .look=${look}
                .large=${large === camera}
                .paused=${covered(camera)}
                .alone=${this.#shown().length === 1}
              ></nightglass-tile>
            </li>
          `,
        )}
      </ul>
    `;
  }

  #shown(): readonly CameraInfo[] {
    return [...this.cameras, ...this.files];
  }

  /** A file that was just opened is what the person wants to see; one that was closed is left. */
  #follow(before: readonly OpenedVideo[]): void {
    const fresh = this.files.find((file) => !before.includes(file));
    const gone = before.find((file) => !this.files.includes(file) && file.name === this.#address.named);
    if (gone) this.#address.leave();
    else if (fresh && this.#shown().length > 1) this.#address.open(fresh.name);
  }

  /** A lone camera is always large: a wall of one would only be in the way. */
  #large(): CameraInfo | undefined {
    const shown = this.#shown();
    if (shown.length === 1) return shown[0];
    return shown.find(({ name }) => name === this.#address.named);
  }

  #press = (event: KeyboardEvent): void => {
    const leaving = event.key === 'Escape' && document.fullscreenElement === null;
    if (leaving && this.#shown().length > 1 && this.#large() !== undefined) this.#address.leave();
  };

  #layOut(): void {
    const { clientWidth, clientHeight } = this;
    const header = this.renderRoot.querySelector('header')?.offsetHeight ?? 0;
    // A telephone's tiles reach from edge to edge.
    const width = clientWidth < 600 ? clientWidth : clientWidth - 2 * GAP;
    const height = clientHeight - header - GAP;
    const { columns, tileWidth } = gridLayout(this.#shown().length, width, height, GAP);
    this.style.setProperty('--columns', String(columns));
    this.style.setProperty('--tile-width', `${tileWidth}px`);
  }
}

customElements.define('nightglass-wall', NightglassWall);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-wall': NightglassWall;
  }
}
