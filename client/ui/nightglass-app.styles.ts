/** The look of the page around its cameras, and of plain words where there are none. */
import { css } from 'lit';

export const appStyles = css`
  :host {
    position: fixed;
    inset: 0;
    display: flex;
    flex-direction: column;
    padding: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom)
      env(safe-area-inset-left);
    background: var(--room);
  }

  main {
    display: grid;
    flex: 1;
    overflow: auto;
    place-content: center;
    padding: 1.5rem;
  }

  .words {
    width: min(32rem, 100%);
  }

  h1 {
    margin: 0 0 0.5rem;
    font-size: 1.25rem;
    font-weight: 600;
  }

  p {
    margin: 0 0 0.75rem;
    color: var(--ink-dim);
    text-wrap: pretty;
  }

  .open-file {
    min-height: 2.5rem;
    padding: 0 0.875rem;
    border: 1px solid var(--ink-faint);
    border-radius: 3px;
    background: none;
    cursor: pointer;
  }

  .open-file:hover {
    background: rgb(255 255 255 / 0.09);
  }

  code {
    color: var(--ink);
    font-size: 0.8125rem;
    overflow-wrap: anywhere;
  }
`;
