/** The look of a row of tools over the large picture: buttons, choices, marks to tick, and a word on what they do. */
import { css } from 'lit';

export const toolRowStyles = css`
  .group {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem;
    margin: 0 -0.625rem;
  }

  button,
  select {
    min-height: 2.5rem;
    padding: 0 0.625rem;
    border: 0;
    border-radius: 3px;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
    transition: background var(--quick);
  }

  option {
    background: var(--raised);
  }

  button:hover:enabled,
  select:hover {
    background: rgb(255 255 255 / 0.09);
  }

  label {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-height: 2.5rem;
    padding: 0 0.625rem;
    cursor: pointer;
  }

  input {
    width: 1rem;
    height: 1rem;
    margin: 0;
    accent-color: var(--lamp);
  }

  p {
    margin: 0;
    color: var(--ink-dim);
  }
`;
