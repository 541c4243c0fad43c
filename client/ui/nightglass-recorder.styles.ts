/** The look of the recorder over the large picture, and of its list of clips. */
import { css } from 'lit';

export const recorderStyles = css`
  :host {
    display: flex;
    position: relative;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 1.25rem;
  }

  button {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    white-space: nowrap;
  }

  button:disabled {
    color: var(--ink-faint);
    cursor: default;
  }

  .record svg {
    color: var(--alarm);
  }

  .record[aria-pressed='true'] {
    color: var(--alarm);
  }

  .progress {
    min-width: 9rem;
    padding: 0 0.625rem;
  }

  .count {
    color: var(--ink-dim);
  }

  [aria-expanded='true'] {
    color: var(--lamp);
  }

  nightglass-recorder-clips {
    position: absolute;
    bottom: calc(100% + 0.5rem);
    left: -0.25rem;
  }
`;

export const clipsStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    width: min(44rem, calc(100vw - 1.5rem));
    max-height: min(22rem, 55vh);
    padding: 0.25rem 0 0.5rem;
    border: 1px solid var(--line);
    border-radius: 3px;
    background: rgb(10 11 11 / 0.95);
  }

  ul {
    margin: 0;
    padding: 0;
    overflow-y: auto;
    list-style: none;
  }

  li {
    display: flex;
    align-items: center;
    gap: 0.25rem;
    padding: 0.35rem 0.5rem 0.35rem 0.75rem;
  }

  li + li {
    border-top: 1px solid var(--line);
  }

  .what {
    flex: 1;
    min-width: 0;
  }

  b {
    font-weight: 600;
  }

  .what > span {
    display: block;
    color: var(--ink-dim);
    font-size: 0.8125rem;
  }

  .what > .missing,
  .what > .cut-off {
    color: var(--lamp);
  }

  p {
    margin: 0.5rem 0.75rem 0;
    color: var(--ink-dim);
    font-size: 0.75rem;
  }

  button {
    min-height: 2.25rem;
    padding: 0 0.625rem;
    border: 0;
    border-radius: 3px;
    background: none;
    cursor: pointer;
    white-space: nowrap;
  }

  button:hover {
    background: rgb(255 255 255 / 0.09);
  }

  .sure {
    color: var(--alarm);
  }

  .kept {
    padding: 0 0.625rem;
    white-space: nowrap;
  }

  .sending {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    padding: 0 0.625rem;
    color: var(--ink-dim);
    white-space: nowrap;
  }

  progress {
    width: 5rem;
    height: 0.375rem;
    accent-color: var(--lamp);
  }

  .failed {
    max-width: 14rem;
    color: var(--alarm);
    font-size: 0.8125rem;
  }
`;
