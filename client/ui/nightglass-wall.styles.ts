/** The look of the cameras side by side. */
import { css } from 'lit';

export const wallStyles = css`
  :host {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
    overflow: auto;
  }

  :host([large]) {
    overflow: hidden;
  }

  header {
    display: flex;
    flex: none;
    align-items: baseline;
    gap: 0.875rem;
    padding: 0.75rem 1rem 0.625rem;
  }

  .name {
    margin: 0;
    font-size: 1rem;
    font-weight: 600;
  }

  .clips {
    color: var(--ink-dim);
    font-size: 0.8125rem;
    text-decoration: none;
  }

  .clips:hover {
    color: var(--ink);
  }

  .count,
  .version {
    color: var(--ink-dim);
    font-size: 0.8125rem;
  }

  .version {
    margin-left: auto;
  }

  .open-file {
    padding: 0.25rem 0.5rem;
    border: 0;
    border-radius: 3px;
    background: none;
    color: var(--ink-dim);
    font-size: 0.8125rem;
    cursor: pointer;
  }

  .open-file:hover {
    background: rgb(255 255 255 / 0.09);
    color: var(--ink);
  }

  ul {
    display: grid;
    grid-template-columns: repeat(var(--columns, 1), var(--tile-width, 100%));
    justify-content: center;
    gap: 8px;
    margin: 0;
    padding: 0 0 8px;
    list-style: none;
  }

  li {
    aspect-ratio: 16 / 9;
    background: #000;
  }

  [inert] {
    visibility: hidden;
  }
`;
