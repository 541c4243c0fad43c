/** The walking figure's shadow on the quay, one for each light that falls there. */
import { quayLamps } from './lamps.ts';
import type { RayTree } from './ray-tree.ts';
import { afterglow } from './sky.ts';
import type { Layer } from './still-layer.ts';
import { project, rayThrough, type Vec, type View } from './view.ts';

const skyShare = 0.2;
const samples = 6;
const figureHeight = 1.85;
const clearance = 0.9;

/** Darkens `lit` (a copy of the layer's colour) where the figure at `feet` takes light from the ground y = 0. */
export function castShadow(
  view: View,
  tree: RayTree,
  feet: Vec,
  lit: Float32Array,
  layer: Layer,
  random: () => number,
): void {
  const [column, row, depth] = project(view, ...feet);
  const metre = view.focal / depth;
  const [left, right] = [
    Math.max(0, Math.floor(column - 3.2 * metre)),
    Math.min(view.width, Math.ceil(column + 3.2 * metre)),
  ];
  const [top, bottom] = [
    Math.max(0, Math.floor(row - 1.1 * metre)),
    Math.min(view.height, Math.ceil(row + 0.9 * metre)),
  ];
  for (let py = top; py < bottom; py++) {
    for (let px = left; px < right; px++) {
      const pixel = py * view.width + px;
      const [dx, dy, dz] = rayThrough(view, px + 0.5, py + 0.5);
      const t = -view.eye[1] / dy;
      // Only the flat ground takes the shadow; what stands on it is nearer than the ground behind it.
      if (dy >= 0 || layer.depth[pixel]! < t - 0.6) continue;
      const share = lightLeft(
        tree,
        view.eye[0] + t * dx - feet[0],
        view.eye[2] + t * dz - feet[2],
        feet,
        random,
      );
      if (share === 1) continue;
      for (let i = 0; i < 3; i++) lit[pixel * 3 + i]! *= share;
    }
  }
}

/** How much of its light a ground point keeps; x and z are relative to the feet. */
function lightLeft(tree: RayTree, x: number, z: number, feet: Vec, random: () => number): number {
  const distance = Math.hypot(x, z * 0.8);
  let whole = skyShare;
  let left = skyShare * (1 - 0.6 * Math.exp(-((distance / 0.28) ** 2)));
  const [ax, ay, az] = afterglow.direction;
  const west = 0.5 * ay;
  whole += west;
  left += west * seen(tree, x, z, ax, ay, az, afterglow.spread, random);
  for (const lamp of quayLamps) {
    const [lx, ly, lz] = [lamp.at[0] - feet[0] - x, lamp.at[1], lamp.at[2] - feet[2] - z];
    const squared = lx * lx + ly * ly + lz * lz;
    const strength = (lamp.intensity[1] * ly) / (Math.sqrt(squared) * (squared + 1.5));
    whole += strength;
    left += strength * seen(tree, x, z, lx, ly, lz, lamp.radius, random);
  }
  return left / whole;
}

function seen(
  tree: RayTree,
  x: number,
  z: number,
  dx: number,
  dy: number,
  dz: number,
  spread: number,
  random: () => number,
): number {
  if (passesBy(x, z, dx, dy, dz)) return 1;
  let open = 0;
  for (let i = 0; i < samples; i++) {
    const [jx, jy, jz] = [random() - 0.5, random() - 0.5, random() - 0.5];
    if (!tree.blocked(x, 0.01, z, dx + 2 * spread * jx, dy + 2 * spread * jy, dz + 2 * spread * jz, 1e3))
      open++;
  }
  return open / samples;
}

// A ray to the light that stays clear of an upright cylinder round the figure meets nothing.
function passesBy(x: number, z: number, dx: number, dy: number, dz: number): boolean {
  const end = figureHeight / dy;
  const flat = dx * dx + dz * dz;
  const nearest = flat === 0 ? 0 : Math.min(end, Math.max(0, -(x * dx + z * dz) / flat));
  return (x + nearest * dx) ** 2 + (z + nearest * dz) ** 2 > clearance * clearance;
}
