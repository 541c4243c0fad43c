/** The address of the Clips page, within the page. */

export const CLIPS_HASH = '#/clips';
