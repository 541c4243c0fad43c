/** Hull paint with stripes and names, and the painted woodwork above it. */
import { inked, textWidth } from './lettering.ts';
import type { Paint } from './mesh.ts';
import { fractalNoise, ramp } from './noise.ts';
import { blend, cover, grime, linear } from './paint.ts';

export interface HullPaint {
  readonly topside: string;
  readonly bottom: string;
  readonly stripe: string;
  readonly letters: string;
  readonly name: string;
  readonly number: string;
  /** Where the name and the number start (x from amidships), their height, and the height of their foot over the water. */
  readonly nameAt: readonly [x: number, y: number, size: number];
  readonly numberAt: readonly [x: number, y: number, size: number];
  /** Height of the sheer stripe over the water at a place along the hull. */
  readonly sheer: (x: number) => number;
}

const rust = linear('#7d4a28');
const weed = linear('#31402a');
const runs = linear('#8a5a35');

/** Paint for a hull whose bow points to +x; the names read from either side. */
export function hull(style: HullPaint): Paint {
  const [topside, bottom, stripe, letters] = [style.topside, style.bottom, style.stripe, style.letters].map(
    linear,
  ) as [
    readonly [number, number, number],
    readonly [number, number, number],
    readonly [number, number, number],
    readonly [number, number, number],
  ];
  const words = [
    [style.name, style.nameAt],
    [style.number, style.numberAt],
  ] as const;
  return (x, y, z, out) => {
    cover(out, topside);
    const below = style.sheer(x) - y;
    if (below < 0.42 && below > 0.27) cover(out, stripe);
    if (below < 0.06) cover(out, stripe, 0.7);
    // Plates: faint seams and the dents between frames.
    const frame = x / 0.9 - Math.floor(x / 0.9);
    out.nx += 0.05 * Math.sin(frame * 2 * Math.PI) + 0.05 * (fractalNoise(x * 2, y * 2, 7, 2) - 0.5);
    if (frame < 0.02 || Math.abs(y - 0.78) < 0.012) cover(out, [out.r * 0.8, out.g * 0.8, out.b * 0.8]);
    grime(out, x, y, z, 0.3);
    for (const [text, [left, foot, size]] of words) {
      if (inked(text, along(x, z, text, left, size), (y - foot) / size, 0.088)) blend(out, letters, 0.95);
    }
    const streak = fractalNoise(x * 4.5, y * 0.45, 5, 4);
    blend(out, rust, 0.55 * ramp(0.68, 0.8, streak));
    if (y < 0.28) cover(out, bottom, 0.8 + 0.4 * fractalNoise(x * 3, y * 9, z, 3));
    if (y < 0.12) blend(out, weed, 0.65 * ramp(0.3, 0.6, fractalNoise(x * 3, y * 6, 2, 3)));
    out.gloss = 0.028;
  };
}

/** A painted house side with a board of letters on it, for wheelhouses and cabins. */
export function cabin(
  hex: string,
  trim: string,
  sign?: {
    readonly text: string;
    readonly x: number;
    readonly y: number;
    readonly size: number;
    readonly ink: string;
  },
): Paint {
  const [wall, edge] = [linear(hex), linear(trim)];
  const ink = sign === undefined ? wall : linear(sign.ink);
  return (x, y, z, out) => {
    cover(out, wall);
    const seam = x / 0.8 - Math.floor(x / 0.8);
    if (seam < 0.018) cover(out, wall, 0.75);
    if (sign !== undefined && Math.abs(out.nz) > 0.5) {
      const u = along(x, out.nz, sign.text, sign.x, sign.size);
      const v = (y - sign.y) / sign.size;
      if (u > -0.3 && u < textWidth(sign.text) + 0.3 && v > -0.3 && v < 1.3) cover(out, edge);
      if (inked(sign.text, u, v, 0.09)) cover(out, ink);
    }
    grime(out, x, y, z, 0.28);
    const run = fractalNoise(x * 6, y * 0.5, z * 6 + 3, 4);
    blend(out, runs, 0.5 * ramp(0.7, 0.8, run));
    out.gloss = 0.02;
  };
}

/** How far into a text x lies, in letter heights: it reads to the right on the side of −z, and to the left on the other. */
function along(x: number, side: number, text: string, left: number, size: number): number {
  return side < 0 ? (x - left) / size : textWidth(text) - (x - left) / size;
}
