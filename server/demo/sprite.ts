/** A moving thing traced for one frame: a small picture with coverage and depth, upright or mirrored in the water. */
import type { AmbientVolume } from './ambient-volume.ts';
import { blankShade, readSurface } from './illuminate.ts';
import type { Lamp } from './lamps.ts';
import type { RayTree } from './ray-tree.ts';
import { afterglow, type Colour, skyGradient } from './sky.ts';
import { project, rayThrough, type Vec, type View } from './view.ts';

/** Where a moving thing is: its origin in the world, its heading along x, and its lean in radians. */
export interface Pose {
  readonly at: Vec;
  readonly heading: 1 | -1;
  readonly roll: number;
  readonly pitch: number;
}

export interface Mover {
  readonly tree: RayTree;
  readonly ambient: AmbientVolume;
  readonly lamps: readonly Lamp[];
}

/** A rectangle of premultiplied linear RGB with coverage and depth; `left` and `top` place it in the picture. */
export interface Sprite {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly colour: Float32Array;
  readonly cover: Float32Array;
  /** Distance along the ray in metres; from the water's surface when mirrored. */
  readonly depth: Float32Array;
}

/**
 * Traces a mover with `grid`² samples a pixel. What lies lower than `water` is hidden. The sprite may reach `margin`
 * picture widths over the picture's edges.
 */
export function traceSprite(
  view: View,
  mover: Mover,
  pose: Pose,
  grid: number,
  water: number,
  mirrored: boolean,
  random: () => number,
  margin = 0,
): Sprite {
  const turn = rotation(pose);
  const [left, top, right, bottom] = extent(
    view,
    mover.tree.bounds,
    pose.at,
    turn,
    water,
    mirrored,
    Math.round(margin * view.width),
  );
  const width = Math.max(0, right - left);
  const height = Math.max(0, bottom - top);
  const colour = new Float32Array(width * height * 3);
  const cover = new Float32Array(width * height);
  const depth = new Float32Array(width * height).fill(Infinity);
  const share = 1 / (grid * grid);
  const jitter = grid === 1 ? () => 0.5 : random;
  const painter = new Painter(mover, pose, turn);
  const touched = touchedTiles(
    view,
    mover.tree.mesh.corners,
    pose.at,
    turn,
    water,
    mirrored,
    left,
    top,
    width,
    height,
  );
  const tilesAcross = Math.ceil(width / tileSize);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (touched[Math.floor(row / tileSize) * tilesAcross + Math.floor(column / tileSize)] === 0) continue;
      const pixel = row * width + column;
      for (let sample = 0; sample < grid * grid; sample++) {
        const sx = left + column + ((sample % grid) + jitter()) / grid;
        const sy = top + row + (Math.floor(sample / grid) + jitter()) / grid;
        const ray = rayThrough(view, sx, sy);
        const reach = ray[1] < 0 ? (water - view.eye[1]) / ray[1] : Infinity;
        if (mirrored && reach === Infinity) continue;
        const distance = mirrored
          ? painter.look(
              view.eye[0] + reach * ray[0],
              water,
              view.eye[2] + reach * ray[2],
              ray[0],
              -ray[1],
              ray[2],
              1e6,
            )
          : painter.look(view.eye[0], view.eye[1], view.eye[2], ray[0], ray[1], ray[2], Math.min(reach, 1e6));
        if (distance === Infinity) continue;
        cover[pixel]! += share;
        depth[pixel] = Math.min(depth[pixel]!, distance);
        for (let i = 0; i < 3; i++) colour[pixel * 3 + i]! += share * painter.seen[i]!;
      }
    }
  }
  return { left, top, width, height, colour, cover, depth };
}

/** Looks along world rays at a mover and lights what it meets from the baked volume and the lamps. */
class Painter {
  readonly seen: Colour = [0, 0, 0];
  readonly #mover: Mover;
  readonly #pose: Pose;
  readonly #turn: Float64Array;
  readonly #shade = blankShade();
  readonly #light: Colour = [0, 0, 0];

  constructor(mover: Mover, pose: Pose, turn: Float64Array) {
    this.#mover = mover;
    this.#pose = pose;
    this.#turn = turn;
  }

  look(wx: number, wy: number, wz: number, wdx: number, wdy: number, wdz: number, limit: number): number {
    const m = this.#turn;
    const { at } = this.#pose;
    const { tree } = this.#mover;
    const [px, py, pz] = [wx - at[0], wy - at[1], wz - at[2]];
    // The transpose of a rotation turns the world's ray into the mover's.
    const ox = m[0]! * px + m[3]! * py + m[6]! * pz;
    const oy = m[1]! * px + m[4]! * py + m[7]! * pz;
    const oz = m[2]! * px + m[5]! * py + m[8]! * pz;
    const dx = m[0]! * wdx + m[3]! * wdy + m[6]! * wdz;
    const dy = m[1]! * wdx + m[4]! * wdy + m[7]! * wdz;
    const dz = m[2]! * wdx + m[5]! * wdy + m[8]! * wdz;
    if (!tree.closest(ox, oy, oz, dx, dy, dz, limit)) return Infinity;
    const t = tree.distance;
    const [x, y, z] = [ox + t * dx, oy + t * dy, oz + t * dz];
    readSurface(tree, x, y, z, dx, dy, dz, this.#shade);
    this.#illuminate(x, y, z, wx + t * wdx, wy + t * wdy, wz + t * wdz, wdx, wdy, wdz);
    return t;
  }

  #illuminate(
    x: number,
    y: number,
    z: number,
    wx: number,
    wy: number,
    wz: number,
    dx: number,
    dy: number,
    dz: number,
  ): void {
    const { nx, ny, nz } = this.#shade;
    const m = this.#turn;
    const light = this.#light;
    const shade = this.#shade;
    light.fill(0);
    const share = this.#mover.ambient.light(x, y, z, nx, ny, nz, light);
    const wnx = m[0]! * nx + m[1]! * ny + m[2]! * nz;
    const wny = m[3]! * nx + m[4]! * ny + m[5]! * nz;
    const wnz = m[6]! * nx + m[7]! * ny + m[8]! * nz;
    const [ax, ay, az] = afterglow.direction;
    const facing = Math.max(0, wnx * ax + wny * ay + wnz * az) * share;
    for (let i = 0; i < 3; i++) light[i]! += facing * afterglow.irradiance[i]!;
    for (const lamp of this.#mover.lamps) {
      const [lx, ly, lz] = [lamp.at[0] - wx, lamp.at[1] - wy, lamp.at[2] - wz];
      const squared = lx * lx + ly * ly + lz * lz;
      const strength = Math.max(0, wnx * lx + wny * ly + wnz * lz) / (Math.sqrt(squared) * (squared + 1.5));
      for (let i = 0; i < 3; i++) light[i]! += strength * lamp.intensity[i]!;
    }
    this.seen[0] = shade.r * light[0] + shade.glowR;
    this.seen[1] = shade.g * light[1] + shade.glowG;
    this.seen[2] = shade.b * light[2] + shade.glowB;
    if (shade.gloss > 0) {
      const along = wnx * dx + wny * dy + wnz * dz;
      const mirror =
        shade.gloss + (1 - shade.gloss) * Math.min(1, shade.gloss * 8) * (1 + Math.min(0, along)) ** 5;
      skyGradient(dx - 2 * along * wnx, dy - 2 * along * wny, dz - 2 * along * wnz, light);
      for (let i = 0; i < 3; i++) this.seen[i] = this.seen[i]! * (1 - mirror) + light[i]! * mirror;
    }
  }
}

/** A 3 × 3 rotation, row by row: heading, then pitch about the beam, then roll about the length. */
function rotation(pose: Pose): Float64Array {
  const [cp, sp] = [Math.cos(pose.pitch), Math.sin(pose.pitch)];
  const [cr, sr] = [Math.cos(pose.roll), Math.sin(pose.roll)];
  const h = pose.heading;
  return Float64Array.of(h * cp, -h * sp * cr, h * sp * sr, sp, cp * cr, -cp * sr, 0, h * sr, h * cr);
}

const tileSize = 8;

/** Marks the tiles of a rectangle that some triangle's own rectangle touches; the others need no rays. */
function touchedTiles(
  view: View,
  corners: readonly number[],
  at: Vec,
  m: Float64Array,
  water: number,
  mirrored: boolean,
  left: number,
  top: number,
  width: number,
  height: number,
): Uint8Array {
  const across = Math.ceil(width / tileSize);
  const tiles = new Uint8Array(across * Math.ceil(height / tileSize));
  for (let triangle = 0; triangle < corners.length; triangle += 9) {
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let k = triangle; k < triangle + 9; k += 3) {
      const seen = place(view, corners[k]!, corners[k + 1]!, corners[k + 2]!, at, m, water, mirrored);
      x0 = Math.min(x0, seen[0]);
      x1 = Math.max(x1, seen[0]);
      y0 = Math.min(y0, seen[1]);
      y1 = Math.max(y1, seen[1]);
    }
    const firstRow = Math.max(0, Math.floor((y0 - top - 1) / tileSize));
    const lastRow = Math.min(tiles.length / across - 1, Math.floor((y1 - top + 1) / tileSize));
    const first = Math.max(0, Math.floor((x0 - left - 1) / tileSize));
    const last = Math.min(across - 1, Math.floor((x1 - left + 1) / tileSize));
    for (let row = firstRow; row <= lastRow; row++)
      tiles.fill(1, row * across + first, row * across + Math.max(first, last + 1));
  }
  return tiles;
}

/** Where a point of the mover falls in the picture, or its mirror image; what is under water counts as at its surface. */
function place(
  view: View,
  x: number,
  y: number,
  z: number,
  at: Vec,
  m: Float64Array,
  water: number,
  mirrored: boolean,
): Vec {
  const height = Math.max(water, at[1] + m[3]! * x + m[4]! * y + m[5]! * z);
  return project(
    view,
    at[0] + m[0]! * x + m[1]! * y + m[2]! * z,
    mirrored ? 2 * water - height : height,
    at[2] + m[6]! * x + m[7]! * y + m[8]! * z,
  );
}

function extent(
  view: View,
  bounds: Float64Array,
  at: Vec,
  m: Float64Array,
  water: number,
  mirrored: boolean,
  margin: number,
): [number, number, number, number] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let corner = 0; corner < 8; corner++) {
    const x = bounds[corner & 1 ? 3 : 0]!;
    const y = bounds[corner & 2 ? 4 : 1]!;
    const z = bounds[corner & 4 ? 5 : 2]!;
    const seen = place(view, x, y, z, at, m, water, mirrored);
    left = Math.min(left, seen[0]);
    right = Math.max(right, seen[0]);
    top = Math.min(top, seen[1]);
    bottom = Math.max(bottom, seen[1]);
  }
  const clip = (value: number, limit: number): number => Math.min(limit + margin, Math.max(-margin, value));
  return [
    clip(Math.floor(left) - 1, view.width),
    clip(Math.floor(top) - 1, view.height),
    clip(Math.ceil(right) + 1, view.width),
    clip(Math.ceil(bottom) + 1, view.height),
  ];
}
