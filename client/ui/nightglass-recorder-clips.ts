/** `<nightglass-recorder-clips>`: the clips and snapshots that this browser keeps. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ClipKeeping } from './clip-keeping.ts';
import type { ShelvedClip } from './clip-shelf.ts';
import { CLIPS_HASH } from './clips-hash.ts';
import { missingText } from './export-text.ts';
import { clipsStyles } from './nightglass-recorder.styles.ts';
import { clipText, cutOffText, whenText } from './recorder-text.ts';
import { theme } from './theme.styles.ts';

/** Asks by `save-clip`, `delete-clip` and `edit-clip`. */
export class NightglassRecorderClips extends LitElement {
  /** Set once by the page. Without it no clip can be kept on the server. */
  static keeping: ClipKeeping | undefined;

  static override styles = [theme, clipsStyles];
  static override properties = { clips: { attribute: false }, doomed: { state: true } };

  declare clips: readonly ShelvedClip[];
  /** The clip whose deletion is to be confirmed. */
  declare protected doomed: string | undefined;

  constructor() {
    super();
    this.clips = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    NightglassRecorderClips.keeping?.addEventListener('change', this.#update);
    void NightglassRecorderClips.keeping?.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    NightglassRecorderClips.keeping?.removeEventListener('change', this.#update);
  }

  protected override render(): TemplateResult {
    const offered = NightglassRecorderClips.keeping?.offered ?? false;
    return html`
      <ul aria-label="Clips in this browser">
        ${repeat(
          this.clips,
          ({ id }) => id,
          (clip) => this.#row(clip),
        )}
      </ul>
      <p>
        ${
          offered
            ? 'They are in this browser, until you delete them. On the server, everyone who may see the camera finds them.'
            : 'They are kept in this browser alone, until you save or delete them.'
        }
      </p>
    `;
  }

  #row(clip: ShelvedClip): TemplateResult {
    const { id, evidence } = clip;
    const { gaps = [] } = evidence.exported ?? {};
    const doomed = this.doomed === id;
    return html`
      <li data-clip=${id}>
        <div class="what">
          <b>${evidence.camera.title}</b> <time datetime=${evidence.utc.from}>${whenText(evidence)}</time>
          <span>${clipText(evidence)}</span>
          ${evidence.cutOff ? html`<span class="cut-off">${cutOffText(evidence)}</span>` : nothing}
          ${gaps.length > 0 ? html`<span class="missing">${missingText(gaps)}</span>` : nothing}
        </div>
        ${this.#keeping(clip)}
        ${
          evidence.medium === 'clip'
            ? html`<button class="edit" title="Cut it, label it, or make another format of it" @click=${() => this.#tell('edit-clip', clip)}>
                Edit…
              </button>`
            : nothing
        }
        <button class="save" title="Saves its files and the JSON that proves them" @click=${() => this.#tell('save-clip', clip)}>
          Save
        </button>
        <button
          class=${doomed ? 'delete sure' : 'delete'}
          @click=${() => {
            if (doomed) this.#tell('delete-clip', clip);
            this.doomed = doomed ? undefined : id;
          }}
          @blur=${() => {
            this.doomed = undefined;
          }}
        >
          ${doomed ? 'Delete for ever' : 'Delete'}
        </button>
      </li>
    `;
  }

  #keeping(clip: ShelvedClip): TemplateResult | typeof nothing {
    const { keeping } = NightglassRecorderClips;
    if (!keeping?.offered) return nothing;
    const state = keeping.of(clip.id);
    switch (state.state) {
      case 'kept':
        return html`<a class="kept" href=${CLIPS_HASH}>On the server</a>`;
      case 'sending':
        return html`<span class="sending">
          <progress .value=${state.share} aria-label="Sending to the server"></progress>
          ${Math.floor(state.share * 100)} %
        </span>`;
      case 'here':
      case 'failed':
        return html`
          ${state.state === 'failed' ? html`<span class="failed" role="alert">${state.message}</span>` : nothing}
          <button class="keep" @click=${() => void keeping.keep(clip)}>
            ${state.state === 'failed' ? 'Try again' : 'Keep on server'}
          </button>
        `;
    }
  }

  #update = (): void => this.requestUpdate();

  #tell(type: 'save-clip' | 'delete-clip' | 'edit-clip', clip: ShelvedClip): void {
    this.dispatchEvent(new CustomEvent(type, { detail: clip }));
  }
}

customElements.define('nightglass-recorder-clips', NightglassRecorderClips);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-recorder-clips': NightglassRecorderClips;
  }
}
