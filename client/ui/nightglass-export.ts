/** `<nightglass-export>`: marks a span of the past and makes a clip of it. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Shown } from '#wire/evidence.ts';
import type { WallMicros } from '#wire/time.ts';
import type { ExportRequest, ExportState } from '../player-protocol.ts';
import { type Marks, marksChanged, NO_MARKS, spanOfMarks } from './export-marks.ts';
import { exportedText, exportText } from './export-text.ts';
import { exportStyles } from './nightglass-export.styles.ts';
import { clockText, SHOWN_NAMES } from './recorder-text.ts';
import { theme } from './theme.styles.ts';
import { toolRowStyles } from './tool-row.styles.ts';

/** What a person asked of the export. */
export type ExportWish =
  | ({ readonly ask: 'export' } & Pick<ExportRequest, 'span' | 'shows' | 'keepOriginal'>)
  | { readonly ask: 'stop' };

/** Shows `marks` and `exporting`. Fires `mark-asked` ("in" or "out"), `marks-changed` and `export-asked`. */
export class NightglassExport extends LitElement {
  static override styles = [theme, toolRowStyles, exportStyles];
  static override properties = {
    marks: { attribute: false },
    exporting: { attribute: false },
    shows: { state: true },
    keepOriginal: { state: true },
  };

  declare marks: Marks;
  declare exporting: ExportState;
  declare protected shows: Shown;
  declare protected keepOriginal: boolean;

  constructor() {
    super();
    this.marks = NO_MARKS;
    this.exporting = { state: 'idle' };
    this.shows = 'enhanced';
    this.keepOriginal = false;
  }

  protected override render(): TemplateResult {
    const { marks, exporting } = this;
    const running = exporting.state === 'exporting';
    const span = spanOfMarks(marks);
    const some = marks.in !== undefined || marks.out !== undefined;
    return html`
      <div class="group">
        ${this.#mark('in', 'Mark in', 'I')} ${this.#mark('out', 'Mark out', 'O')}
        ${some ? html`<span class="span">${this.#spanText(span)}</span>` : nothing}
        ${span && !running ? this.#choices(span) : nothing}
        ${
          some && !running
            ? html`<button class="clear" @click=${() => this.dispatchEvent(marksChanged(NO_MARKS))}>Clear</button>`
            : nothing
        }
        ${running ? this.#progress(exporting) : nothing}
      </div>
      <p role="status">${exporting.state === 'ended' ? exportedText(exporting) : nothing}</p>
    `;
  }

  #mark(which: 'in' | 'out', label: string, key: string): TemplateResult {
    return html`<button
      class="mark-${which}"
      title="${label} at the picture that is shown (${key})"
      @click=${() => this.dispatchEvent(new CustomEvent('mark-asked', { detail: which }))}
    >${label}</button>`;
  }

  #spanText(span: ReturnType<typeof spanOfMarks>): string {
    const { in: from, out: to } = this.marks;
    const ends = `${from === undefined ? '…' : timeText(from)} – ${to === undefined ? '…' : timeText(to)}`;
    return span ? `${ends} (${clockText((span.to - span.from) / 1e6)})` : ends;
  }

  #choices(span: NonNullable<ReturnType<typeof spanOfMarks>>): TemplateResult {
    const { shows, keepOriginal } = this;
    return html`
      <select
        aria-label="What is exported"
        .value=${shows}
        @change=${(event: Event) => {
          this.shows = (event.target as HTMLSelectElement).value as Shown;
        }}
      >
        ${(Object.keys(SHOWN_NAMES) as Shown[]).map(
          (each) => html`<option value=${each} ?selected=${each === shows}>${SHOWN_NAMES[each]}</option>`,
        )}
      </select>
      ${
        shows === 'original'
          ? nothing
          : html`<label>
              <input
                type="checkbox"
                .checked=${keepOriginal}
                @change=${(event: Event) => {
                  this.keepOriginal = (event.target as HTMLInputElement).checked;
                }}
              />
              keep the original too
            </label>`
      }
      <button
        class="export"
        @click=${() => this.#ask({ ask: 'export', span, shows, keepOriginal: keepOriginal && shows !== 'original' })}
      >Export</button>
    `;
  }

  #progress(exporting: Extract<ExportState, { state: 'exporting' }>): TemplateResult {
    const { pictures, expected } = exporting;
    return html`
      <progress aria-label="Export" max="1" .value=${expected > 0 ? pictures / expected : 0}></progress>
      <span class="progress">${exportText(exporting)}</span>
      <button class="stop" title="What is done is kept" @click=${() => this.#ask({ ask: 'stop' })}>Stop export</button>
    `;
  }

  #ask(detail: ExportWish): void {
    this.dispatchEvent(new CustomEvent('export-asked', { detail, bubbles: true, composed: true }));
  }
}

const timeText = (at: WallMicros): string => {
  const date = new Date(at / 1000);
  return `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0').slice(0, 2)}`;
};

customElements.define('nightglass-export', NightglassExport);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-export': NightglassExport;
  }
  interface HTMLElementEventMap {
    'export-asked': CustomEvent<ExportWish>;
  }
}
