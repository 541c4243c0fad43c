/** `<nightglass-convert>`: makes another file of a clip: cut to the picture, labelled, side by side, in other formats. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Shown } from '#wire/evidence.ts';
import type { ClipShelf, ShelvedClip } from './clip-shelf.ts';
import { convertFooter, type Work } from './convert-footer.ts';
import { PAUSE, PLAY, STEP_BACK, STEP_ON } from './icons.ts';
import { convertStyles } from './nightglass-convert.styles.ts';
import type { OpenProgress } from './open-video.ts';
import { SHOWN_NAMES } from './recorder-text.ts';
import { saveFiles } from './save-files.ts';
import { theme } from './theme.styles.ts';
import { positionText } from './wall-clock-text.ts';
import type { ClipFormat, ClipSpan, PictureClock, Workshop } from './workshop.ts';

const FORMATS: Readonly<Record<ClipFormat, string>> = {
  mp4: 'MP4 (H.264)',
  webm: 'WebM',
  gif: 'GIF, 10 pictures a second',
  sheet: 'Contact sheet, PNG',
};
/** Into the picture that is meant. Seconds. */
const NUDGE = 0.001;

/** Shows `clip` in a dialog of its own, and fires `closed`. */
export class NightglassConvert extends LitElement {
  /** Set once by the page. */
  static workshop: Workshop | undefined;

  static override styles = [theme, convertStyles];
  static override properties = {
    clip: { attribute: false },
    shelf: { attribute: false },
    shows: { state: true },
    begin: { state: true },
    last: { state: true },
    label: { state: true },
    beside: { state: true },
    format: { state: true },
    work: { state: true },
    at: { state: true },
    playing: { state: true },
  };

  declare clip: ShelvedClip;
  declare shelf: ClipShelf;
  declare protected shows: Shown;
  /** The first picture that is kept, and the last: when they begin, in the file's own seconds. */
  declare protected begin: number | undefined;
  declare protected last: number | undefined;
  declare protected label: boolean;
  declare protected beside: boolean;
  declare protected format: ClipFormat;
  declare protected work: Work;
  declare protected at: number;
  declare protected playing: boolean;

  #pictures: Promise<PictureClock | undefined> = Promise.resolve(undefined);
  #address = '';
  #first = 0;

  constructor() {
    super();
    this.label = false;
    this.beside = false;
    this.format = 'mp4';
    this.work = { state: 'choosing' };
    this.at = 0;
    this.playing = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.work.state === 'working') this.work.stop.abort();
    this.#letGo();
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('dialog')?.showModal();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('clip')) return;
    const shown = this.clip.evidence.files.map(({ shows }) => shows);
    void this.#show(shown[0] ?? 'original');
  }

  protected override render(): TemplateResult {
    const { clip, work } = this;
    return html`<dialog
      aria-label="Edit ${clip.evidence.camera.title}"
      @keydown=${(event: Event) => event.stopPropagation()}
      @close=${() => this.dispatchEvent(new CustomEvent('closed'))}
    >
      <header><h2>${clip.evidence.camera.title}</h2><button class="close" @click=${this.#close}>Close</button></header>
      <video
        muted
        playsinline
        src=${this.#address || nothing}
        @timeupdate=${this.#look}
        @seeked=${this.#look}
        @play=${this.#look}
        @pause=${this.#look}
      ></video>
      ${this.#transport()} ${this.#choices()}
      <footer>${convertFooter(work, { make: () => void this.#make(), save: saveFiles })}</footer>
    </dialog>`;
  }

  #transport(): TemplateResult {
    return html`<div class="row">
      <button aria-label="One picture back" @click=${() => this.#step(-1)}>${STEP_BACK}</button>
      <button class="play" aria-label=${this.playing ? 'Pause' : 'Play'} @click=${this.#toggle}>
        ${this.playing ? PAUSE : PLAY}
      </button>
      <button aria-label="One picture on" @click=${() => this.#step(1)}>${STEP_ON}</button>
      <input
        class="seek"
        type="range"
        aria-label="Position in the clip"
        min="0"
        step="any"
        max=${(this.clip.evidence.to - this.clip.evidence.from) / 1e6}
        .value=${String(this.at)}
        @input=${(event: Event) => this.#seek((event.target as HTMLInputElement).valueAsNumber)}
      />
      <output>${positionText(this.at * 1e6, true)}</output>
    </div>
    <div class="row">
      <button class="begin" @click=${() => void this.#mark('begin')}>Begin here</button>
      <button class="end" @click=${() => void this.#mark('last')}>End here</button>
      <span class="span">${this.#spanText()}</span>
      ${
        this.begin === undefined && this.last === undefined
          ? nothing
          : html`<button
              class="whole"
              @click=${() => {
                this.begin = undefined;
                this.last = undefined;
              }}
            >
              Whole clip
            </button>`
      }
    </div>`;
  }

  #choices(): TemplateResult {
    const shown = this.clip.evidence.files.map(({ shows }) => shows);
    const both = shown.includes('enhanced') && shown.includes('original');
    return html`<div class="row choices">
      ${
        shown.length < 2
          ? nothing
          : html`<select aria-label="Which file" @change=${this.#chooseFile}>
              ${shown.map((shows) => html`<option value=${shows} ?selected=${shows === this.shows}>${SHOWN_NAMES[shows]}</option>`)}
            </select>`
      }
      ${this.#check('label', 'Name and clock in the picture')}
      ${both && this.shows === 'enhanced' ? this.#check('beside', 'Side by side with the original') : nothing}
      <select
        aria-label="Format"
        @change=${(event: Event) => {
          this.format = (event.target as HTMLSelectElement).value as ClipFormat;
        }}
      >
        ${Object.entries(FORMATS).map(([format, name]) => html`<option value=${format} ?selected=${format === this.format}>${name}</option>`)}
      </select>
    </div>`;
  }

  #check(what: 'label' | 'beside', text: string): TemplateResult {
    return html`<label>
      <input
        type="checkbox"
        .checked=${this[what]}
        @change=${(event: Event) => {
          this[what] = (event.target as HTMLInputElement).checked;
        }}
      />
      ${text}
    </label>`;
  }

  async #show(shows: Shown): Promise<void> {
    this.shows = shows;
    this.begin = undefined;
    this.last = undefined;
    this.#letGo();
    const { clip } = this;
    const name = clip.evidence.files.find((file) => file.shows === shows)?.name;
    const file = (await this.shelf.files(clip)).find((each) => each.name === name);
    if (!file || !this.isConnected) return;
    this.#address = URL.createObjectURL(file);
    this.#pictures = NightglassConvert.workshop?.pictures(file) ?? Promise.resolve(undefined);
    this.requestUpdate();
    this.#first = (await (await this.#pictures)?.at(0)) ?? 0;
  }

  #letGo(): void {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = '';
    void this.#pictures.then((pictures) => pictures?.[Symbol.dispose]());
    this.#pictures = Promise.resolve(undefined);
  }

  get #video(): HTMLVideoElement | null {
    return this.renderRoot.querySelector('video');
  }

  #look = (): void => {
    const video = this.#video;
    if (!video) return;
    this.at = video.currentTime;
    this.playing = !video.paused;
  };

  #toggle = (): void => {
    const video = this.#video;
    if (video?.paused) void video.play();
    else video?.pause();
  };

  #seek(seconds: number): void {
    if (this.#video) this.#video.currentTime = seconds;
  }

  async #step(by: 1 | -1): Promise<void> {
    this.#video?.pause();
    const from = this.#video?.currentTime ?? 0;
    const pictures = await this.#pictures;
    const to = await (by > 0 ? pictures?.after(from) : pictures?.before(from));
    if (to !== undefined) this.#seek(to + NUDGE);
  }

  /** The picture that is shown is the first or the last that is kept; the other mark gives way where it is beyond. */
  async #mark(which: 'begin' | 'last'): Promise<void> {
    this.#video?.pause();
    const shown = await (await this.#pictures)?.at(this.#video?.currentTime ?? 0);
    this[which] = shown;
    if (this.begin !== undefined && this.last !== undefined && this.begin > this.last)
      this[which === 'begin' ? 'last' : 'begin'] = undefined;
  }

  #spanText(): string {
    const { begin, last } = this;
    if (begin === undefined && last === undefined) return 'The whole clip';
    const from = positionText((begin ?? this.#first) * 1e6, true);
    return `From ${from} to ${last === undefined ? 'the end' : positionText(last * 1e6, true)}, both pictures included`;
  }

  async #span(): Promise<ClipSpan | undefined> {
    const pictures = await this.#pictures;
    if (!pictures || (this.begin === undefined && this.last === undefined)) return undefined;
    const end = await pictures.end();
    const from = this.begin ?? this.#first;
    const last = this.last ?? (await pictures.at(end)) ?? from;
    const after = (await pictures.after(last)) ?? end;
    return { from: from - this.#first, last: last - this.#first, end: after - this.#first };
  }

  async #make(): Promise<void> {
    const stop = new AbortController();
    this.work = { state: 'working', progress: undefined, stop };
    const { clip, shows, label, format } = this;
    const beside = this.beside && shows === 'enhanced';
    try {
      const request = { clip, shows, span: await this.#span(), label, beside, format };
      const progress = (now: OpenProgress) => {
        if (this.work.state === 'working') this.work = { state: 'working', progress: now, stop };
      };
      const files = (await NightglassConvert.workshop?.make(request, progress, stop.signal)) ?? [];
      this.work = { state: 'made', files };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.work = stop.signal.aborted ? { state: 'choosing' } : { state: 'failed', why };
    }
  }

  #chooseFile = (event: Event): void => {
    void this.#show((event.target as HTMLSelectElement).value as Shown);
  };

  #close = (): void => this.renderRoot.querySelector('dialog')?.close();
}

customElements.define('nightglass-convert', NightglassConvert);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-convert': NightglassConvert;
  }
}
