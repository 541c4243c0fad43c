/** The look of the controls over the large picture. */
import { css } from 'lit';

export const controlsStyles = css`
  :host {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 1.25rem;
  }

  .spring {
    flex: 1;
  }

  button {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    min-height: 2.5rem;
    padding: 0 0.625rem;
    border: 0;
    border-radius: 3px;
    background: none;
    cursor: pointer;
    white-space: nowrap;
    transition: background var(--quick);
  }

  button:hover {
    background: rgb(255 255 255 / 0.09);
  }

  .group {
    display: flex;
    align-items: center;
    gap: 0.25rem;
    margin: 0 -0.625rem;
  }

  .last {
    order: 1;
  }

  .track {
    width: 1.9rem;
    height: 1.05rem;
    padding: 2px;
    border: 1px solid var(--ink-faint);
    border-radius: 1rem;
    transition: background var(--quick), border-color var(--quick);
  }

  .track::before {
    content: '';
    display: block;
    height: 100%;
    aspect-ratio: 1;
    border-radius: 50%;
    background: var(--ink-dim);
    transition: transform var(--quick), background var(--quick);
  }

  [aria-checked='true'] .track {
    border-color: var(--lamp);
    background: var(--lamp);
  }

  [aria-checked='true'] .track::before {
    background: var(--room);
    transform: translateX(0.85rem);
  }

  [aria-pressed='true'] {
    color: var(--lamp);
  }

  label {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    min-height: 2.5rem;
  }

  output {
    min-width: 5.5ch;
    color: var(--ink-dim);
  }

  label[aria-disabled='true'],
  button:disabled {
    color: var(--ink-faint);
    cursor: default;
  }

  input[type='range'] {
    width: clamp(5rem, 14vw, 14rem);
    height: 1.5rem;
    margin: 0;
    background: none;
    appearance: none;
    cursor: pointer;
    --filled: linear-gradient(var(--lamp) 0 0) 0 / calc(var(--value) * 100%) 100% no-repeat;
  }

  input::-webkit-slider-runnable-track {
    height: 2px;
    background: var(--filled), var(--ink-faint);
  }

  input::-moz-range-track {
    height: 2px;
    background: var(--filled), var(--ink-faint);
  }

  input::-webkit-slider-thumb {
    width: 0.875rem;
    height: 0.875rem;
    margin-top: calc(1px - 0.4375rem);
    border: 0;
    border-radius: 50%;
    background: var(--ink);
    appearance: none;
  }

  input::-moz-range-thumb {
    width: 0.875rem;
    height: 0.875rem;
    border: 0;
    border-radius: 50%;
    background: var(--ink);
  }

  input:disabled {
    opacity: 0.4;
    cursor: default;
  }

  @media (max-width: 600px) {
    label {
      order: 2;
      flex: 1 0 100%;
    }
    input[type='range'] {
      flex: 1;
    }
  }
`;
