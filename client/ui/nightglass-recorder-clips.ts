/** `<nightglass-recorder-clips>`: the clips and snapshots that this browser keeps. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ShelvedClip } from './clip-shelf.ts';
import { clipsStyles } from './nightglass-recorder.styles.ts';
import { clipText, cutOffText, whenText } from './recorder-text.ts';
import { theme } from './theme.styles.ts';

/** Asks by `save-clip` and `delete-clip`. */
export class NightglassRecorderClips extends LitElement {
  static override styles = [theme, clipsStyles];
  static override properties = { clips: { attribute: false }, doomed: { state: true } };

  declare clips: readonly ShelvedClip[];
  /** The clip whose deletion is to be confirmed. */
  declare protected doomed: string | undefined;

  constructor() {
    super();
    this.clips = [];
  }

  protected override render(): TemplateResult {
    return html`
      <ul aria-label="Clips in this browser">
        ${repeat(
          this.clips,
          ({ id }) => id,
          (clip) => this.#row(clip),
        )}
      </ul>
      <p>They are kept in this browser alone, until you save or delete them.</p>
    `;
  }

  #row(clip: ShelvedClip): TemplateResult {
    const { id, evidence } = clip;
    const doomed = this.doomed === id;
    return html`
      <li data-clip=${id}>
        <div class="what">
          <b>${evidence.camera.title}</b> <time datetime=${evidence.utc.from}>${whenText(evidence)}</time>
          <span>${clipText(evidence)}</span>
          ${evidence.cutOff ? html`<span class="cut-off">${cutOffText(evidence)}</span>` : nothing}
        </div>
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

  #tell(type: 'save-clip' | 'delete-clip', clip: ShelvedClip): void {
    this.dispatchEvent(new CustomEvent(type, { detail: clip }));
  }
}

customElements.define('nightglass-recorder-clips', NightglassRecorderClips);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-recorder-clips': NightglassRecorderClips;
  }
}
