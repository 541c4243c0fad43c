/** A contact sheet: what the network saw, what it made of it and the truth, side by side, a row per picture. */
import sharp, { type OverlayOptions } from 'sharp';
import { asImage, type Picture } from './picture.ts';

const COLUMNS = ['what the network saw', 'what it made of it', 'the truth'] as const;
const CELL = 400;
const MARGIN = 8;
const CAPTION = 26;
const WIDTH = COLUMNS.length * CELL + (COLUMNS.length + 1) * MARGIN;

/** Three pictures, small enough to keep, under a line of text. */
export interface SheetRow {
  readonly caption: string;
  readonly height: number;
  /** PNG, `CELL` pixels wide or high at most, in the order of the columns. */
  readonly cells: readonly Buffer[];
}

export async function sheetRow(
  caption: string,
  pictures: readonly [Picture, Picture, Picture],
): Promise<SheetRow> {
  const { width, height } = pictures[2];
  const scale = CELL / Math.max(width, height);
  const size = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))] as const;
  const cells = pictures.map((picture) =>
    asImage(picture)
      .resize(...size, { fit: 'fill' })
      .png()
      .toBuffer(),
  );
  return { caption, height: size[1], cells: await Promise.all(cells) };
}

/** Writes the sheet as a PNG: the title, what the columns are, then the rows from the top. */
export async function writeSheet(file: string, title: string, rows: readonly SheetRow[]): Promise<void> {
  const overlays: OverlayOptions[] = [
    { input: text(title, WIDTH - 2 * MARGIN, 'bold'), left: MARGIN, top: MARGIN },
  ];
  let top = MARGIN + CAPTION;
  for (const [at, column] of COLUMNS.entries())
    overlays.push({ input: text(column, CELL, 'bold'), left: leftOf(at), top });
  top += CAPTION;
  for (const row of rows) {
    overlays.push({ input: text(row.caption, WIDTH - 2 * MARGIN), left: MARGIN, top });
    top += CAPTION;
    for (const [at, input] of row.cells.entries()) overlays.push({ input, left: leftOf(at), top });
    top += row.height + MARGIN;
  }
  await sharp({ create: { width: WIDTH, height: top, channels: 3, background: '#202020' } })
    .composite(overlays)
    .removeAlpha()
    .png()
    .toFile(file);
}

const leftOf = (column: number): number => MARGIN + column * (CELL + MARGIN);

/** A line of text; what does not fit into the width is cut off. */
function text(line: string, width: number, weight = 'normal'): Buffer {
  // XML has no way to write control characters, and a file's name may hold some.
  const escaped = line.replace(/\p{Cc}/gu, '?').replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${CAPTION}">` +
      `<text x="0" y="18" font-family="sans-serif" font-size="16" font-weight="${weight}" fill="white">` +
      `${escaped}</text></svg>`,
  );
}
