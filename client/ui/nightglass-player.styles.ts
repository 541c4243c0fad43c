/** The look of one camera's picture and of what stands over it while there is none. */
import { css } from 'lit';

export const playerStyles = css`
  :host {
    display: block;
    position: relative;
    overflow: hidden;
    /* The picture is fitted by the units of this container, which need its height. */
    container-type: size;
    aspect-ratio: var(--picture-aspect, 16 / 9);
    background: #000;
  }

  .picture {
    --aspect: var(--picture-aspect, calc(16 / 9));
    position: absolute;
    inset: 0;
    width: min(100cqw, calc(100cqh * var(--aspect)));
    height: min(100cqh, calc(100cqw / var(--aspect)));
    margin: auto;
  }

  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: contain;
  }

  .message {
    position: absolute;
    inset: 0;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 0.35rem;
    padding: 1rem;
    text-align: center;
    text-wrap: balance;
    background: rgb(8 9 9 / 0.82);
    animation: appear 240ms ease-out;
  }

  .message > * {
    max-width: 34rem;
    margin: 0;
  }

  .heading {
    display: flex;
    align-items: center;
    gap: 0.6em;
    font-size: 1rem;
    font-weight: 600;
    letter-spacing: 0.005em;
  }

  .heading::before {
    content: '';
    flex: none;
    width: 0.5em;
    height: 0.5em;
    border-radius: 50%;
    background: var(--alarm);
  }

  .working .heading::before {
    background: var(--lamp);
    animation: breathe 1.6s ease-in-out infinite alternate;
  }

  .detail {
    color: var(--ink-dim);
  }

  .message a {
    pointer-events: auto;
  }

  .cause {
    color: #7d7a72;
    font-size: 0.75rem;
    overflow-wrap: anywhere;
  }

  .note {
    position: absolute;
    top: var(--note-top, 0.75rem);
    left: 50%;
    max-width: calc(100% - 1.5rem);
    padding: 0.25rem 0.7rem;
    border-radius: 2px;
    background: rgb(8 9 9 / 0.78);
    color: var(--ink);
    font-size: 0.75rem;
    text-align: center;
    text-wrap: balance;
    transform: translateX(-50%);
    width: max-content;
  }

  .note::before {
    content: '';
    display: inline-block;
    width: 0.5em;
    height: 0.5em;
    margin-right: 0.6em;
    border-radius: 50%;
    background: var(--lamp);
  }

  @container (min-width: 900px) {
    .heading {
      font-size: 1.25rem;
    }
    .detail {
      font-size: 1rem;
    }
    .cause,
    .note {
      font-size: 0.8125rem;
    }
  }

  @container (max-width: 340px) or (max-height: 190px) {
    .message {
      gap: 0.2rem;
      padding: 0.5rem 0.75rem 1.75rem;
      font-size: 0.8125rem;
    }
    .heading {
      font-size: 0.875rem;
    }
    .cause {
      display: none;
    }
  }

  @keyframes appear {
    from {
      opacity: 0;
    }
  }

  @keyframes breathe {
    to {
      opacity: 0.25;
    }
  }
`;
