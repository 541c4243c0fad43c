/** The look of the signed-out page. */
import { css } from 'lit';

export const signInStyles = css`
  :host {
    display: block;
    width: min(22rem, 100%);
  }

  h1 {
    margin: 0 0 0.5rem;
    font-size: 1.25rem;
    font-weight: 600;
  }

  p {
    margin: 0 0 1.5rem;
    color: var(--ink-dim);
  }

  code {
    color: var(--ink);
    font-size: 0.8125rem;
  }

  fieldset {
    display: flex;
    gap: 1.25rem;
    margin: 0 0 1rem;
    padding: 0;
    border: 0;
    border-bottom: 1px solid var(--line);
  }

  legend {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }

  .way {
    padding: 0.4rem 0;
    margin-bottom: -1px;
    border-bottom: 1px solid transparent;
    color: var(--ink-dim);
    cursor: pointer;
  }

  .way:has(:checked) {
    border-color: var(--lamp);
    color: var(--ink);
  }

  .way:has(:focus-visible) {
    outline: 2px solid var(--lamp);
    outline-offset: 2px;
  }

  .way input {
    position: absolute;
    opacity: 0;
    pointer-events: none;
  }

  .field {
    display: block;
    margin-bottom: 0.875rem;
    color: var(--ink-dim);
    font-size: 0.8125rem;
  }

  .field input {
    display: block;
    width: 100%;
    height: 2.75rem;
    margin-top: 0.25rem;
    padding: 0 0.75rem;
    border: 1px solid var(--line);
    border-radius: 3px;
    background: var(--raised);
    color: var(--ink);
    font-size: 1rem;
  }

  .field input:focus-visible {
    outline-offset: -1px;
  }

  button {
    width: 100%;
    height: 2.75rem;
    margin-top: 0.25rem;
    border: 0;
    border-radius: 3px;
    background: var(--lamp);
    color: var(--room);
    font-weight: 600;
    cursor: pointer;
  }

  button:hover {
    background: #e6b558;
  }

  button:disabled {
    background: var(--line);
    color: var(--ink-dim);
    cursor: default;
  }

  [role='alert'] {
    min-height: 1.45em;
    margin: 0.75rem 0 0;
    color: var(--alarm);
  }
`;
