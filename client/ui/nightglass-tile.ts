/** `<nightglass-tile>`: one camera on the page, in the grid or filling the page. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { CameraInfo } from '#wire/camera-state.ts';
import type { Via } from '../playback-state.ts';
import type { EngineChoice, TileStats, TileStatus } from '../player-protocol.ts';
import { BACK } from './icons.ts';
import { IdleWatch } from './idle-watch.ts';
import { type Look, lookChanged } from './look.ts';
import './nightglass-controls.ts';
import './nightglass-divider.ts';
import './nightglass-player.ts';
import './nightglass-readings.ts';
import { tileStyles } from './nightglass-tile.styles.ts';
import { durationText, isLate } from './readings.ts';
import { theme } from './theme.styles.ts';

/** The same element stands in the grid and large, so that the picture plays on. Fires `open-camera` and `leave-camera`. */
export class NightglassTile extends LitElement {
  static override styles = [theme, tileStyles];
  static override properties = {
    camera: { attribute: false },
    engine: { attribute: false },
    via: { attribute: false },
    look: { attribute: false },
    large: { type: Boolean, reflect: true },
    paused: { type: Boolean },
    alone: { type: Boolean },
    stats: { state: true },
    status: { state: true },
  };

  declare camera: CameraInfo;
  declare engine: EngineChoice;
  declare via: Via;
  declare look: Look;
  declare large: boolean;
  /** Something else covers the page. */
  declare paused: boolean;
  /** There is no grid to go back to. */
  declare alone: boolean;
  declare protected stats: TileStats | undefined;
  declare protected status: TileStatus | undefined;

  readonly #idleWatch = new IdleWatch(this);

  constructor() {
    super();
    this.via = 'auto';
    this.large = false;
    this.paused = false;
    this.alone = false;
  }

  protected override willUpdate(): void {
    this.#idleWatch.watch(this.large);
    const playing = this.status?.status === 'playing';
    this.toggleAttribute('playing', playing);
    this.toggleAttribute('idle', playing && this.#idleWatch.idle);
    this.toggleAttribute('late', this.#late());
  }

  protected override updated(changed: PropertyValues<this>): void {
    const before = changed.get('large');
    if (before === undefined || before === this.large) return;
    // What was pressed is gone: the keyboard goes on from what stands in its place.
    this.renderRoot.querySelector<HTMLElement>(this.large ? 'h1' : '.open')?.focus({ preventScroll: true });
  }

  protected override render(): TemplateResult {
    const { camera, look, large } = this;
    return html`
      ${large ? nothing : this.#openButton()}
      <nightglass-player
        .camera=${camera.name}
        .title=${camera.title}
        .engine=${this.engine}
        .via=${this.via}
        .enhance=${look.enhance}
        .strength=${look.strength}
        .divider=${large ? look.divider : 0}
        .paused=${this.paused}
        .rendition=${large ? 'main' : 'auto'}
        @stats-changed=${(event: CustomEvent<TileStats>) => {
          this.stats = event.detail;
        }}
        @status-changed=${(event: CustomEvent<TileStatus>) => {
          this.status = event.detail;
        }}
      >
        ${
          large && look.enhance && this.status?.status === 'playing'
            ? html`<nightglass-divider
                slot="over"
                .position=${look.divider}
                @divider-moved=${(event: CustomEvent<number>) => this.dispatchEvent(lookChanged({ divider: event.detail }))}
              ></nightglass-divider>`
            : nothing
        }
      </nightglass-player>
      ${large ? this.#instruments() : this.#caption()}
    `;
  }

  #openButton(): TemplateResult {
    return html`<button
      class="open"
      aria-label="Show ${this.camera.title} large"
      @click=${() => this.#tell('open-camera')}
    ></button>`;
  }

  #caption(): TemplateResult {
    const late = this.#late()
      ? html`<span class="late">${durationText(this.stats?.ageMs ?? null)} late</span>`
      : nothing;
    return html`
      <div class="frame">
        <div class="caption"><span class="title">${this.camera.title}</span>${late}</div>
      </div>
    `;
  }

  #instruments(): TemplateResult {
    return html`
      <header class="bar">
        ${
          this.alone
            ? nothing
            : html`<button class="back" aria-label="Back to all cameras" @click=${() => this.#tell('leave-camera')}>${BACK}</button>`
        }
        <h1 tabindex="-1">${this.camera.title}</h1>
      </header>
      <div class="panel">
        <nightglass-controls .look=${this.look}></nightglass-controls>
        <nightglass-readings .stats=${this.stats}></nightglass-readings>
      </div>
    `;
  }

  #late(): boolean {
    return this.status?.status === 'playing' && this.stats !== undefined && isLate(this.stats);
  }

  #tell(type: 'open-camera' | 'leave-camera'): void {
    this.dispatchEvent(new CustomEvent(type, { detail: this.camera.name, bubbles: true, composed: true }));
  }
}

customElements.define('nightglass-tile', NightglassTile);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-tile': NightglassTile;
  }
}
