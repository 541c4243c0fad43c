/** `<nightglass-divider>`: the before/after line on a picture, drawn by the worker and moved here. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { dividerAfterKey, dividerAt, showsBoth } from './divider-position.ts';
import { dividerStyles } from './nightglass-divider.styles.ts';
import { theme } from './theme.styles.ts';

/** Lies exactly on the picture. Fires `divider-moved` with the wanted position (0…1) and leaves `position` to its owner. */
export class NightglassDivider extends LitElement {
  static override styles = [theme, dividerStyles];
  static override properties = { position: { type: Number } };

  declare position: number;

  constructor() {
    super();
    this.position = 0;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('position')) this.style.setProperty('--position', String(this.position));
  }

  protected override render(): TemplateResult {
    const percent = Math.round(this.position * 100);
    const both = showsBoth(this.position);
    return html`
      ${both ? html`<span class="side before">Camera</span><span class="side after">Enhanced</span>` : nothing}
      <div
        class="handle"
        part="handle"
        role="slider"
        tabindex="0"
        aria-label="Divider between the camera’s picture and the enhanced one"
        aria-orientation="horizontal"
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${percent}
        aria-valuetext="${percent} % as the camera sends it, ${100 - percent} % enhanced"
        @pointerdown=${this.#grab}
        @pointermove=${this.#drag}
        @keydown=${this.#press}
      >
        <div class="grip"></div>
      </div>
    `;
  }

  #grab = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  };

  #drag = (event: PointerEvent): void => {
    if (!(event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId)) return;
    const { left, width } = this.getBoundingClientRect();
    this.#move(dividerAt(event.clientX, left, width));
  };

  #press = (event: KeyboardEvent): void => {
    const position = dividerAfterKey(this.position, event.key, event.shiftKey);
    if (position === undefined) return;
    event.preventDefault();
    this.#move(position);
  };

  #move(position: number): void {
    this.dispatchEvent(new CustomEvent('divider-moved', { detail: position, bubbles: true, composed: true }));
  }
}

customElements.define('nightglass-divider', NightglassDivider);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-divider': NightglassDivider;
  }
  interface HTMLElementEventMap {
    'divider-moved': CustomEvent<number>;
  }
}
