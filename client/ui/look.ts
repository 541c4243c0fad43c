/** How the viewer wants the pictures shown. The app owns it; elements ask for changes by `look-changed`. */

export interface Look {
  readonly enhance: boolean;
  /** 0…1 */
  readonly strength: number;
  /** 0…1, see `TileOptions.divider`. */
  readonly divider: number;
}

/** Asks for some of the look to be changed. */
export const lookChanged = (changes: Partial<Look>): CustomEvent<Partial<Look>> =>
  new CustomEvent('look-changed', { detail: changes, bubbles: true, composed: true });

declare global {
  interface HTMLElementEventMap {
    'look-changed': CustomEvent<Partial<Look>>;
  }
}
