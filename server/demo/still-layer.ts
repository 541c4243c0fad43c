/** The parts of the picture that never move, traced once: colour, coverage and depth for every pixel. */
import { blankShade, Illumination, readSurface } from './illuminate.ts';
import type { Lamp } from './lamps.ts';
import type { Mesh } from './mesh.ts';
import { RayTree } from './ray-tree.ts';
import { type Colour, skyPicture } from './sky.ts';
import { rayThrough, type View } from './view.ts';

/** One picture of linear light, premultiplied by coverage. Planes have one entry (or three, interleaved) a pixel. */
export interface Layer {
  readonly width: number;
  readonly height: number;
  /** RGB, interleaved, linear light, premultiplied. */
  readonly colour: Float32Array;
  /** Share of the pixel that the layer covers. */
  readonly cover: Float32Array;
  /** Distance along the ray in metres of the nearest thing in the pixel; Infinity for sky and nothing. */
  readonly depth: Float32Array;
}

export interface StillSettings {
  /** Samples a pixel along each axis. */
  readonly grid: number;
  /** Rays to the sky for each sample. */
  readonly skyRays: number;
  /** Rays that meet nothing see the sky (true) or leave the pixel uncovered. */
  readonly sky: boolean;
  /** A plane y = … that ends rays; what lies behind it is left uncovered. */
  readonly water?: number;
  /** Also look from under the plane: rays start on the water and run upwards, as in a mirror. */
  readonly mirrored?: boolean;
  readonly lamps: readonly Lamp[];
}

/** Traces a mesh into a layer of the view's size, rows `top` to `bottom` (the others stay empty). */
export function traceStill(
  view: View,
  mesh: Mesh,
  settings: StillSettings,
  random: () => number,
  top = 0,
  bottom = view.height,
): Layer {
  const { width, height, eye } = view;
  const tree = new RayTree(mesh);
  const illumination = new Illumination(
    tree,
    settings.lamps,
    random,
    settings.skyRays,
    settings.grid > 1 ? 2 : 1,
  );
  const colour = new Float32Array(width * height * 3);
  const cover = new Float32Array(width * height);
  const depth = new Float32Array(width * height).fill(Infinity);
  const shade = blankShade();
  const { grid } = settings;
  const share = 1 / (grid * grid);
  for (let py = top; py < bottom; py++) {
    for (let px = 0; px < width; px++) {
      const pixel = py * width + px;
      const sum: Colour = [0, 0, 0];
      const turn = random();
      let covered = 0;
      for (let sample = 0; sample < grid * grid; sample++) {
        const sx = px + ((sample % grid) + random()) / grid;
        const sy = py + (Math.floor(sample / grid) + random()) / grid;
        let [dx, dy, dz] = rayThrough(view, sx, sy);
        let [ox, oy, oz] = eye;
        let limit = Infinity;
        if (settings.water !== undefined && dy < 0) {
          const reach = (settings.water - oy) / dy;
          if (settings.mirrored === true) {
            ox += reach * dx;
            oy = settings.water;
            oz += reach * dz;
            dy = -dy;
          } else limit = reach;
        } else if (settings.mirrored === true) dy = Math.abs(dy);
        if (tree.closest(ox, oy, oz, dx, dy, dz, Math.min(limit, 1e6))) {
          const t = tree.distance;
          depth[pixel] = Math.min(depth[pixel]!, t);
          readSurface(tree, ox + t * dx, oy + t * dy, oz + t * dz, dx, dy, dz, shade);
          illumination.shine(ox + t * dx, oy + t * dy, oz + t * dz, dx, dy, dz, shade, sample, turn, sum);
        } else if (settings.sky && limit === Infinity) {
          const seen: Colour = [0, 0, 0];
          skyPicture(dx, dy, dz, seen);
          for (let i = 0; i < 3; i++) sum[i]! += seen[i]!;
        } else continue;
        covered++;
      }
      cover[pixel] = covered * share;
      for (let i = 0; i < 3; i++) colour[pixel * 3 + i] = sum[i]! * share;
    }
  }
  return { width, height, colour, cover, depth };
}
