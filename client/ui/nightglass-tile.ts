/** `<nightglass-tile>`: one camera on the page, in the grid or filling the page. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { CameraInfo } from '#wire/camera-state.ts';
import type { WallMicros } from '#wire/time.ts';
import type { PlaybackState, Via } from '../playback-state.ts';
import type {
  EngineChoice,
  ExportState,
  RecordingState,
  SnapshotOutcome,
  TileStats,
  TileStatus,
} from '../player-protocol.ts';
import { CLIPS_HASH } from './clips-hash.ts';
import { type Marks, NO_MARKS } from './export-marks.ts';
import { fileTimeText } from './file-time-text.ts';
import { BACK } from './icons.ts';
import { IdleWatch } from './idle-watch.ts';
import { type Look, lookChanged } from './look.ts';
import './nightglass-controls.ts';
import './nightglass-divider.ts';
import type { ExportWish } from './nightglass-export.ts';
import './nightglass-player.ts';
import './nightglass-readings.ts';
import type { RecorderRequest } from './nightglass-recorder.ts';
import { askForFile, closeFile, LIMITS_TEXT, type OpenedVideo } from './open-video.ts';
import './nightglass-recorder.ts';
import { tileStyles } from './nightglass-tile.styles.ts';
import './nightglass-timeline.ts';
import { durationText, isLate } from './readings.ts';
import { PastWatch, pastOfFile, type RecordedPast } from './recorded-past.ts';
import { theme } from './theme.styles.ts';
import { askTime, type TimeRequest } from './time-request.ts';
import { wallClockText } from './wall-clock-text.ts';

/** The same element stands in the grid and large, so that the picture plays on. Fires `open-camera` and `leave-camera`. */
export class NightglassTile extends LitElement {
  static override styles = [theme, tileStyles];
  static override properties = {
    camera: { attribute: false },
    file: { attribute: false },
    engine: { attribute: false },
    model: { attribute: false },
    denoise: { attribute: false },
    via: { attribute: false },
    look: { attribute: false },
    large: { type: Boolean, reflect: true },
    paused: { type: Boolean },
    alone: { type: Boolean },
    stats: { state: true },
    status: { state: true },
    playback: { state: true },
    recording: { state: true },
    snapshot: { state: true },
    marks: { state: true },
    exporting: { state: true },
  };

  declare camera: CameraInfo;
  /** Shown in place of a camera, where it is one. */
  declare file: OpenedVideo | undefined;
  declare engine: EngineChoice;
  declare model: string | undefined;
  declare denoise: boolean;
  declare via: Via;
  declare look: Look;
  declare large: boolean;
  /** Something else covers the page. */
  declare paused: boolean;
  /** There is no grid to go back to. */
  declare alone: boolean;
  declare protected stats: TileStats | undefined;
  declare protected status: TileStatus | undefined;
  declare protected playback: PlaybackState;
  declare protected recording: RecordingState;
  declare protected snapshot: SnapshotOutcome | undefined;
  /** The span of the past that is marked, and what its export is doing. */
  declare marks: Marks;
  declare exporting: ExportState;

  readonly #idleWatch = new IdleWatch(this);
  readonly #pastWatch = new PastWatch(this);

  constructor() {
    super();
    this.denoise = false;
    this.via = 'auto';
    this.playback = { mode: 'live', via: 'ws' };
    this.recording = { state: 'idle' };
    this.marks = NO_MARKS;
    this.exporting = { state: 'idle' };
    this.large = false;
    this.paused = false;
    this.alone = false;
  }

  protected override willUpdate(): void {
    this.#idleWatch.watch(this.large);
    const recorded = this.large && this.file === undefined;
    this.#pastWatch.watch(recorded ? new URL('.', document.baseURI) : undefined, this.camera.name);
    const playing = this.status?.status === 'playing';
    this.toggleAttribute('playing', playing);
    this.toggleAttribute('idle', playing && this.#idleWatch.idle);
    this.toggleAttribute('late', this.#late());
  }

  protected override updated(changed: PropertyValues<this>): void {
    const before = changed.get('large');
    if (before === undefined || before === this.large) return;
    // The grid shows what happens now.
    if (!this.large && this.playback.mode === 'past' && !this.file) this.#askTime({ ask: 'live' });
    // What was pressed is gone: the keyboard goes on from what stands in its place.
    this.renderRoot.querySelector<HTMLElement>(this.large ? 'h1' : '.open')?.focus({ preventScroll: true });
  }

  protected override render(): TemplateResult {
    const { camera, look, large } = this;
    return html`
      ${large ? nothing : this.#openButton()}
      <nightglass-player
        .camera=${camera.name}
        .file=${this.file}
        .title=${camera.title}
        .engine=${this.engine}
        .model=${this.model}
        .denoise=${this.denoise}
        .via=${this.via}
        .enhance=${look.enhance}
        .strength=${look.strength}
        .divider=${large ? look.divider : 0}
        .paused=${this.paused}
        .rendition=${large ? 'main' : 'auto'}
        @stats-changed=${(event: CustomEvent<TileStats>) => {
          this.stats = event.detail;
        }}
        @playback-changed=${(event: CustomEvent<PlaybackState>) => {
          this.playback = event.detail;
        }}
        @recording-changed=${(event: CustomEvent<RecordingState>) => {
          this.recording = event.detail;
        }}
        @export-changed=${(event: CustomEvent<ExportState>) => {
          this.exporting = event.detail;
        }}
        @snapshot-taken=${(event: CustomEvent<SnapshotOutcome>) => {
          this.snapshot = event.detail;
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
    const recording =
      this.recording.state === 'recording' ? html`<span class="late">Recording</span>` : nothing;
    const late = this.#late()
      ? html`<span class="late">${durationText(this.stats?.ageMs ?? null)} late</span>`
      : nothing;
    return html`
      <div class="frame">
        <div class="caption"><span class="title">${this.camera.title}</span>${recording}${late}</div>
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
        ${this.#fileButton()}
        ${this.alone ? html`<a class="word" href=${CLIPS_HASH}>Clips</a>` : nothing}
      </header>
      ${this.#when()}
      <div class="panel">
        ${this.#timeline()}
        <nightglass-controls .look=${this.look}></nightglass-controls>
        <nightglass-recorder
          .recording=${this.recording}
          .snapshot=${this.snapshot}
          .exporting=${this.exporting}
          .playback=${this.playback}
          @recorder-asked=${(event: CustomEvent<RecorderRequest>) => this.#record(event.detail)}
        ></nightglass-recorder>
        <nightglass-readings
          .stats=${this.stats}
          .past=${this.playback.mode === 'past' ? this.#now() : undefined}
          .position=${this.#past()?.clock === 'position'}
        ></nightglass-readings>
      </div>
    `;
  }

  #fileButton(): TemplateResult | typeof nothing {
    const { file } = this;
    if (file)
      return html`<button class="word" @click=${() => this.dispatchEvent(closeFile(file.name))}>Close file</button>`;
    if (!this.alone) return nothing;
    return html`<button class="word" title=${LIMITS_TEXT} @click=${() => this.dispatchEvent(askForFile())}>
      Open a file
    </button>`;
  }

  /** Says plainly whether this is now. */
  #when(): TemplateResult | typeof nothing {
    const { playback, stats, status } = this;
    if (this.file) return html`<p class="when past"><b>File</b> ${fileTimeText(this.playback)}</p>`;
    if (playback.mode === 'past')
      return html`<p class="when past"><b>Past</b> ${wallClockText(playback.at, this.#pastWatch.now)}</p>`;
    return status?.status === 'playing' && stats !== undefined ? html`<p class="when">Live</p>` : nothing;
  }

  #timeline(): TemplateResult | typeof nothing {
    const past = this.#past();
    if (past === undefined) return nothing;
    return html`<nightglass-timeline
      .past=${past}
      .playback=${this.playback}
      .shownAt=${this.stats?.shownCapturedAt ?? null}
      .clock=${() => this.#now()}
      .marks=${this.marks}
      .exporting=${this.exporting}
      @marks-changed=${(event: CustomEvent<Marks>) => {
        this.marks = event.detail;
      }}
      @export-asked=${(event: CustomEvent<ExportWish>) => this.#export(event.detail)}
      @time-asked=${(event: CustomEvent<TimeRequest>) => this.#askTime(event.detail)}
    ></nightglass-timeline>`;
  }

  #past(): RecordedPast | undefined {
    const { playback } = this;
    if (!this.file) return this.#pastWatch.past;
    return playback.mode === 'past' && playback.file ? pastOfFile(playback.file) : undefined;
  }

  /** The server's; a file's is its end. */
  #now(): WallMicros {
    return this.file ? (this.#past()?.now ?? (0 as WallMicros)) : this.#pastWatch.now;
  }

  #askTime(request: TimeRequest): void {
    const control = this.renderRoot.querySelector('nightglass-player')?.time;
    if (control !== undefined) askTime(control, request);
  }

  #export(wish: ExportWish): void {
    const player = this.renderRoot.querySelector('nightglass-player');
    if (wish.ask === 'stop') player?.stopExport();
    else player?.exportSpan(wish);
  }

  #record(request: RecorderRequest): void {
    const player = this.renderRoot.querySelector('nightglass-player');
    if (request.ask === 'snapshot') player?.snapshot();
    if (request.ask === 'stop') player?.stopRecording();
    if (request.ask === 'record') player?.record(request);
  }

  #late(): boolean {
    if (this.playback.mode === 'past') return false;
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
