/** `<nightglass-recorder>`: records what the large picture shows, keeps single pictures, and shows what was kept. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Shown } from '#wire/evidence.ts';
import type { PlaybackState } from '../playback-state.ts';
import type { ExportState, RecordingState, RecordRequest, SnapshotOutcome } from '../player-protocol.ts';
import type { ClipShelf, ShelvedClip } from './clip-shelf.ts';
import { CLIPS, RECORD, SNAPSHOT, STOP } from './icons.ts';
import './nightglass-convert.ts';
import './nightglass-recorder-clips.ts';
import { recorderStyles } from './nightglass-recorder.styles.ts';
import { endedText, noOriginalText, originalComes, progressText, SHOWN_NAMES } from './recorder-text.ts';
import { saveFiles } from './save-files.ts';
import { theme } from './theme.styles.ts';
import { toolRowStyles } from './tool-row.styles.ts';

/** What a person asked of the recorder. */
export type RecorderRequest =
  | ({ readonly ask: 'record' } & Omit<RecordRequest, 'title'>)
  | { readonly ask: 'stop' }
  | { readonly ask: 'snapshot' };

/** Shows `recording` and asks for changes by `recorder-asked`. */
export class NightglassRecorder extends LitElement {
  /** Set once by the page, before the first recorder is shown. */
  static shelf: ClipShelf | undefined;

  static override styles = [theme, toolRowStyles, recorderStyles];
  static override properties = {
    recording: { attribute: false },
    snapshot: { attribute: false },
    exporting: { attribute: false },
    playback: { attribute: false },
    shows: { state: true },
    keepOriginal: { state: true },
    clips: { state: true },
    listed: { state: true },
    note: { state: true },
    edited: { state: true },
  };

  declare recording: RecordingState;
  /** What became of the snapshot that was asked for last. */
  declare snapshot: SnapshotOutcome | undefined;
  /** Its clips are listed here too, when it has ended. */
  declare exporting: ExportState;
  /** Says whether the original can be recorded. */
  declare playback: PlaybackState;
  declare protected shows: Shown;
  declare protected keepOriginal: boolean;
  declare protected clips: readonly ShelvedClip[];
  /** The list is open. */
  declare protected listed: boolean;
  declare protected note: string;
  /** The clip that another is made of. */
  declare protected edited: ShelvedClip | undefined;

  constructor() {
    super();
    this.recording = { state: 'idle' };
    this.exporting = { state: 'idle' };
    this.playback = { mode: 'live', via: 'ws' };
    this.shows = 'enhanced';
    this.keepOriginal = false;
    this.clips = [];
    this.listed = false;
    this.note = '';
    this.addEventListener('keydown', this.#escape);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#recover();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!originalComes(this.playback) && this.shows === 'original') this.shows = 'enhanced';
    if (changed.has('recording') && this.recording.state !== 'idle') {
      this.note = this.recording.state === 'ended' ? endedText(this.recording) : '';
      if (this.recording.state === 'ended') void this.#list();
    }
    if (changed.has('exporting') && this.exporting.state === 'ended') void this.#list();
    if (changed.has('snapshot') && this.snapshot !== undefined) {
      this.note =
        'id' in this.snapshot
          ? 'Snapshot kept.'
          : `The snapshot could not be kept: ${this.snapshot.failure.message}.`;
      void this.#list();
    }
  }

  protected override render(): TemplateResult {
    const { recording, clips, listed, note } = this;
    const running = recording.state === 'recording';
    return html`
      ${
        listed
          ? html`<nightglass-recorder-clips
              .clips=${clips}
              @save-clip=${(event: CustomEvent<ShelvedClip>) => this.#save(event.detail)}
              @edit-clip=${(event: CustomEvent<ShelvedClip>) => {
                this.edited = event.detail;
              }}
              @delete-clip=${(event: CustomEvent<ShelvedClip>) => this.#delete(event.detail)}
            ></nightglass-recorder-clips>`
          : nothing
      }
      <div class="group">
        <button class="record" aria-pressed=${running} @click=${this.#toggle}>
          ${running ? STOP : RECORD}${running ? 'Stop' : 'Record'}
        </button>
        ${running ? html`<span class="progress">${progressText(recording)}</span>` : this.#choices()}
        <button class="snapshot" @click=${() => this.#ask({ ask: 'snapshot' })}>${SNAPSHOT}Snapshot</button>
        <button
          class="clips"
          aria-expanded=${listed}
          ?disabled=${clips.length === 0}
          @click=${() => {
            this.listed = !listed;
          }}
        >
          ${CLIPS}Clips <span class="count">${clips.length}</span>
        </button>
      </div>
      <p role="status">${note}</p>
      <p class="no-original">${this.#noOriginal()}</p>
      ${this.#editor()}
    `;
  }

  #choices(): TemplateResult {
    return html`
      <select
        aria-label="What is recorded"
        .value=${this.shows}
        @change=${(event: Event) => {
          this.shows = (event.target as HTMLSelectElement).value as Shown;
        }}
      >
        ${(Object.keys(SHOWN_NAMES) as Shown[]).map(
          (shows) =>
            html`<option value=${shows} ?selected=${shows === this.shows} ?disabled=${shows === 'original' && !originalComes(this.playback)}>
              ${SHOWN_NAMES[shows]}
            </option>`,
        )}
      </select>
      ${
        this.shows === 'original' || !originalComes(this.playback)
          ? nothing
          : html`<label>
              <input
                type="checkbox"
                .checked=${this.keepOriginal}
                @change=${(event: Event) => {
                  this.keepOriginal = (event.target as HTMLInputElement).checked;
                }}
              />
              and the original
            </label>`
      }
    `;
  }

  /** Said while something is chosen, and while units are recorded that do not come any more. */
  #noOriginal(): string {
    const { recording, playback } = this;
    const wanted = recording.state !== 'recording' || recording.shows === 'original';
    return wanted ? noOriginalText(playback) : '';
  }

  #editor(): TemplateResult | typeof nothing {
    const { shelf } = NightglassRecorder;
    if (!this.edited || !shelf) return nothing;
    return html`<nightglass-convert
      .clip=${this.edited}
      .shelf=${shelf}
      @closed=${() => {
        this.edited = undefined;
      }}
    ></nightglass-convert>`;
  }

  /** Closes the list, and nothing behind it. */
  readonly #escape = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !this.listed || this.edited) return;
    event.stopPropagation();
    this.listed = false;
    this.renderRoot.querySelector<HTMLElement>('.clips')?.focus();
  };

  #toggle = (): void => {
    const { shows } = this;
    const keepOriginal = this.keepOriginal && shows !== 'original' && originalComes(this.playback);
    if (this.recording.state === 'recording') this.#ask({ ask: 'stop' });
    else this.#ask({ ask: 'record', shows, keepOriginal });
  };

  #ask(detail: RecorderRequest): void {
    this.dispatchEvent(new CustomEvent('recorder-asked', { detail }));
  }

  async #recover(): Promise<void> {
    const found = (await NightglassRecorder.shelf?.recover()) ?? 0;
    await this.#list();
    if (found === 0) return;
    this.listed = true;
    this.note = found === 1 ? 'A recording was cut off.' : `${found} recordings were cut off.`;
  }

  async #list(): Promise<void> {
    this.clips = (await NightglassRecorder.shelf?.list()) ?? [];
    if (this.clips.length === 0) this.listed = false;
  }

  async #save(clip: ShelvedClip): Promise<void> {
    saveFiles((await NightglassRecorder.shelf?.files(clip)) ?? []);
  }

  async #delete({ id }: ShelvedClip): Promise<void> {
    await NightglassRecorder.shelf?.delete(id);
    await this.#list();
  }
}

customElements.define('nightglass-recorder', NightglassRecorder);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-recorder': NightglassRecorder;
  }
}
