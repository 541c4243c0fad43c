/** A stencil alphabet of strokes on a 4 × 6 grid, for the names on hulls, containers and the van. */

type Segment = readonly [x0: number, y0: number, x1: number, y1: number];

// Each word is one polyline, two digits a point: x 0…4, then y 0…6 upwards.
const strokes: Readonly<Record<string, string>> = {
  A: '002640 1232',
  B: '00063645443303 3342413000',
  C: '4536160501103041',
  D: '00063645413000',
  E: '40000646 0333',
  F: '000646 0333',
  G: '45361605011030414323',
  H: '0006 4046 0343',
  I: '2026',
  J: '4641301001',
  K: '0006 4602 1340',
  L: '060040',
  M: '0006234640',
  N: '00064046',
  O: '100105163645413010',
  P: '00063645443303',
  Q: '100105163645413010 2240',
  R: '00063645443303 2340',
  S: '453616050413334241301001',
  T: '0646 2620',
  U: '060110304146',
  V: '062046',
  W: '0610233046',
  X: '0640 0046',
  Y: '062346 2320',
  Z: '06460040',
  '0': '100105163645413010',
  '1': '152620 1030',
  '2': '05163645440040',
  '3': '05163645443313 334241301001',
  '4': '30360242',
  '5': '460603334241301001',
  '6': '4536160501103041423303',
  '7': '064610',
  '8': '13040516364544331302011030414233',
  '9': '4313040516364541301001',
  '-': '1333',
};

const segments = new Map<string, readonly Segment[]>(
  Object.entries(strokes).map(([letter, lines]) => [letter, lines.split(' ').flatMap(segmentsOf)]),
);

const advance = 5.7;

/** How wide a text is, in letter heights. */
export function textWidth(text: string): number {
  return (text.length * advance - 1.7) / 6;
}

/**
 * Whether a point lies on the ink of a text. `u` runs right and `v` up from the text's lower left corner, both in
 * letter heights; `weight` is half the stroke's width in the same unit (0.07 is regular, 0.1 bold).
 */
export function inked(text: string, u: number, v: number, weight: number): boolean {
  const x = u * 6;
  const y = v * 6;
  const reach = weight * 6;
  if (y < -reach || y > 6 + reach || x < -reach) return false;
  const index = Math.floor((x + 0.85) / advance);
  const glyph = segments.get(text.charAt(index));
  if (glyph === undefined) return false;
  const gx = x - index * advance;
  return glyph.some(([x0, y0, x1, y1]) => distanceSquared(gx, y, x0, y0, x1, y1) < reach * reach);
}

function segmentsOf(line: string): Segment[] {
  const found: Segment[] = [];
  for (let i = 0; i + 3 < line.length; i += 2) {
    found.push([Number(line[i]), Number(line[i + 1]), Number(line[i + 2]), Number(line[i + 3])]);
  }
  return found;
}

function distanceSquared(x: number, y: number, x0: number, y0: number, x1: number, y1: number): number {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const t = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
  return (x - x0 - t * dx) ** 2 + (y - y0 - t * dy) ** 2;
}
