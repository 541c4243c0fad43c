/** The look of the Clips page and of each clip on it. */
import { css } from 'lit';

const pressable = css`
  button,
  .actions a {
    display: inline-flex;
    align-items: center;
    min-height: 2.25rem;
    padding: 0 0.625rem;
    border: 0;
    border-radius: 3px;
    background: none;
    color: inherit;
    text-decoration: none;
    white-space: nowrap;
    cursor: pointer;
  }

  button:hover,
  .actions a:hover {
    background: rgb(255 255 255 / 0.09);
  }
`;

export const clipsPageStyles = [
  pressable,
  css`
    dialog {
      width: 100vw;
      max-width: none;
      height: 100dvh;
      max-height: none;
      margin: 0;
      padding: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom)
        env(safe-area-inset-left);
      border: 0;
      background: var(--room);
      color: inherit;
    }

    dialog[open] {
      display: flex;
      flex-direction: column;
    }

    header {
      display: flex;
      flex: none;
      align-items: center;
      gap: 0.5rem;
      padding: 0.375rem 0.5rem;
    }

    h1 {
      margin: 0;
      font-size: 1rem;
      font-weight: 600;
    }

    header p {
      margin: 0 0.5rem 0 auto;
      color: var(--ink-dim);
    }

    main {
      flex: 1;
      min-height: 0;
      overflow: auto;
      padding: 0.25rem 1rem 1.5rem;
    }

    ul {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr));
      gap: 1.5rem 1rem;
      margin: 0;
      padding: 0;
      list-style: none;
    }

    .more,
    .again {
      margin-top: 1rem;
      background: var(--raised);
    }

    .room {
      margin: 1.5rem 0 0;
      color: var(--ink-dim);
      font-size: 0.8125rem;
    }
  `,
];

export const clipStyles = [
  pressable,
  css`
    :host {
      display: block;
    }

    .picture {
      aspect-ratio: 16 / 9;
      background: #000;
    }

    .picture > *,
    .picture img {
      display: block;
      width: 100%;
      height: 100%;
    }

    img {
      object-fit: contain;
    }

    .open {
      position: relative;
      padding: 0;
      border-radius: 0;
    }

    .play {
      position: absolute;
      inset: auto auto 0.5rem 0.5rem;
      display: grid;
      place-items: center;
      width: 2.25rem;
      height: 2.25rem;
      border-radius: 3px;
      background: rgb(10 11 11 / 0.75);
    }

    .open:hover .play {
      color: var(--lamp);
    }

    .picture > .broken {
      display: grid;
      place-items: center;
      padding: 1rem;
      color: var(--ink-dim);
    }

    h2 {
      margin: 0.5rem 0 0;
      font-size: 0.875rem;
      font-weight: 600;
    }

    p {
      margin: 0;
    }

    .facts,
    .missing,
    .cut-off {
      color: var(--ink-dim);
      font-size: 0.8125rem;
    }

    .missing,
    .cut-off {
      color: var(--lamp);
    }

    .choices,
    .actions {
      display: flex;
      flex-wrap: wrap;
      margin: 0.125rem -0.625rem 0;
    }

    .choices + .actions {
      margin-top: 0;
    }

    .choice {
      color: var(--ink-dim);
    }

    .choice[aria-pressed='true'] {
      color: var(--ink);
      box-shadow: inset 0 -2px var(--lamp);
    }

    .actions a {
      color: var(--lamp);
    }

    .delete {
      margin-left: auto;
    }

    .delete.sure {
      color: var(--alarm);
    }
  `,
];
