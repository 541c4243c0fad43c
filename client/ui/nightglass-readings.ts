/** `<nightglass-readings>`: the line of live numbers under the large picture. */
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { WallMicros } from '#wire/time.ts';
import type { TileStats } from '../player-protocol.ts';
import { readings } from './readings.ts';
import { theme } from './theme.styles.ts';

export class NightglassReadings extends LitElement {
  static override styles = [
    theme,
    css`
      :host {
        display: block;
      }

      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0.35rem 1.75rem;
        margin: 0;
      }

      div {
        min-width: 0;
      }

      dt {
        color: var(--ink-dim);
        font-size: 0.6875rem;
        line-height: 1.3;
        letter-spacing: 0.03em;
      }

      dd {
        min-width: calc(var(--width) * 1ch);
        margin: 0;
        overflow: hidden;
        font-size: 0.875rem;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .warning dd {
        color: var(--alarm);
      }

      @media (max-width: 600px) {
        dl {
          gap: 0.35rem 1.1rem;
        }
        dd {
          font-size: 0.8125rem;
        }
      }
    `,
  ];
  static override properties = {
    stats: { attribute: false },
    past: { attribute: false },
    position: { type: Boolean },
  };

  declare stats: TileStats | undefined;
  /** The server's now, where the past is shown. */
  declare past: WallMicros | undefined;
  /** Times are a file's own, from 0:00 on. */
  declare position: boolean;

  protected override render(): TemplateResult | typeof nothing {
    if (this.stats === undefined) return nothing;
    return html`
      <dl>
        ${readings(this.stats, this.past, this.position).map(
          ({ label, value, width, warning }) => html`
            <div class=${warning ? 'warning' : ''} style="--width: ${width}" data-reading=${label}>
              <dt>${label}</dt>
              <dd>${value}</dd>
            </div>
          `,
        )}
      </dl>
    `;
  }
}

customElements.define('nightglass-readings', NightglassReadings);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-readings': NightglassReadings;
  }
}
