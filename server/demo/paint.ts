/** Plain paints that the rest are made of: one colour with grime, wood, rust, glass and light. */

import type { Paint, Shade } from './mesh.ts';
import { fractalNoise, hash, mix, ramp, valueNoise } from './noise.ts';

/** A colour as people write it, sRGB-encoded `#rrggbb`, in linear light. */
export function linear(hex: string): readonly [number, number, number] {
  const decode = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [decode(1), decode(3), decode(5)];
}

/** Lays a colour on, multiplied by `share`. */
export function cover(out: Shade, colour: readonly [number, number, number], share = 1): void {
  out.r = colour[0] * share;
  out.g = colour[1] * share;
  out.b = colour[2] * share;
}

/** Mixes a colour over what is there. */
export function blend(out: Shade, colour: readonly [number, number, number], share: number): void {
  out.r = mix(out.r, colour[0], share);
  out.g = mix(out.g, colour[1], share);
  out.b = mix(out.b, colour[2], share);
}

/** Darkens with blotches and runs of dirt; 0 is clean, 1 is a wreck. */
export function grime(out: Shade, x: number, y: number, z: number, amount: number): void {
  const blotch = fractalNoise(x * 1.3, y * 1.3, z * 1.3, 4);
  const runs = fractalNoise(x * 5.5, y * 0.5, z * 5.5, 3);
  const speck = valueNoise(x * 23, y * 23, z * 23);
  const dark = 1 - amount * (0.75 * ramp(0.4, 0.75, blotch) + 0.55 * ramp(0.5, 0.75, runs) + 0.18 * speck);
  out.r *= dark;
  out.g *= dark * (1 - 0.04 * amount);
  out.b *= dark * (1 - 0.1 * amount);
}

const rustColour = linear('#7a4424');

/** Painted metal: a colour, dirt, and rust where the paint has gone. */
export function painted(hex: string, dirt = 0.35, rust = 0, gloss = 0.02): Paint {
  const colour = linear(hex);
  return (x, y, z, out) => {
    cover(out, colour);
    grime(out, x, y, z, dirt);
    if (rust > 0) {
      const bare = fractalNoise(x * 2.2 + 7, y * 0.9, z * 2.2, 5);
      blend(out, rustColour, 0.85 * ramp(0.72 - 0.25 * rust, 0.82 - 0.2 * rust, bare));
    }
    out.gloss = gloss;
  };
}

/** Weathered planks that run along x, `width` metres each. */
export function planks(hex: string, width: number): Paint {
  const colour = linear(hex);
  return (x, y, z, out) => {
    const across = (z + y) / width;
    const board = Math.floor(across);
    const grain = fractalNoise(x * 1.6 + board * 7, (z + y) * 28, board, 4);
    cover(out, colour, (0.7 + 0.6 * hash(board, 3, 1)) * (0.6 + 0.7 * grain));
    const gap = Math.abs(across - board - 0.5);
    if (gap > 0.46) cover(out, colour, 0.15);
    grime(out, x, y, z, 0.3);
  };
}

/** Something that shines by itself, in linear light. */
export function luminous(r: number, g: number, b: number): Paint {
  return (_x, _y, _z, out) => {
    cover(out, [0.5, 0.5, 0.5]);
    out.glowR = r;
    out.glowG = g;
    out.glowB = b;
  };
}

/** Dark window glass that mirrors the sky. */
export const glass: Paint = (x, y, z, out) => {
  cover(out, [0.02, 0.025, 0.03], 0.8 + 0.4 * valueNoise(x, y, z));
  out.gloss = 0.12;
};
