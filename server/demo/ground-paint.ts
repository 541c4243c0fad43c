/** What the quay is made of: wet setts, granite kerb, tide-stained concrete, timber piles and rock. */

import type { Paint } from './mesh.ts';
import { fractalNoise, hash, mix, ramp, valueNoise } from './noise.ts';
import { blend, cover, grime, linear } from './paint.ts';

const stones = ['#8d8578', '#7b766f', '#9a8c7a', '#6f7175', '#87766a', '#a39a8b'].map(linear);
const joint = linear('#3a352d');
const moss = linear('#5a6436');
const steel = linear('#8c8f93');
const yellow = linear('#d9a826');
const kerbstone = linear('#a8a39b');
const weed = linear('#3d4a2c');
const slime = linear('#1d211b');
const tar = linear('#6b5540');
const pileWeed = linear('#2c3222');
const boulder = linear('#857c70');
const wetRock = linear('#23261f');

/** Setts in running bond with a rail track, a worn yellow line and puddles. */
export const setts: Paint = (x, _y, z, out) => {
  const rowHeight = 0.17;
  const wobble = 0.02 * (valueNoise(x * 2, 0, z * 2) - 0.5);
  const row = Math.floor((z + wobble) / rowHeight);
  const length = 0.26 + 0.05 * hash(row, 1, 1);
  const offset = x + hash(row, 2, 2) * 3 + wobble;
  const column = Math.floor(offset / length);
  const u = offset / length - column - 0.5;
  const v = (z + wobble) / rowHeight - row - 0.5;
  const edge = Math.max(Math.abs(u) ** 4 + Math.abs(v) ** 4, 0) ** 0.25;
  const stone = stones[Math.floor(hash(column, row, 5) * stones.length)]!;
  const texture = fractalNoise(x * 14, row, z * 14, 4);
  cover(out, stone, (0.6 + 0.55 * hash(column, row, 9)) * (0.6 + 0.8 * texture));
  const inJoint = ramp(0.42, 0.49, edge);
  const wear = fractalNoise(x * 0.35, 2, z * 0.35, 5);
  blend(out, wear > 0.55 ? moss : joint, inJoint * 0.85);
  // Each stone is a low cushion.
  const tilt = 0.5 * (1 - inJoint);
  out.nx += tilt * u * Math.abs(u) * 2 + 0.14 * (texture - 0.5);
  out.nz += tilt * v * Math.abs(v) * 2 + 0.14 * (fractalNoise(z * 14, row + 5, x * 14, 3) - 0.5);
  const stain = ramp(0.45, 0.75, fractalNoise(x * 0.5 + 40, 7, z * 0.8, 5));
  out.r *= 1 - 0.5 * stain;
  out.g *= 1 - 0.5 * stain;
  out.b *= 1 - 0.47 * stain;
  markings(x, z, out);
  const water = ramp(0.51, 0.58, fractalNoise(x * 0.28 + 11, 3, z * 0.55 + 2, 4) + 0.03 * inJoint);
  if (water > 0) {
    const dark = 1 - 0.55 * water;
    out.r *= dark;
    out.g *= dark;
    out.b *= dark;
    out.nx = mix(out.nx, 0, water);
    out.nz = mix(out.nz, 0, water);
    out.gloss = 0.075 * water + 0.004;
  } else {
    out.gloss = 0.004;
  }
  const norm = Math.sqrt(out.nx ** 2 + out.ny ** 2 + out.nz ** 2);
  out.nx /= norm;
  out.ny /= norm;
  out.nz /= norm;
};

function markings(x: number, z: number, out: Parameters<Paint>[3]): void {
  const worn = fractalNoise(x * 3.1, 9, z * 3.1, 4);
  if (z > 15.02 && z < 15.2) blend(out, yellow, ramp(0.34, 0.5, worn) * 0.9);
  for (const rail of [12.1, 13.54]) {
    const off = Math.abs(z - rail);
    if (off < 0.1) blend(out, joint, 0.7);
    if (off < 0.042) {
      cover(out, steel, 0.5 + 0.5 * worn);
      out.nx = 0;
      out.nz = 0;
    }
  }
}

/** Long granite blocks, the kerb along the water. */
export const granite: Paint = (x, y, z, out) => {
  const block = Math.floor(x / 1.6 + 0.13);
  const u = x / 1.6 + 0.13 - block;
  const speckle = fractalNoise(x * 30, y * 30, z * 30, 3);
  cover(out, kerbstone, (0.75 + 0.35 * hash(block, 3, 3)) * (0.55 + 0.8 * speckle));
  if (u < 0.012 || u > 0.988) cover(out, joint);
  grime(out, x, y, z, 0.45);
};

/** Poured concrete in lifts, green and black below the high-water mark at y = `tide`. */
export function harbourWall(tide: number): Paint {
  const concrete = linear('#9d978c');
  return (x, y, z, out) => {
    const along = x + z;
    cover(out, concrete, 0.65 + 0.6 * fractalNoise(along * 2, y * 2, 4, 5));
    const panel = along / 4 - Math.floor(along / 4);
    if (panel < 0.01) cover(out, joint);
    grime(out, x, y, z, 0.7);
    const ragged = tide + 0.35 * (fractalNoise(along * 1.7, 0, 3, 4) - 0.5);
    const wet = ramp(ragged + 0.12, ragged - 0.1, y);
    blend(out, weed, 0.8 * wet);
    blend(out, slime, ramp(ragged - 0.4, ragged - 0.8, y));
    out.gloss = 0.015 * wet;
  };
}

/** Tarred timber, darker and weeded towards the water. */
export const timber: Paint = (x, y, z, out) => {
  const grain = fractalNoise(x * 18, y * 1.4, z * 18, 4);
  cover(out, tar, 0.45 + 0.9 * grain);
  blend(out, pileWeed, ramp(-0.6, -1.2, y));
  grime(out, x, y, z, 0.3);
};

/** Boulders and shore. */
export const rock: Paint = (x, y, z, out) => {
  const layers = fractalNoise(x * 0.9, y * 2.4, z * 0.9, 5);
  cover(out, boulder, 0.45 + 0.95 * layers);
  blend(out, moss, 0.5 * ramp(0.5, 0.7, fractalNoise(x * 0.4, y * 0.4, z * 0.4, 3)));
  blend(out, wetRock, ramp(-0.9, -1.5, y));
  out.nx += 0.9 * (fractalNoise(x * 1.6, y * 1.6, z * 1.6, 4) - 0.5);
  out.ny += 0.9 * (fractalNoise(y * 1.6, z * 1.6 + 4, x * 1.6, 4) - 0.5);
};
