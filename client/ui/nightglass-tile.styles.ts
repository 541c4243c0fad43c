/** The look of one camera in the grid, and of the same camera filling the page. */
import { css } from 'lit';

export const tileStyles = css`
  :host {
    display: block;
    position: relative;
    height: 100%;
    --fade: 400ms;
  }

  nightglass-player {
    width: 100%;
    height: 100%;
    aspect-ratio: auto;
  }

  /* The button lies under the picture, which lets presses through, so that a link on the picture stays in reach. */
  .open {
    position: absolute;
    inset: 0;
    padding: 0;
    border: 0;
    background: none;
    cursor: pointer;
  }

  :host(:not([large])) nightglass-player {
    pointer-events: none;
  }

  .frame {
    position: absolute;
    inset: 0;
    display: flex;
    align-items: end;
    pointer-events: none;
    transition: box-shadow var(--quick);
  }

  .open:hover ~ .frame {
    box-shadow: inset 0 0 0 1px var(--ink-faint);
  }

  .open:focus-visible ~ .frame {
    box-shadow: inset 0 0 0 2px var(--lamp);
  }

  .caption {
    display: flex;
    flex: 1;
    align-items: baseline;
    gap: 0.75rem;
    min-width: 0;
    padding: 1.5rem 0.75rem 0.5rem;
    background: linear-gradient(transparent, rgb(0 0 0 / 0.75));
    text-shadow: 0 0 3px #000;
  }

  .title {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .late {
    color: var(--alarm);
    font-size: 0.8125rem;
    white-space: nowrap;
  }

  :host([large]) {
    position: fixed;
    inset: 0;
    z-index: 10;
    height: auto;
    background: #000;
    --note-top: 3.75rem;
  }

  h1:focus {
    outline: none;
  }

  .bar {
    position: absolute;
    inset: 0 0 auto;
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-height: 3.5rem;
    padding: max(0.5rem, env(safe-area-inset-top)) 1rem 0.5rem;
    background: linear-gradient(rgb(0 0 0 / 0.7), transparent);
    pointer-events: none;
  }

  .bar > * {
    pointer-events: auto;
  }

  h1 {
    min-width: 0;
    margin: 0;
    overflow: hidden;
    font-size: 1rem;
    font-weight: 600;
    text-overflow: ellipsis;
    text-shadow: 0 0 3px #000;
    white-space: nowrap;
  }

  .back {
    display: grid;
    flex: none;
    place-items: center;
    width: 2.5rem;
    height: 2.5rem;
    margin-left: -0.5rem;
    border: 0;
    border-radius: 3px;
    background: none;
    cursor: pointer;
    transition: background var(--quick);
  }

  .word {
    flex: none;
    min-height: 2.5rem;
    padding: 0 0.625rem;
    border: 0;
    border-radius: 3px;
    background: none;
    color: var(--ink-dim);
    text-shadow: 0 0 3px #000;
    cursor: pointer;
  }

  a.word {
    display: inline-flex;
    align-items: center;
    text-decoration: none;
  }

  .word:hover,
  .back:hover {
    background: rgb(255 255 255 / 0.09);
  }

  .when {
    position: absolute;
    top: max(0.5rem, env(safe-area-inset-top));
    right: 1rem;
    display: flex;
    gap: 0.6em;
    align-items: center;
    min-height: 2.5rem;
    margin: 0;
    font-size: 1rem;
    text-shadow: 0 0 3px #000;
    pointer-events: none;
    transition: opacity var(--fade);
  }

  .when.past {
    padding: 0 0.75rem;
    border-radius: 3px;
    background: rgb(8 9 9 / 0.6);
  }

  .when b {
    color: var(--lamp);
    font-weight: 600;
  }

  .panel {
    position: absolute;
    inset: auto 0 0;
    padding: 3rem 1rem max(0.75rem, env(safe-area-inset-bottom));
    background: linear-gradient(transparent, rgb(0 0 0 / 0.78) 3rem);
    pointer-events: none;
  }

  .panel > * {
    pointer-events: auto;
  }

  nightglass-timeline {
    margin-bottom: 0.25rem;
  }

  nightglass-controls,
  nightglass-recorder {
    margin-bottom: 0.5rem;
  }

  /* Numbers of a picture that no longer comes say nothing; their room stays. */
  :host(:not([playing])) nightglass-readings {
    visibility: hidden;
  }

  .bar,
  .panel,
  nightglass-timeline,
  nightglass-controls,
  nightglass-readings {
    transition: opacity var(--fade);
  }

  :host([idle]) {
    cursor: none;
    --controls-opacity: 0;
  }

  :host([idle]) .bar,
  :host([idle]) nightglass-timeline,
  :host([idle]) .when:not(.past),
  :host([idle]) nightglass-controls,
  :host([idle]) nightglass-recorder,
  :host([idle]:not([late])) .panel {
    opacity: 0;
  }
`;
