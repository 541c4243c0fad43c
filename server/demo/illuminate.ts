/** What the light makes of a point: paint, afterglow with its soft shadow, lamps, the open sky and a reflection. */
import type { Lamp } from './lamps.ts';
import type { Shade } from './mesh.ts';
import type { RayTree } from './ray-tree.ts';
import { afterglow, type Colour, skyGradient, skyPicture } from './sky.ts';

/** A shade that no paint has touched yet. */
export function blankShade(): Shade {
  return { r: 0, g: 0, b: 0, glowR: 0, glowG: 0, glowB: 0, gloss: 0, nx: 0, ny: 1, nz: 0 };
}

/** Reads the paint at the tree's last hit; the normal is turned towards where the ray came from. */
export function readSurface(
  tree: RayTree,
  x: number,
  y: number,
  z: number,
  dx: number,
  dy: number,
  dz: number,
  shade: Shade,
): void {
  const { normals, partOf, parts } = tree.mesh;
  const at = tree.triangle * 9;
  const w = 1 - tree.u - tree.v;
  let nx = normals[at]! * w + normals[at + 3]! * tree.u + normals[at + 6]! * tree.v;
  let ny = normals[at + 1]! * w + normals[at + 4]! * tree.u + normals[at + 7]! * tree.v;
  let nz = normals[at + 2]! * w + normals[at + 5]! * tree.u + normals[at + 8]! * tree.v;
  const scale = (nx * dx + ny * dy + nz * dz > 0 ? -1 : 1) / (Math.sqrt(nx * nx + ny * ny + nz * nz) || 1);
  nx *= scale;
  ny *= scale;
  nz *= scale;
  const { paint, origin } = parts[partOf[tree.triangle]!]!;
  shade.glowR = 0;
  shade.glowG = 0;
  shade.glowB = 0;
  shade.gloss = 0;
  shade.nx = nx;
  shade.ny = ny;
  shade.nz = nz;
  paint(x - origin[0], y - origin[1], z - origin[2], shade);
}

/** Lights points of a still scene by tracing: soft shadows, occluded sky and one bounce of reflection. */
export class Illumination {
  readonly #tree: RayTree;
  readonly #lamps: readonly Lamp[];
  readonly #random: () => number;
  readonly #skyRays: number;
  readonly #lampStride: number;
  readonly #sky: Colour = [0, 0, 0];
  readonly #mirrored = blankShade();

  /** With a `lampStride` of n, a sample asks every n-th lamp and counts it n times; samples take turns. */
  constructor(
    tree: RayTree,
    lamps: readonly Lamp[],
    random: () => number,
    skyRays: number,
    lampStride: number,
  ) {
    this.#tree = tree;
    this.#lamps = lamps;
    this.#random = random;
    this.#skyRays = skyRays;
    this.#lampStride = lampStride;
  }

  /**
   * Radiance leaving the tree's last hit towards the eye, added to `out`. The point is x, y, z and the ray's direction
   * dx, dy, dz. `sequence` numbers the samples of one pixel, so that their sky rays spread evenly; `turn` rotates them.
   */
  shine(
    x: number,
    y: number,
    z: number,
    dx: number,
    dy: number,
    dz: number,
    shade: Shade,
    sequence: number,
    turn: number,
    out: Colour,
  ): void {
    const { nx, ny, nz } = shade;
    const light: Colour = [0, 0, 0];
    const ox = x + nx * 0.012;
    const oy = y + ny * 0.012;
    const oz = z + nz * 0.012;
    this.#fromAfterglow(ox, oy, oz, nx, ny, nz, light);
    this.#fromLamps(ox, oy, oz, nx, ny, nz, sequence, light);
    this.#fromSky(ox, oy, oz, nx, ny, nz, sequence, turn, light);
    out[0] += shade.r * light[0] + shade.glowR;
    out[1] += shade.g * light[1] + shade.glowG;
    out[2] += shade.b * light[2] + shade.glowB;
    if (shade.gloss > 0) this.#reflect(ox, oy, oz, nx, ny, nz, dx, dy, dz, shade.gloss, sequence, out);
  }

  #fromAfterglow(
    ox: number,
    oy: number,
    oz: number,
    nx: number,
    ny: number,
    nz: number,
    light: Colour,
  ): void {
    const { direction, spread, irradiance } = afterglow;
    const lx = direction[0] + spread * (this.#random() - 0.5) * 2;
    const ly = direction[1] + spread * (this.#random() - 0.5) * 2;
    const lz = direction[2] + spread * (this.#random() - 0.5) * 2;
    const cosine = nx * lx + ny * ly + nz * lz;
    if (cosine <= 0 || this.#tree.blocked(ox, oy, oz, lx, ly, lz, 200)) return;
    for (let i = 0; i < 3; i++) light[i]! += cosine * irradiance[i]!;
  }

  #fromLamps(
    ox: number,
    oy: number,
    oz: number,
    nx: number,
    ny: number,
    nz: number,
    sequence: number,
    light: Colour,
  ): void {
    const lamps = this.#lamps;
    const stride = this.#lampStride;
    for (let index = sequence % stride; index < lamps.length; index += stride) {
      const lamp = lamps[index]!;
      const lx = lamp.at[0] - ox + lamp.radius * (this.#random() - 0.5) * 2;
      const ly = lamp.at[1] - oy + lamp.radius * (this.#random() - 0.5) * 2;
      const lz = lamp.at[2] - oz + lamp.radius * (this.#random() - 0.5) * 2;
      const distance = Math.sqrt(lx * lx + ly * ly + lz * lz);
      const cosine = (nx * lx + ny * ly + nz * lz) / distance;
      const strength = (stride * cosine) / (distance * distance + 1.5);
      if (strength * lamp.intensity[0] < 0.004) continue;
      // The ray stops short of the lantern's own glass and rim.
      const reach = 1 - (lamp.radius * 1.6 + 0.15) / distance;
      if (reach > 0 && this.#tree.blocked(ox, oy, oz, lx, ly, lz, reach)) continue;
      for (let i = 0; i < 3; i++) light[i]! += strength * lamp.intensity[i]!;
    }
  }

  #fromSky(
    ox: number,
    oy: number,
    oz: number,
    nx: number,
    ny: number,
    nz: number,
    sequence: number,
    turn: number,
    light: Colour,
  ): void {
    const sky = this.#sky;
    const sign = nz >= 0 ? 1 : -1;
    const a = -1 / (sign + nz);
    const b = nx * ny * a;
    const share = 1 / this.#skyRays;
    for (let ray = 0; ray < this.#skyRays; ray++) {
      // The R2 sequence (Roberts 2018): even in two dimensions whatever its length.
      const index = sequence * this.#skyRays + ray;
      const radius = Math.sqrt((0.7548776662466927 * index + turn) % 1);
      const angle = 2 * Math.PI * ((0.5698402909980532 * index + turn * 7.31) % 1);
      const tx = radius * Math.cos(angle);
      const ty = radius * Math.sin(angle);
      const tz = Math.sqrt(Math.max(0, 1 - radius * radius));
      // An orthonormal basis without branches (Duff et al., JCGT 2017).
      const dx = (1 + sign * nx * nx * a) * tx + b * ty + nx * tz;
      const dy = sign * b * tx + (sign + ny * ny * a) * ty + ny * tz;
      const dz = -sign * nx * tx - ny * ty + nz * tz;
      if (this.#tree.blocked(ox, oy, oz, dx, dy, dz, 40)) {
        // What stands in the way gives a little of its own light back, less the nearer and lower it stands.
        light[0] += share * 0.06;
        light[1] += share * 0.058;
        light[2] += share * 0.055;
        continue;
      }
      skyGradient(dx, dy, dz, sky);
      for (let i = 0; i < 3; i++) light[i]! += share * sky[i]!;
    }
  }

  #reflect(
    ox: number,
    oy: number,
    oz: number,
    nx: number,
    ny: number,
    nz: number,
    dx: number,
    dy: number,
    dz: number,
    gloss: number,
    sequence: number,
    out: Colour,
  ): void {
    const facing = nx * dx + ny * dy + nz * dz;
    const share = gloss + (1 - gloss) * Math.min(1, gloss * 8) * (1 + Math.min(0, facing)) ** 5;
    const rx = dx - 2 * facing * nx;
    const ry = dy - 2 * facing * ny;
    const rz = dz - 2 * facing * nz;
    const seen: Colour = [0, 0, 0];
    if (this.#tree.closest(ox, oy, oz, rx, ry, rz, 150)) {
      const t = this.#tree.distance;
      const shade = this.#mirrored;
      readSurface(this.#tree, ox + t * rx, oy + t * ry, oz + t * rz, rx, ry, rz, shade);
      const light: Colour = [0.13, 0.14, 0.15];
      this.#fromAfterglow(ox + t * rx, oy + t * ry, oz + t * rz, shade.nx, shade.ny, shade.nz, light);
      this.#fromLamps(ox + t * rx, oy + t * ry, oz + t * rz, shade.nx, shade.ny, shade.nz, sequence, light);
      seen[0] = shade.r * light[0] + shade.glowR;
      seen[1] = shade.g * light[1] + shade.glowG;
      seen[2] = shade.b * light[2] + shade.glowB;
    } else {
      skyPicture(rx, ry, rz, seen);
    }
    // Lamps and moon would glitter as single white pixels on round, dull things; wet ground may show them.
    const limit = gloss > 0.03 ? 6 : 0.7;
    for (let i = 0; i < 3; i++) out[i] = out[i]! * (1 - share) + Math.min(limit, seen[i]!) * share;
  }
}
