/** What the page and the worker that records both call by name. */

/** The folder of all clips on the browser's private disk. */
export const CLIPS_FOLDER = 'nightglass-clips';
