/** The look of the export under the timeline. */
import { css } from 'lit';

export const exportStyles = css`
  :host {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 1rem;
  }

  .export {
    color: var(--lamp);
  }

  .span,
  .progress {
    padding: 0 0.625rem;
    font-variant-numeric: tabular-nums;
  }

  progress {
    width: 8rem;
    height: 0.375rem;
    accent-color: var(--lamp);
  }
`;
