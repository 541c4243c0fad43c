/** `<nightglass-controls>`: what a viewer can change about the large picture. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { dividerAfterCompare, showsBoth } from './divider-position.ts';
import { COMPARE, ENTER_FULL_SCREEN, LEAVE_FULL_SCREEN } from './icons.ts';
import { type Look, lookChanged } from './look.ts';
import { controlsStyles } from './nightglass-controls.styles.ts';
import { theme } from './theme.styles.ts';

/** Shows `look` and asks for changes by `look-changed`. */
export class NightglassControls extends LitElement {
  static override styles = [theme, controlsStyles];
  static override properties = { look: { attribute: false } };

  declare look: Look;
  #watching: AbortController | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    document.addEventListener('fullscreenchange', () => this.requestUpdate(), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#watching?.abort();
  }

  protected override render(): TemplateResult {
    const { enhance, strength, divider } = this.look;
    return html`
      <div class="group">
        <button
          class="enhance"
          role="switch"
          aria-checked=${enhance}
          @click=${() => this.dispatchEvent(lookChanged({ enhance: !enhance }))}
        >
          <span class="track"></span>Enhance
        </button>
        <button
          class="compare"
          aria-pressed=${enhance && showsBoth(divider)}
          ?disabled=${!enhance}
          @click=${() => this.dispatchEvent(lookChanged({ divider: dividerAfterCompare(divider) }))}
        >
          ${COMPARE}Compare
        </button>
      </div>
      <label aria-disabled=${!enhance}>
        Strength
        <input
          type="range"
          min="0"
          max="1"
          step="0.05"
          style="--value: ${strength}"
          .value=${String(strength)}
          ?disabled=${!enhance}
          aria-valuetext="${Math.round(strength * 100)} %"
          @input=${this.#setStrength}
        />
        <output>${Math.round(strength * 100)} %</output>
      </label>
      <span class="spring"></span>
      <div class="group last">${this.#fullScreenButton()}</div>
    `;
  }

  #fullScreenButton(): TemplateResult | typeof nothing {
    if (!document.fullscreenEnabled) return nothing;
    const full = document.fullscreenElement !== null;
    return html`
      <button
        class="full-screen"
        aria-label=${full ? 'Leave full screen' : 'Full screen'}
        title=${full ? 'Leave full screen' : 'Full screen'}
        @click=${this.#toggleFullScreen}
      >
        ${full ? LEAVE_FULL_SCREEN : ENTER_FULL_SCREEN}
      </button>
    `;
  }

  #setStrength = (event: InputEvent): void => {
    this.dispatchEvent(lookChanged({ strength: (event.target as HTMLInputElement).valueAsNumber }));
  };

  #toggleFullScreen = async (): Promise<void> => {
    if (document.fullscreenElement === null) await document.documentElement.requestFullscreen();
    else await document.exitFullscreen();
  };
}

customElements.define('nightglass-controls', NightglassControls);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-controls': NightglassControls;
  }
}
