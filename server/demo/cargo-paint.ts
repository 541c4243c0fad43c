/** Things with writing on them: shipping containers, fish boxes, drums and the fishmonger's van. */
import { inked, textWidth } from './lettering.ts';
import type { Paint, Shade } from './mesh.ts';
import { fractalNoise, hash, mix, ramp } from './noise.ts';
import { blend, cover, grime, linear, painted } from './paint.ts';

const white = linear('#f2efe6');
const rust = linear('#6e3c1e');
const cream = linear('#e6dcc3');
const green = linear('#1f6a63');
const gold = linear('#d8a73a');
const mud = linear('#4a4335');
const navy = linear('#1d4e7a');
const scarlet = linear('#a3342a');
const rubber = linear('#26262a');
const alloy = linear('#9aa0a3');

/** A 20-foot box, corrugated, standing with its lower left near corner at the part's origin: 6.06 × 2.59 × 2.44 m. */
export function container(hex: string, name: string, seed: number): Paint {
  const colour = linear(hex);
  const code = `${name.slice(0, 3)}U ${Math.floor(hash(seed, 1, 1) * 900000 + 100000)}`;
  return (x, y, z, out) => {
    cover(out, colour, 0.9 + 0.25 * hash(seed, 4, 4));
    const frame = x < 0.16 || x > 5.9 || y < 0.16 || y > 2.43;
    const along = Math.abs(out.nz) > 0.5 ? x : z;
    if (!frame && out.ny < 0.5) {
      const phase = (along / 0.28) * 2 * Math.PI;
      const slope = Math.max(-1, Math.min(1, 1.7 * Math.cos(phase))) * 0.55;
      if (Math.abs(out.nz) > 0.5) out.nx += slope;
      else out.nz += slope;
      const norm = Math.sqrt(out.nx ** 2 + out.ny ** 2 + out.nz ** 2);
      out.nx /= norm;
      out.ny /= norm;
      out.nz /= norm;
      const groove = Math.max(0, -Math.sin(phase));
      out.r *= 1 - 0.25 * groove;
      out.g *= 1 - 0.25 * groove;
      out.b *= 1 - 0.25 * groove;
    } else if (frame) {
      cover(out, colour, 0.75);
    }
    const height = Math.min(0.92, 5.2 / textWidth(name));
    const left = (6.06 - textWidth(name) * height) / 2;
    if (inked(name, (x - left) / height, (y - 0.85) / height, 0.085)) blend(out, white, 0.92);
    if (inked(code, (x - 3.9) / 0.2, (y - 2.1) / 0.2, 0.07)) blend(out, white, 0.9);
    grime(out, x + seed * 3, y, z, 0.4);
    const bleeding = fractalNoise(x * 3 + seed * 5, y * 0.5, seed, 4) + 0.12 * ramp(0.5, 0, y);
    blend(out, rust, 0.75 * ramp(0.68, 0.78, bleeding));
    out.gloss = 0.01;
  };
}

/** A plastic fish box with a rim and the port's letters; origin at its lower left near corner. */
export function fishBox(hex: string, word: string): Paint {
  const colour = linear(hex);
  return (x, y, z, out) => {
    const rib = x / 0.2 - Math.floor(x / 0.2);
    cover(
      out,
      colour,
      (y > 0.27 ? 1.15 : rib < 0.2 ? 0.7 : 0.95) * (0.85 + 0.2 * fractalNoise(x * 9, y * 9, z * 9, 3)),
    );
    if (y < 0.03) cover(out, colour, 0.4);
    const left = (0.8 - textWidth(word) * 0.11) / 2;
    if (out.nz < -0.5 && inked(word, (x - left) / 0.11, (y - 0.09) / 0.11, 0.1)) blend(out, white, 0.85);
    grime(out, x, y * 2, z, 0.35);
    out.gloss = 0.012;
  };
}

/** An oil drum with two hoops. */
export function drum(hex: string): Paint {
  const body = painted(hex, 0.5, 0.6);
  return (x, y, z, out) => {
    body(x, y, z, out);
    const hoop = Math.min(Math.abs(y - 0.3), Math.abs(y - 0.6));
    if (hoop < 0.025) cover(out, [out.r * 1.25, out.g * 1.25, out.b * 1.25]);
    else if (hoop < 0.045) cover(out, [out.r * 0.6, out.g * 0.6, out.b * 0.6]);
  };
}

/** The van's long side and ends: cream over sea green, a name in two lines; origin at the ground under its nose. */
export const van: Paint = (x, y, z, out) => {
  const wave = 0.95 + 0.07 * Math.sin(x * 2.1 + 0.6);
  cover(out, y < wave ? green : cream);
  if (Math.abs(y - wave) < 0.025) cover(out, gold);
  if (Math.abs(out.nz) > 0.7) vanWriting(x, y, out);
  seams(x, y, out);
  grime(out, x, y, z, 0.28);
  const splash = ramp(0.75, 0.25, y + 0.25 * fractalNoise(x * 3, y * 3, z, 3));
  blend(out, mud, 0.75 * splash);
  out.gloss = 0.045 * (1 - splash);
};

function vanWriting(x: number, y: number, out: Shade): void {
  if (inked('SEABORN', (x - 2.02) / 0.42, (y - 1.4) / 0.42, 0.1)) blend(out, navy, 0.95);
  if (inked('FRESH FISH DAILY', (x - 2.02) / 0.155, (y - 1.14) / 0.155, 0.085)) blend(out, scarlet, 0.95);
  if (inked('NG 4417', (x - 2.15) / 0.2, (y - 0.55) / 0.2, 0.09)) blend(out, cream, 0.95);
}

function seams(x: number, y: number, out: Shade): void {
  const door = Math.min(Math.abs(x - 1.05), Math.abs(x - 1.93), Math.abs(x - 3.3));
  if (door < 0.012 && y > 0.4 && y < 2.1) cover(out, [out.r * 0.35, out.g * 0.35, out.b * 0.35]);
  const handle = x > 1.7 && x < 1.86 && Math.abs(y - 1.08) < 0.025;
  if (handle) cover(out, [0.03, 0.03, 0.03]);
}

/** A rubber tyre with a steel wheel, round an axle along z at the part's origin. */
export const wheel: Paint = (x, y, z, out) => {
  const radius = Math.hypot(x, y);
  const spoke = Math.cos(Math.atan2(y, x) * 5);
  cover(out, rubber, 0.8 + 0.5 * fractalNoise(x * 20, y * 20, z * 20, 3));
  if (radius < 0.2) cover(out, alloy, mix(0.5, 1, ramp(-0.2, 0.3, spoke)) * (radius < 0.06 ? 0.5 : 1));
};
