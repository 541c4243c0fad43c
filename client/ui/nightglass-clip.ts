/** `<nightglass-clip>`: one clip on the server: its picture, what it is, and what can be done with it. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { KeptClip, KeptFile } from '#wire/kept-clip.ts';
import { missingText } from './export-text.ts';
import { PLAY } from './icons.ts';
import { addressOf } from './kept-clips.ts';
import { clipStyles } from './nightglass-clips.styles.ts';
import { clipText, SHOWN_NAMES, sizeText, spanText } from './recorder-text.ts';
import { theme } from './theme.styles.ts';

/** Asks by `delete-kept`. */
export class NightglassClip extends LitElement {
  static override styles = [theme, clipStyles];
  static override properties = {
    clip: { attribute: false },
    server: { attribute: false },
    shown: { state: true },
    broken: { state: true },
    doomed: { state: true },
  };

  declare clip: KeptClip;
  /** Base address, with a trailing slash. */
  declare server: URL;
  /** The file that is played in place. */
  declare protected shown: KeptFile | undefined;
  /** It cannot be played here. */
  declare protected broken: boolean;
  /** Its deletion is to be confirmed. */
  declare protected doomed: boolean;

  protected override updated(changed: PropertyValues<this>): void {
    // The button that was pressed is gone.
    if (changed.has('shown' as keyof NightglassClip) && this.shown)
      this.renderRoot.querySelector<HTMLElement>('video, .full')?.focus();
  }

  protected override render(): TemplateResult {
    const { clip } = this;
    return html`
      <div class="picture">${this.shown ? this.#playing(this.shown) : this.#poster()}</div>
      <h2>${clip.camera.title}</h2>
      <p><time datetime=${clip.utc.from}>${spanText(clip)}</time></p>
      <p class="facts">${clipText(clip)}</p>
      ${clip.cutOff ? html`<p class="cut-off">Cut off: the page that recorded it was closed.</p>` : nothing}
      ${clip.missing ? html`<p class="missing">${missingText(clip.missing.gaps, clip.missing.count)}</p>` : nothing}
      ${
        clip.files.length > 1
          ? html`<div class="choices" role="group" aria-label="What is shown">
              ${clip.files.map((file) => this.#choice(file))}
            </div>`
          : nothing
      }
      <div class="actions">
        ${clip.files.map((file) => this.#download(file.name, `${kindOf(file)}${this.#which(file)}`, file.bytes))}
        ${this.#download(`${clip.id}.json`, 'JSON')}
        <button
          class=${this.doomed ? 'delete sure' : 'delete'}
          aria-label=${this.doomed ? nothing : `Delete ${this.#name}`}
          @click=${this.#delete}
          @blur=${() => {
            this.doomed = false;
          }}
        >
          ${this.doomed ? 'Delete for all' : 'Delete'}
        </button>
      </div>
    `;
  }

  /** What tells it from the others, for who hears the page. */
  get #name(): string {
    return `${this.clip.camera.title}, ${spanText(this.clip)}`;
  }

  #poster(): TemplateResult {
    const { clip, server } = this;
    const [first] = clip.files;
    return html`<button
      class="open"
      aria-label=${`${clip.medium === 'snapshot' ? 'Show' : 'Play'} ${this.#name}`}
      @click=${() => this.#show(first)}
    >
      ${clip.poster ? html`<img src=${addressOf(server, clip, clip.poster)} alt="" loading="lazy" />` : nothing}
      ${clip.medium === 'snapshot' ? nothing : html`<span class="play">${PLAY}</span>`}
    </button>`;
  }

  #playing(file: KeptFile): TemplateResult {
    const address = addressOf(this.server, this.clip, file.name);
    if (this.broken)
      return html`<p class="broken" role="alert">This browser cannot play ${file.codec}. Download the file instead.</p>`;
    if (file.codec === 'png')
      return html`<a class="full" href=${address} download=${file.name}>
        <img src=${address} alt=${`${SHOWN_NAMES[file.shows]} picture of ${this.#name}`} />
      </a>`;
    return html`<video
      controls
      autoplay
      muted
      playsinline
      tabindex="0"
      src=${address}
      aria-label=${`${SHOWN_NAMES[file.shows]} clip of ${this.#name}`}
      @error=${() => {
        this.broken = true;
      }}
    ></video>`;
  }

  #choice(file: KeptFile): TemplateResult {
    const pressed = this.shown === file;
    return html`<button class="choice" aria-pressed=${pressed} @click=${() => this.#show(file)}>
      ${SHOWN_NAMES[file.shows]}
    </button>`;
  }

  #download(name: string, text: string, bytes?: number): TemplateResult {
    const title = bytes === undefined ? 'The evidence, which npm run verify checks' : sizeText(bytes);
    return html`<a href=${addressOf(this.server, this.clip, name)} download=${name} title=${title}>${text}</a>`;
  }

  #which(file: KeptFile): string {
    return this.clip.files.length > 1 ? ` ${SHOWN_NAMES[file.shows].toLowerCase()}` : '';
  }

  #show(file: KeptFile | undefined): void {
    this.broken = false;
    this.shown = file;
  }

  #delete = (): void => {
    if (this.doomed) this.dispatchEvent(new CustomEvent('delete-kept', { detail: this.clip }));
    this.doomed = !this.doomed;
  };
}

const kindOf = ({ name }: KeptFile): string => name.slice(name.lastIndexOf('.') + 1).toUpperCase();

customElements.define('nightglass-clip', NightglassClip);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-clip': NightglassClip;
  }
}
