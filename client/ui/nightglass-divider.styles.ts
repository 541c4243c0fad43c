/** The look of the before/after divider. */
import { css } from 'lit';

export const dividerStyles = css`
  :host {
    position: absolute;
    inset: 0;
    pointer-events: none;
    --at: calc(var(--position) * 100%);
  }

  .handle {
    position: absolute;
    top: 50%;
    left: clamp(1.5rem, var(--at), calc(100% - 1.5rem));
    display: grid;
    place-items: center;
    width: 3rem;
    height: 3rem;
    margin: -1.5rem;
    border-radius: 50%;
    cursor: ew-resize;
    pointer-events: auto;
    touch-action: none;
    opacity: var(--controls-opacity, 1);
    transition: opacity 400ms;
  }

  .handle:focus-visible {
    outline: none;
    opacity: 1;
  }

  .grip {
    display: flex;
    align-items: center;
    justify-content: space-between;
    width: 2.25rem;
    height: 2.25rem;
    padding: 0 0.6rem;
    border: 1px solid rgb(243 227 192 / 0.8);
    border-radius: 50%;
    background: rgb(10 11 11 / 0.72);
    transition: background var(--quick);
  }

  .handle:hover .grip,
  .handle:active .grip {
    background: rgb(60 48 24 / 0.9);
  }

  .handle:focus-visible .grip {
    outline: 2px solid var(--lamp);
    outline-offset: 3px;
  }

  .grip::before,
  .grip::after {
    content: '';
    width: 0.375rem;
    height: 0.375rem;
    border: solid var(--ink);
    border-width: 0 0 1.5px 1.5px;
    transform: rotate(45deg);
  }

  .grip::after {
    transform: rotate(-135deg);
  }

  .side {
    position: absolute;
    top: 50%;
    padding: 0.15rem 0.5rem;
    border-radius: 2px;
    background: rgb(10 11 11 / 0.6);
    color: var(--ink);
    font-size: 0.75rem;
    white-space: nowrap;
    transform: translateY(-50%);
    opacity: var(--controls-opacity, 1);
    transition: opacity 400ms;
  }

  .before {
    right: calc(100% - var(--at) + 1.5rem);
  }

  .after {
    left: calc(var(--at) + 1.5rem);
  }
`;
