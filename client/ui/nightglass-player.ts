/** `<nightglass-player>`: one camera, live and enhanced, in any page. */
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import type { Rendition } from '#wire/control.ts';
import type { FileSource, PlaybackControl, PlaybackState, Via } from '../playback-state.ts';
import type {
  EngineChoice,
  ExportRequest,
  ExportState,
  RecordingState,
  RecordRequest,
  SnapshotOutcome,
  TileOptions,
  TileStats,
  TileStatus,
} from '../player-protocol.ts';
import { featuresHere, missingFeature } from './missing-feature.ts';
import { playerStyles } from './nightglass-player.styles.ts';
import { switchedOn, switchedOnByName } from './page-options.ts';
import { theme } from './theme.styles.ts';
import type { Fault, OpenTile, Tile } from './tile.ts';
import { tileMessage } from './tile-message.ts';
import { tileRendition } from './tile-rendition.ts';
import { tileWant } from './tile-want.ts';
import { ViewWatch } from './view-watch.ts';

type Told = ExportState | TileStatus | TileStats | PlaybackState | RecordingState | SnapshotOutcome;

/**
 * Owns its canvas and its tile. Attributes: `camera`, `title`, `server` (base address; the page's own by default),
 * `engine`, `model` (a network's name), `denoise` (averages noise away over time), `via` ("ws" or "hls"; by itself where it says neither), `enhance` ("off" for the plain picture), `strength` and `divider` (0…1), `paused`, `rendition` ("main" or
 * "sub", the camera's smaller stream; by its width where it says neither).
 * Fires `stats-changed`, `status-changed`, `playback-changed`, `recording-changed` and `snapshot-taken`. What is put in its slot `over` lies exactly on the picture.
 */
export class NightglassPlayer extends LitElement {
  /** Set once by the page, before the first player is shown. */
  static openTile: OpenTile | undefined;

  static override styles = [theme, playerStyles];
  static override properties = {
    camera: { type: String },
    file: { attribute: false },
    title: { type: String },
    server: { type: String },
    engine: { type: String },
    model: { type: String },
    denoise: { converter: switchedOnByName },
    via: { type: String },
    playback: { attribute: false },
    recording: { attribute: false },
    enhance: { converter: switchedOn },
    strength: { type: Number },
    divider: { type: Number },
    paused: { type: Boolean },
    rendition: { type: String },
    status: { attribute: false },
    stats: { attribute: false },
    problem: { state: true },
    canvas: { state: true },
  };

  declare camera: string;
  /** Shown in place of a camera; `camera` names it then. */
  declare file: FileSource | undefined;
  declare title: string;
  declare server: string;
  declare engine: EngineChoice;
  /** A network's name, where no other is to be used. */
  declare model: string | undefined;
  /** Averages noise away over time before the network; the first player of a server chooses for all. */
  declare denoise: boolean;
  declare via: Via;
  declare enhance: boolean;
  declare strength: number;
  declare divider: number;
  declare paused: boolean;
  declare rendition: Rendition | 'auto';
  /** What the tile is doing. */
  declare status: TileStatus;
  /** What is shown: now, or what was. */
  declare playback: PlaybackState;
  /** What the tile's recording is doing. */
  declare recording: RecordingState;
  /** The tile's latest numbers; nothing until the first have come. */
  declare stats: TileStats | undefined;
  /** Why nothing will ever be shown here. */
  declare protected problem: string | undefined;
  declare protected canvas: HTMLCanvasElement | undefined;

  readonly #view = new ViewWatch(this);
  #tile: Tile | undefined;
  #shown: Rendition | undefined;
  #sent = '';

  constructor() {
    super();
    this.camera = '';
    this.title = '';
    this.server = '';
    this.engine = 'auto';
    this.denoise = false;
    this.via = 'auto';
    this.playback = { mode: 'live', via: 'ws' };
    this.recording = { state: 'idle' };
    this.enhance = true;
    this.strength = 1;
    this.divider = 0;
    this.paused = false;
    this.rendition = 'auto';
    this.status = { status: 'connecting' };
  }

  /** Goes into the past and back; nothing before the tile is open. */
  get time(): PlaybackControl | undefined {
    return this.#tile?.playback;
  }

  /** Records what is shown, also while the page is hidden, until it is stopped or the element is gone. */
  record(request: Omit<RecordRequest, 'title'>): void {
    this.#tile?.record({ ...request, title: this.title || this.camera });
  }

  stopRecording(): void {
    this.#tile?.stopRecording();
  }

  /** Makes a clip of a span of the camera's past, among this browser's clips. Fires `export-changed` as it goes. */
  exportSpan(request: Omit<ExportRequest, 'title' | 'addresses'>): void {
    this.#tile?.exportSpan({ ...request, title: this.title || this.camera });
  }

  stopExport(): void {
    this.#tile?.stopExport();
  }

  /** Keeps the picture that is shown, among this browser's clips. */
  snapshot(): void {
    this.#tile?.snapshot(this.title || this.camera);
  }

  /** Rehearses a fault, so that a person or a test can watch the recovery. */
  rehearse(fault: Fault): void {
    this.#tile?.rehearse(fault);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // An element that is put back into a page opens its tile anew.
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#closeTile();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.stats !== undefined && this.stats.width > 0 && this.stats.height > 0)
      this.style.setProperty('--picture-aspect', String(this.stats.width / this.stats.height));
    if (changed.has('camera') || changed.has('server') || changed.has('file')) this.#closeTile();
    if (this.#tile === undefined && this.isConnected && this.camera !== '') this.#openTile();
    else this.#sendOptions();
  }

  protected override render(): TemplateResult {
    const { status, problem, enhance, canvas } = this;
    const title = this.title || this.camera;
    return html`
      <div class="picture" role="group" aria-label=${title}>
        ${canvas}
        <slot name="over"></slot>
      </div>
      <div role="status">${tileMessage({ status, title, problem, enhance, server: this.#server() })}</div>
    `;
  }

  #openTile(): void {
    this.problem = missingFeature(featuresHere());
    if (this.problem !== undefined || NightglassPlayer.openTile === undefined) return;
    this.#view.look();
    const { camera, file, engine, model, denoise, via } = this;
    const options = this.#options();
    this.#sent = JSON.stringify(options);
    this.#tile = NightglassPlayer.openTile(
      {
        server: this.#server(),
        engine,
        model,
        denoise,
        via,
        camera,
        file,
        canvas: this.#freshCanvas(),
        options,
      },
      {
        statusChanged: (status) => {
          this.status = status;
          this.#tell('status-changed', status);
        },
        statsChanged: (stats) => {
          this.stats = stats;
          this.#tell('stats-changed', stats);
        },
        recordingChanged: (recording) => {
          this.recording = recording;
          this.#tell('recording-changed', recording);
        },
        exportChanged: (state) => this.#tell('export-changed', state),
        snapshotTaken: (outcome) => this.#tell('snapshot-taken', outcome),
        playbackChanged: (playback) => {
          this.playback = playback;
          this.#tell('playback-changed', playback);
        },
        canvasWanted: () => this.#tile?.replaceCanvas(this.#freshCanvas()),
        failed: (reason) => {
          this.problem = `The player could not be started: ${reason}. Reload the page.`;
        },
      },
    );
  }

  #closeTile(): void {
    this.#tile?.close();
    this.#tile = undefined;
    this.canvas = undefined;
    this.stats = undefined;
    this.status = { status: 'connecting' };
    this.recording = { state: 'idle' };
    this.playback = { mode: 'live', via: 'ws' };
  }

  #freshCanvas(): OffscreenCanvas {
    this.canvas = document.createElement('canvas');
    return this.canvas.transferControlToOffscreen();
  }

  #sendOptions(): void {
    const options = this.#options();
    const text = JSON.stringify(options);
    if (this.#tile === undefined || text === this.#sent) return;
    this.#sent = text;
    this.#tile.setOptions(options);
  }

  #options(): TileOptions {
    const { enhance, strength, divider, paused, rendition } = this;
    const { inView, pageHidden, width } = this.#view;
    // A recording goes on as it began, whether anybody sees it or not.
    const recording = this.recording.state === 'recording';
    if (!recording || this.#shown === undefined)
      this.#shown =
        rendition === 'main' || rendition === 'sub' ? rendition : tileRendition(width, this.#shown);
    const want = recording ? 'live' : tileWant({ pageHidden, inView, paused });
    return { want, rendition: this.#shown, enhance, strength, divider };
  }

  #server(): URL {
    return new URL(this.server || '.', document.baseURI);
  }

  #tell(type: string, detail: Told): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

customElements.define('nightglass-player', NightglassPlayer);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-player': NightglassPlayer;
  }
}
