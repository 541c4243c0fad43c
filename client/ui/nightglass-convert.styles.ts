/** The look of the dialog in which a clip is edited. */
import { css } from 'lit';

export const convertStyles = css`
  dialog {
    width: min(44rem, calc(100vw - 1.5rem));
    max-height: calc(100vh - 1.5rem);
    padding: 0.75rem 1rem 1rem;
    border: 1px solid var(--line);
    border-radius: 4px;
    background: var(--room);
    color: var(--ink);
  }

  dialog::backdrop {
    background: rgb(0 0 0 / 0.6);
  }

  header,
  footer,
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.5rem;
  }

  header {
    margin-bottom: 0.5rem;
  }

  h2 {
    flex: 1;
    min-width: 0;
    margin: 0;
    overflow: hidden;
    font-size: 1rem;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  video {
    display: block;
    width: 100%;
    max-height: 50vh;
    background: #000;
  }

  .row,
  footer {
    margin-top: 0.375rem;
  }

  .seek {
    flex: 1;
    min-width: 6rem;
    accent-color: var(--lamp);
  }

  .span {
    flex: 1;
    color: var(--ink-dim);
  }

  label {
    display: flex;
    gap: 0.5rem;
    align-items: center;
    min-height: 2.5rem;
    padding: 0 0.625rem 0 0;
    cursor: pointer;
  }

  label input {
    width: 1rem;
    height: 1rem;
    margin: 0;
    accent-color: var(--lamp);
  }

  select,
  button {
    min-height: 2.5rem;
    padding: 0 0.625rem;
    border: 1px solid var(--line);
    border-radius: 3px;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }

  button:has(svg) {
    display: inline-grid;
    place-items: center;
    border: 0;
  }

  option {
    background: var(--raised);
  }

  button:hover,
  select:hover {
    background: rgb(255 255 255 / 0.09);
  }

  .make,
  .save {
    border-color: var(--lamp);
  }

  footer p,
  footer progress {
    flex: 1;
    min-width: 14rem;
    margin: 0;
    color: var(--ink-dim);
    font-size: 0.8125rem;
    overflow-wrap: anywhere;
  }

  progress {
    height: 0.375rem;
    accent-color: var(--lamp);
  }

  footer .why {
    color: var(--alarm);
  }
`;
