/** The town across the water: brick fronts with rows of windows, tiled roofs, and the lighthouse's bands. */

import type { Paint } from './mesh.ts';
import { fractalNoise, hash, mix, ramp } from './noise.ts';
import { blend, cover, grime, linear } from './paint.ts';

export interface Front {
  readonly wall: string;
  readonly seed: number;
  /** Distance from window to window and from floor to floor in metres. */
  readonly bay: number;
  readonly storey: number;
  /** Share of the windows with a light behind. */
  readonly lit: number;
  readonly width: number;
  readonly height: number;
}

const frame = linear('#d9d2c2');
const red = linear('#b5352b');
const white = linear('#ece8dd');
const woods = linear('#4d5a4a');
const lights = [
  [1.5, 0.95, 0.42],
  [1.25, 0.9, 0.55],
  [0.75, 0.85, 0.9],
  [1.7, 0.8, 0.3],
] as const;

/** A warehouse or house front; origin at its lower left corner. */
export function front(style: Front): Paint {
  const wall = linear(style.wall);
  return (x, y, z, out) => {
    const along = Math.abs(out.nz) > 0.5 ? x : z;
    const course = Math.floor(y / 0.3);
    const brick = Math.floor(along / 0.6 + (course % 2) * 0.5);
    cover(
      out,
      wall,
      0.8 +
        0.35 * hash(brick, course, style.seed) +
        0.35 * (fractalNoise(along * 0.5, y * 0.4, style.seed, 4) - 0.5),
    );
    if (y / style.storey - Math.floor(y / style.storey) < 0.06) blend(out, frame, 0.45);
    grime(out, x, y, z + style.seed, 0.45);
    if (y > style.height) {
      if (Math.hypot(along - style.width / 2, y - style.height - 1.3) < 0.6) cover(out, [0.04, 0.05, 0.06]);
      return;
    }
    windows(style, along, y, out);
  };
}

function windows(style: Front, along: number, y: number, out: Parameters<Paint>[3]): void {
  const margin = (style.width % style.bay) / 2;
  const bay = Math.floor((along - margin) / style.bay);
  const floor = Math.floor(y / style.storey);
  const u = ((along - margin) / style.bay - bay - 0.5) * style.bay;
  const v = (y / style.storey - floor - 0.52) * style.storey;
  if (along < margin || along > style.width - margin) return;
  const halfWidth = style.bay * (floor === 0 ? 0.36 : 0.25);
  const halfHeight = style.storey * 0.29;
  const arch = v > 0 ? (v / halfHeight) ** 2 * 0.12 * (u / halfWidth) ** 2 : 0;
  if (Math.abs(u) > halfWidth + 0.12 || Math.abs(v) + arch > halfHeight + 0.14) return;
  if (Math.abs(u) > halfWidth || Math.abs(v) > halfHeight) {
    blend(out, frame, 0.75);
    return;
  }
  if (Math.abs(u) < 0.05 || Math.abs(v - 0.15) < 0.05) {
    cover(out, frame, 0.7);
    return;
  }
  const chance = hash(bay, floor, style.seed + 31);
  cover(out, [0.025, 0.03, 0.04]);
  out.gloss = 0.1;
  if (chance > style.lit) return;
  // A lit room: brighter below its lamp, a curtain on one side.
  const light = lights[Math.floor(hash(bay, floor, style.seed + 57) * lights.length)]!;
  const room =
    (0.35 + 0.9 * hash(bay, floor, style.seed + 8)) * mix(0.6, 1.2, ramp(-halfHeight, halfHeight, v));
  const curtain = hash(bay, floor, 91) < 0.5 && u * (hash(bay, floor, 92) - 0.5) > 0.1 ? 0.4 : 1;
  out.glowR = light[0] * room * curtain;
  out.glowG = light[1] * room * curtain;
  out.glowB = light[2] * room * curtain;
  out.gloss = 0.02;
}

/** Roof tiles or slates in courses. */
export function roof(hex: string, seed: number): Paint {
  const colour = linear(hex);
  return (x, y, z, out) => {
    const course = Math.floor((y + z) / 0.4);
    cover(
      out,
      colour,
      0.65 +
        0.5 * hash(Math.floor(x / 0.35), course, seed) +
        0.3 * (fractalNoise(x * 0.4, y, z * 0.4, 4) - 0.5),
    );
    grime(out, x, y, z, 0.35);
  };
}

/** The lighthouse: white and red bands, origin at its foot. */
export const lighthouse: Paint = (x, y, z, out) => {
  const band = Math.floor(y / 3.1) % 2 === 1;
  cover(out, band ? red : white);
  const angle = Math.atan2(x, -z);
  if (!band && Math.abs(angle) < 0.28 && Math.abs((y % 6.2) - 1.6) < 0.55) cover(out, [0.03, 0.03, 0.04]);
  grime(out, x, y, z, 0.4);
};

/** Wooded hills behind the town. */
export const hill: Paint = (x, y, z, out) => {
  const trees = fractalNoise(x * 0.22, y * 0.5, z * 0.22, 5);
  cover(out, woods, 0.5 + 0.9 * trees);
  out.nx += 1.2 * (fractalNoise(x * 0.3, y * 0.6, 3, 4) - 0.5);
};
