/** The look of the place where files are dropped, and of what is said while one is opened. */
import { css } from 'lit';

export const openFileStyles = css`
  .drop {
    position: fixed;
    inset: 0.75rem;
    z-index: 30;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 0.5rem;
    padding: 1.5rem;
    border: 2px dashed var(--lamp);
    border-radius: 6px;
    background: rgb(10 11 11 / 0.9);
    text-align: center;
    pointer-events: none;
  }

  .drop b {
    font-size: 1.25rem;
    font-weight: 600;
  }

  .drop p {
    max-width: 34rem;
  }

  .card {
    position: fixed;
    top: max(4rem, env(safe-area-inset-top));
    left: 50%;
    z-index: 20;
    display: grid;
    gap: 0.5rem;
    width: min(28rem, calc(100vw - 1.5rem));
    padding: 0.875rem 1rem;
    border: 1px solid var(--line);
    border-radius: 4px;
    background: rgb(10 11 11 / 0.95);
    transform: translateX(-50%);
  }

  .card.failed {
    border-color: var(--alarm);
  }

  .head {
    display: flex;
    gap: 1rem;
    align-items: baseline;
  }

  .head b {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  p {
    margin: 0;
    color: var(--ink-dim);
    text-wrap: pretty;
  }

  .card p {
    font-size: 0.8125rem;
  }

  .card .why {
    color: var(--ink);
    font-size: 0.875rem;
  }

  progress {
    width: 100%;
    height: 0.375rem;
    accent-color: var(--lamp);
  }

  button {
    min-height: 2.25rem;
    margin: -0.5rem -0.5rem -0.5rem 0;
    padding: 0 0.625rem;
    border: 0;
    border-radius: 3px;
    background: none;
    cursor: pointer;
  }

  button:hover {
    background: rgb(255 255 255 / 0.09);
  }
`;
