/** The look of the timeline: readable in a dark room, and no brighter than the picture above it. */
import { css } from 'lit';

export const timelineStyles = css`
  :host {
    display: block;
  }

  .track {
    position: relative;
    height: 2.75rem;
    cursor: pointer;
    touch-action: none;
    user-select: none;
  }

  .bars {
    position: absolute;
    inset: 0.5rem 0 auto;
    height: 0.625rem;
    overflow: hidden;
    border-radius: 2px;
    background: rgb(0 0 0 / 0.5);
    box-shadow: inset 0 0 0 1px rgb(255 255 255 / 0.12);
  }

  .bars i {
    position: absolute;
    inset-block: 0;
    min-width: 1px;
    background: #77756c;
  }

  .track:hover .bars i {
    background: #8b887e;
  }

  .label {
    position: absolute;
    top: 1.125rem;
    padding: 0.35rem 0 0 0.3rem;
    border-left: 1px solid var(--ink-faint);
    color: var(--ink-dim);
    font-size: 0.6875rem;
    line-height: 1.2;
    white-space: nowrap;
    pointer-events: none;
  }

  .label.day {
    border-left-color: var(--ink-dim);
    color: var(--ink);
  }

  .position {
    position: absolute;
    top: 0.125rem;
    width: 2px;
    height: 1.375rem;
    margin-left: -1px;
    background: var(--lamp);
    pointer-events: none;
  }

  .position::before {
    content: '';
    position: absolute;
    top: -0.125rem;
    left: 50%;
    width: 0.625rem;
    height: 0.625rem;
    border-radius: 50%;
    background: var(--lamp);
    transform: translateX(-50%);
  }

  .position.now {
    background: var(--ink);
  }

  .position.now::before {
    background: var(--ink);
  }

  .marked {
    position: absolute;
    inset: 0.5rem 0 auto;
    height: 0.625rem;
    background: rgb(255 214 140 / 0.35);
    pointer-events: none;
  }

  .mark {
    position: absolute;
    top: 0.25rem;
    width: 0.875rem;
    height: 1.125rem;
    margin-left: -0.4375rem;
    cursor: ew-resize;
    touch-action: none;
  }

  .mark::after {
    content: '';
    position: absolute;
    inset: 0 auto 0 0.3125rem;
    width: 0.375rem;
    border: 2px solid var(--lamp);
    border-right: 0;
  }

  .mark.out::after {
    inset: 0 0.3125rem 0 auto;
    border: 2px solid var(--lamp);
    border-left: 0;
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem;
    margin: 0 -0.625rem;
  }

  .spring {
    flex: 1;
  }

  button,
  select {
    display: inline-grid;
    place-items: center;
    min-width: 2.5rem;
    min-height: 2.5rem;
    padding: 0 0.5rem;
    border: 0;
    border-radius: 3px;
    background: none;
    cursor: pointer;
    transition: background var(--quick);
  }

  select {
    width: 4.25rem;
    font: inherit;
    color: inherit;
  }

  option {
    background: var(--raised);
  }

  button:hover,
  select:hover:enabled {
    background: rgb(255 255 255 / 0.09);
  }

  button:disabled,
  select:disabled {
    color: var(--ink-faint);
    cursor: default;
  }

  .live {
    grid-auto-flow: column;
    gap: 0.5em;
    padding: 0 0.625rem;
  }

  .live::before {
    content: '';
    width: 0.5em;
    height: 0.5em;
    border: 1px solid var(--ink-faint);
    border-radius: 50%;
  }

  .live[aria-pressed='true']::before {
    border-color: var(--ink);
    background: var(--ink);
  }

  .paused {
    padding: 0 0.5rem;
    color: var(--alarm);
    font-size: 0.8125rem;
  }

  .help {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 1.5rem;
    margin: 0.25rem 0 0.5rem;
    font-size: 0.8125rem;
  }

  .help div {
    display: flex;
    gap: 0.5rem;
  }

  .help dd {
    margin: 0;
    color: var(--ink-dim);
  }

  @media (max-width: 600px) {
    .keys {
      display: none;
    }
  }
`;
