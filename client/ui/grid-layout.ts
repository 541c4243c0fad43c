/** How a number of tiles stands in a window: as large as they can all be seen, else so large that they can be made out. */

export interface GridLayout {
  readonly columns: number;
  /** CSS pixels. */
  readonly tileWidth: number;
}

const ASPECT = 16 / 9;
/** Under this width a tile is too small to see anybody on it, and the grid scrolls instead. CSS pixels. */
const SMALLEST = 280;
/** A window narrower than this is a telephone's: one tile in a row, and a thumb to scroll. CSS pixels. */
const NARROW = 600;

/** @param width @param height the room for the grid, @param gap between two tiles; all in CSS pixels */
export function gridLayout(count: number, width: number, height: number, gap: number): GridLayout {
  if (width < NARROW) return { columns: 1, tileWidth: width };
  let best: GridLayout = { columns: 1, tileWidth: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const byWidth = columnWidth(columns, width, gap);
    const byHeight = ((height - gap * (rows - 1)) / rows) * ASPECT;
    const tileWidth = Math.floor(Math.min(byWidth, byHeight));
    if (tileWidth > best.tileWidth) best = { columns, tileWidth };
  }
  if (best.tileWidth >= SMALLEST) return best;
  const columns = Math.max(1, Math.floor((width + gap) / (SMALLEST + gap)));
  return { columns, tileWidth: Math.floor(columnWidth(columns, width, gap)) };
}

const columnWidth = (columns: number, width: number, gap: number): number =>
  (width - gap * (columns - 1)) / columns;
