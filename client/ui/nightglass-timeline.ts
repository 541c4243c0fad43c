/** `<nightglass-timeline>`: a camera's past under its picture: what was recorded, where one is in it, and how it plays. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { WallMicros } from '#wire/time.ts';
import type { PlaybackState, Rate } from '../playback-state.ts';
import type { ExportState } from '../player-protocol.ts';
import { type Marks, marked, markOfKey, marksChanged, NO_MARKS } from './export-marks.ts';
import { PAUSE, PLAY, STEP_BACK, STEP_ON, ZOOM_IN, ZOOM_OUT } from './icons.ts';
import './nightglass-export.ts';
import { timelineStyles } from './nightglass-timeline.styles.ts';
import type { RecordedPast } from './recorded-past.ts';
import { theme } from './theme.styles.ts';
import { moves, RATES, rateText, requestOfKey, type TimeRequest, timeAsked } from './time-request.ts';
import { timelineHelp } from './timeline-help.ts';
import type { MarksParts } from './timeline-marks.ts';
import { TimelineScrub } from './timeline-scrub.ts';
import { timelineTrack } from './timeline-track.ts';
import {
  firstView,
  followed,
  showing,
  type TimelineLimits,
  type TimelineView,
  zoomed,
} from './timeline-view.ts';

const HOUR = 3600e6;
const TICK_MS = 1000;
const ZOOM = 2;

/** Shows `past` and `playback`, and asks for other times by `time-asked`. Its keys work on the whole page. */
export class NightglassTimeline extends LitElement {
  static override styles = [theme, timelineStyles];
  static override properties = {
    past: { attribute: false },
    playback: { attribute: false },
    shownAt: { attribute: false },
    clock: { attribute: false },
    marks: { attribute: false },
    exporting: { attribute: false },
    view: { state: true },
    scrubbing: { state: true },
    helping: { state: true },
  };

  declare past: RecordedPast | undefined;
  declare playback: PlaybackState;
  /** Of the picture that is shown; null before there is one. */
  declare shownAt: WallMicros | null;
  /** The server's now. */
  declare clock: () => WallMicros;
  /** The span that is marked, to be exported; `marks-changed` asks for another. */
  declare marks: Marks;
  declare exporting: ExportState;
  declare protected view: TimelineView | undefined;
  /** Where the pointer drags the position to. */
  declare protected scrubbing: WallMicros | undefined;
  declare protected helping: boolean;

  #connected: AbortController | undefined;
  readonly #scrub = new TimelineScrub({
    view: () => this.view,
    limits: () => this.#limits(),
    moved: (view) => {
      this.view = view;
    },
    scrubbed: (at) => {
      this.scrubbing = at;
      if (at !== undefined) this.#ask({ ask: 'seek', at });
    },
    live: () => this.#ask({ ask: 'live' }),
  });

  constructor() {
    super();
    this.playback = { mode: 'live', via: 'ws' };
    this.shownAt = null;
    this.clock = () => 0 as WallMicros;
    this.helping = false;
    this.marks = NO_MARKS;
    this.exporting = { state: 'idle' };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#connected = new AbortController();
    const { signal } = this.#connected;
    window.addEventListener('keydown', this.#press, { signal });
    const ticking = setInterval(() => this.requestUpdate(), TICK_MS);
    signal.addEventListener('abort', () => clearInterval(ticking));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#connected?.abort();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.past === undefined) return;
    const limits = this.#limits();
    this.view ??= firstView(limits);
    if (this.playback.mode === 'live' && this.scrubbing === undefined)
      this.view = followed(this.view, limits.now);
    else if (changed.has('playback') && this.playback.mode === 'past' && this.scrubbing === undefined)
      this.view = showing(this.view, this.playback.at, limits);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { past, view, playback } = this;
    if (past === undefined || view === undefined) return nothing;
    const at = this.scrubbing ?? this.#at();
    return html`
      ${timelineTrack({ past, view, at, now: this.clock(), live: playback.mode === 'live', scrub: this.#scrub, width: this.clientWidth, marks: this.#marks(view) })}
      <div class="row">
        ${this.#transport()}
        <span class="spring"></span>
        ${past.state === 'recording' || past.state === 'file' ? nothing : html`<span class="paused">${pausedText(past)}</span>`}
        <button aria-label="Show more of the past" title="Show more of the past" @click=${() => this.#zoom(ZOOM)}>${ZOOM_OUT}</button>
        <button aria-label="Show less, in more detail" title="Show less, in more detail" @click=${() => this.#zoom(1 / ZOOM)}>${ZOOM_IN}</button>
        <button class="keys" aria-label="Keys" title="Keys" aria-expanded=${this.helping} @click=${() => {
          this.helping = !this.helping;
        }}>?</button>
        ${
          past.state === 'file'
            ? nothing
            : html`<button
                class="live"
                aria-pressed=${playback.mode === 'live'}
                title="Live (Shift+L)"
                @click=${() => this.#ask({ ask: 'live' })}
              >Live</button>`
        }
      </div>
      ${
        past.state === 'file'
          ? nothing
          : html`<nightglass-export
              .marks=${this.marks}
              .exporting=${this.exporting}
              @mark-asked=${(event: CustomEvent<'in' | 'out'>) => this.#mark(event.detail)}
            ></nightglass-export>`
      }
      ${this.helping ? timelineHelp() : nothing}
    `;
  }

  #transport(): TemplateResult {
    const { playback } = this;
    const past = playback.mode === 'past';
    const playing = !past || moves(playback);
    const rate = past ? playback.rate : 1;
    return html`
      <button aria-label="One picture back" title="One picture back (,)" @click=${() => this.#ask({ ask: 'step', by: -1 })}>${STEP_BACK}</button>
      <button
        class="play"
        aria-label=${playing ? 'Pause' : 'Play'}
        title="${playing ? 'Pause' : 'Play'} (Space)"
        @click=${() => this.#ask({ ask: playing ? 'pause' : 'play' })}
      >${playing ? PAUSE : PLAY}</button>
      <button aria-label="One picture on" title="One picture on (.)" ?disabled=${!past} @click=${() => this.#ask({ ask: 'step', by: 1 })}>${STEP_ON}</button>
      <select
        aria-label="Speed"
        ?disabled=${!past}
        @change=${(event: Event) => this.#ask({ ask: 'rate', rate: Number((event.target as HTMLSelectElement).value) as Rate })}
      >
        ${RATES.map((each) => html`<option value=${each} ?selected=${each === rate} .selected=${each === rate}>${rateText(each)}</option>`)}
      </select>
    `;
  }

  #at(): WallMicros {
    if (this.playback.mode === 'past') return this.playback.at;
    return this.clock();
  }

  #limits(): TimelineLimits {
    const now = this.clock();
    const { hours = 0, spans = [], state } = this.past ?? {};
    const oldest = Math.max(now - hours * HOUR, spans[0]?.from ?? 0);
    return { now, oldest, file: state === 'file' };
  }

  #marks(view: TimelineView): MarksParts {
    const { marks } = this;
    return { marks, view, limits: this.#limits(), changed: (next) => this.dispatchEvent(marksChanged(next)) };
  }

  /** At the picture that is shown. */
  #mark(which: 'in' | 'out'): void {
    const at = this.playback.mode === 'past' ? this.playback.at : this.shownAt;
    if (at !== null) this.dispatchEvent(marksChanged(marked(this.marks, which, at)));
  }

  #zoom(factor: number): void {
    if (this.view !== undefined) this.view = zoomed(this.view, this.#at(), factor, this.#limits());
  }

  #press = (event: KeyboardEvent): void => {
    if (this.past === undefined || event.ctrlKey || event.altKey || event.metaKey || usesKey(event)) return;
    const { past, playback, shownAt } = this;
    const oldest = (this.past.spans[0]?.from ?? this.clock()) as WallMicros;
    const mark = past.state === 'file' ? undefined : markOfKey(event.key);
    if (mark !== undefined) {
      event.preventDefault();
      this.#mark(mark);
      return;
    }
    const request = requestOfKey(event, { playback, shownAt, oldest, now: this.clock() });
    if (request === undefined) return;
    event.preventDefault();
    this.#ask(request);
  };

  #ask(request: TimeRequest): void {
    this.dispatchEvent(timeAsked(request));
  }
}

/** True where the key belongs to what has the focus: a slider's or a list's arrows, a button's space, anything typed. */
function usesKey(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches('textarea, select, input, [role="slider"]:not(.track)')) return true;
  return event.key === ' ' && target.matches('button, a, summary');
}

const pausedText = ({ state, message }: RecordedPast): string =>
  state === 'paused' ? (message ?? 'Recording rests: the server’s disk is nearly full.') : 'Not recording.';

customElements.define('nightglass-timeline', NightglassTimeline);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-timeline': NightglassTimeline;
  }
}
