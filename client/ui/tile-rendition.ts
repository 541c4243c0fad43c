/** Which of a camera's renditions a tile shows, by its width on the page. */
import type { Rendition } from '#wire/control.ts';

/** A tile up to so wide is small, and from so wide on large. In between it stays what it was. CSS pixels. */
const SMALL = 480;
const LARGE = 560;

/** @param width of the tile, CSS pixels; 0 where it is not laid out @param before what it showed until now */
export function tileRendition(width: number, before: Rendition | undefined): Rendition {
  if (width >= LARGE) return 'main';
  if (width > SMALL) return before ?? 'main';
  return width > 0 ? 'sub' : (before ?? 'sub');
}
