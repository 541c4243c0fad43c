/** How much of its stream a tile wants, by whether anybody can see it. */
import type { Want } from '#wire/control.ts';

export interface Visibility {
  /** The browser's tab is in the background or its window minimised. */
  readonly pageHidden: boolean;
  /** Some of the tile lies within the window. */
  readonly inView: boolean;
  /** The page covers the tile with something else. */
  readonly paused: boolean;
}

/**
 * A hidden page keeps its tiles on key units: the server keeps the camera open, so that the picture is there when the
 * viewer comes back, and nearly nothing is sent. What lies out of sight on the page itself costs nothing.
 */
export function tileWant({ pageHidden, inView, paused }: Visibility): Want {
  if (paused || !inView) return 'pause';
  return pageHidden ? 'key' : 'live';
}

/** True where a rectangle, in the window's coordinates, and a window of this size share any area. */
export const overlapsWindow = (
  rectangle: Pick<DOMRect, 'left' | 'top' | 'right' | 'bottom'>,
  width: number,
  height: number,
): boolean => rectangle.right > 0 && rectangle.bottom > 0 && rectangle.left < width && rectangle.top < height;
