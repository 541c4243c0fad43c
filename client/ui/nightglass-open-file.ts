/** `<nightglass-open-file>`: takes files that are dropped on the page or chosen, and says how far they are. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { openFileStyles } from './nightglass-open-file.styles.ts';
import {
  FFMPEG_TEXT,
  LIMITS_TEXT,
  type OpenedVideo,
  type OpenProgress,
  type OpenVideo,
} from './open-video.ts';
import { theme } from './theme.styles.ts';

type Work =
  | { readonly state: 'idle' }
  /** `progress` is undefined while the browser looks whether it plays the file itself. */
  | {
      readonly state: 'opening';
      readonly title: string;
      readonly progress: OpenProgress | undefined;
      readonly stop: AbortController;
    }
  | { readonly state: 'failed'; readonly title: string; readonly why: string };

let opened = 0;

/** Stands once on a page, and takes what is dropped anywhere on it. Fires `file-opened` with each file that can be shown. */
export class NightglassOpenFile extends LitElement {
  /** Set once by the page. */
  static open: OpenVideo | undefined;

  static override styles = [theme, openFileStyles];
  static override properties = { work: { state: true }, hovering: { state: true } };

  declare protected work: Work;
  /** Files are held over the page. */
  declare protected hovering: boolean;

  #waiting: File[] = [];
  #connected: AbortController | undefined;

  constructor() {
    super();
    this.work = { state: 'idle' };
    this.hovering = false;
  }

  /** Opens the browser's file chooser. Only from a press of the person, as browsers demand. */
  choose(): void {
    this.renderRoot.querySelector('input')?.click();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#connected = new AbortController();
    const { signal } = this.#connected;
    window.addEventListener('dragover', this.#over, { signal });
    window.addEventListener('dragleave', this.#leave, { signal });
    window.addEventListener('drop', this.#drop, { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#connected?.abort();
    if (this.work.state === 'opening') this.work.stop.abort();
  }

  protected override render(): TemplateResult {
    return html`
      <input type="file" hidden multiple aria-label="Video files" @change=${this.#chosen} />
      ${
        this.hovering
          ? html`<div class="drop"><b>Drop to watch it enhanced</b><p>${LIMITS_TEXT}</p></div>`
          : nothing
      }
      <div role="status">${this.#card()}</div>
    `;
  }

  #card(): TemplateResult | typeof nothing {
    const { work } = this;
    if (work.state === 'idle') return nothing;
    if (work.state === 'failed')
      return html`<div class="card failed">
        <div class="head">
          <b>${work.title} was not opened</b>
          <button @click=${this.#next}>Close</button>
        </div>
        <p class="why">${work.why}</p>
      </div>`;
    const { title, progress, stop } = work;
    return html`<div class="card">
      <div class="head">
        <b>${title}</b>
        <button @click=${() => stop.abort(new DOMException('Ended by the person.', 'AbortError'))}>Cancel</button>
      </div>
      <progress aria-label=${stepText(progress)} value=${progress?.share || nothing}></progress>
      <p>${stepText(progress)}</p>
      ${progress ? html`<p>${FFMPEG_TEXT}</p>` : nothing}
    </div>`;
  }

  #over = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.hovering = true;
  };

  #leave = (event: DragEvent): void => {
    // Leaving one element for another is not leaving the page.
    if (event.relatedTarget === null) this.hovering = false;
  };

  #drop = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.hovering = false;
    this.#take(event.dataTransfer.files);
  };

  #chosen = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    if (input.files) this.#take(input.files);
    // The same file may be chosen again.
    input.value = '';
  };

  #take(files: FileList): void {
    this.#waiting.push(...files);
    if (this.work.state !== 'opening') this.#next();
  }

  #next = (): void => {
    const file = this.#waiting.shift();
    if (file) void this.#open(file);
    else this.work = { state: 'idle' };
  };

  async #open(file: File): Promise<void> {
    const stop = new AbortController();
    const title = file.name;
    this.work = { state: 'opening', title, progress: undefined, stop };
    try {
      const source = await NightglassOpenFile.open?.(
        file,
        (progress) => {
          this.work = { state: 'opening', title, progress, stop };
        },
        stop.signal,
      );
      if (source) {
        opened += 1;
        const detail: OpenedVideo = { ...source, name: `file:${opened}:${title}`, title };
        this.dispatchEvent(new CustomEvent('file-opened', { detail }));
      }
      this.#next();
    } catch (error) {
      if (stop.signal.aborted) this.#next();
      else
        this.work = { state: 'failed', title, why: error instanceof Error ? error.message : String(error) };
    }
  }
}

const stepText = (progress: OpenProgress | undefined): string =>
  progress === undefined
    ? 'Looking whether this browser plays it'
    : { fetching: 'Fetching ffmpeg from the server, 31 MB', converting: 'Making it playable here' }[
        progress.step
      ];

customElements.define('nightglass-open-file', NightglassOpenFile);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-open-file': NightglassOpenFile;
  }
  interface HTMLElementEventMap {
    'file-opened': CustomEvent<OpenedVideo>;
  }
}
