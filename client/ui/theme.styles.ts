/** The dark room: colours, type and the look of what can be pressed, shared by all elements. */
import { css } from 'lit';

export const theme = css`
  :host {
    --ink: #d9d6ce;
    --ink-dim: #96938a;
    --ink-faint: #5d5b55;
    --room: #0a0b0b;
    --raised: #151615;
    --line: #2a2a27;
    --lamp: #d9a441;
    --alarm: #e0694a;
    --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
    --quick: 160ms ease-out;
    color: var(--ink);
    font: 400 0.875rem / 1.45 var(--sans);
    font-variant-numeric: tabular-nums;
    -webkit-font-smoothing: antialiased;
  }

  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  [hidden] {
    display: none !important;
  }

  button,
  input {
    font: inherit;
    color: inherit;
  }

  :focus {
    outline: none;
  }

  :focus-visible {
    outline: 2px solid var(--lamp);
    outline-offset: 2px;
  }

  a {
    color: var(--lamp);
    text-underline-offset: 0.2em;
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
