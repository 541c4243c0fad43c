/** Baked light round a moving thing: how much sky and afterglow reach each cell of a grid, by direction. */
import type { RayTree } from './ray-tree.ts';
import { afterglow, type Colour, skyGradient } from './sky.ts';

const raysPerCell = 64;
const bounce = [0.055, 0.055, 0.055] as const;

/**
 * An ambient cube in every cell (six directions, after McTaggart, "Half-Life 2 Source shading", 2004) and the share of
 * the afterglow that reaches it. Coordinates are the vessel's own; `heading` is +1 or −1 along the world's x.
 */
export class AmbientVolume {
  readonly #cell: number;
  readonly #low: readonly [number, number, number];
  readonly #size: readonly [number, number, number];
  // Per cell: six directions of RGB, then the afterglow's share.
  readonly #values: Float32Array;

  constructor(tree: RayTree, heading: 1 | -1, cell: number, random: () => number) {
    const b = tree.bounds;
    this.#cell = cell;
    this.#low = [b[0]! - cell, b[1]! - cell, b[2]! - cell];
    this.#size = [0, 1, 2].map((i) => Math.ceil((b[i + 3]! - b[i]!) / cell) + 3) as [number, number, number];
    const [sx, sy, sz] = this.#size;
    this.#values = new Float32Array(sx * sy * sz * 19);
    const directions = sphere(raysPerCell);
    const sky: Colour = [0, 0, 0];
    for (let iz = 0; iz < sz; iz++) {
      for (let iy = 0; iy < sy; iy++) {
        for (let ix = 0; ix < sx; ix++) {
          const at = ((iz * sy + iy) * sx + ix) * 19;
          const [x, y, z] = [this.#low[0] + ix * cell, this.#low[1] + iy * cell, this.#low[2] + iz * cell];
          for (const [dx, dy, dz] of directions) {
            if (tree.blocked(x, y, z, dx, dy, dz, 12)) sky.splice(0, 3, ...bounce);
            else skyGradient(dx * heading, dy, dz * heading, sky);
            const axes = [
              Math.max(0, dx),
              Math.max(0, -dx),
              Math.max(0, dy),
              Math.max(0, -dy),
              Math.max(0, dz),
              Math.max(0, -dz),
            ];
            for (let side = 0; side < 6; side++) {
              for (let i = 0; i < 3; i++)
                this.#values[at + side * 3 + i]! += (4 / raysPerCell) * axes[side]! * sky[i]!;
            }
          }
          let seen = 0;
          for (let ray = 0; ray < 12; ray++) {
            const [lx, ly, lz] = afterglow.direction;
            const [jx, jy, jz] = [random() - 0.5, random() - 0.5, random() - 0.5];
            const [dx, dy, dz] = [
              lx + jx * 2 * afterglow.spread,
              ly + jy * 2 * afterglow.spread,
              lz + jz * 2 * afterglow.spread,
            ];
            if (!tree.blocked(x, y, z, dx * heading, dy, dz * heading, 30)) seen++;
          }
          this.#values[at + 18] = seen / 12;
        }
      }
    }
  }

  /** Adds the sky's light on a surface at a point with a normal, all in the vessel's coordinates; returns the afterglow's share. */
  light(x: number, y: number, z: number, nx: number, ny: number, nz: number, out: Colour): number {
    // Stepping off the surface keeps cells inside the hull out of the mean.
    const off = 0.75;
    const gx = clamp((x - this.#low[0]) / this.#cell + nx * off, this.#size[0]);
    const gy = clamp((y - this.#low[1]) / this.#cell + ny * off, this.#size[1]);
    const gz = clamp((z - this.#low[2]) / this.#cell + nz * off, this.#size[2]);
    const [ix, iy, iz] = [Math.floor(gx), Math.floor(gy), Math.floor(gz)];
    const [fx, fy, fz] = [gx - ix, gy - iy, gz - iz];
    const [wx, wy, wz] = [nx * nx, ny * ny, nz * nz];
    const [sideX, sideY, sideZ] = [nx > 0 ? 0 : 3, ny > 0 ? 6 : 9, nz > 0 ? 12 : 15];
    const values = this.#values;
    let glow = 0;
    for (let corner = 0; corner < 8; corner++) {
      const [cx, cy, cz] = [corner & 1, (corner >> 1) & 1, corner >> 2];
      const weight = (cx ? fx : 1 - fx) * (cy ? fy : 1 - fy) * (cz ? fz : 1 - fz);
      const at = (((iz + cz) * this.#size[1] + iy + cy) * this.#size[0] + ix + cx) * 19;
      for (let i = 0; i < 3; i++) {
        out[i]! +=
          weight *
          (wx * values[at + sideX + i]! + wy * values[at + sideY + i]! + wz * values[at + sideZ + i]!);
      }
      glow += weight * values[at + 18]!;
    }
    return glow;
  }
}

function clamp(value: number, size: number): number {
  return Math.min(size - 1.001, Math.max(0, value));
}

/** Directions spread evenly over the sphere (a Fibonacci spiral). */
function sphere(count: number): readonly (readonly [number, number, number])[] {
  return Array.from({ length: count }, (_, i) => {
    const y = 1 - (2 * i + 1) / count;
    const radius = Math.sqrt(1 - y * y);
    const angle = i * 2.399963229728653;
    return [radius * Math.cos(angle), y, radius * Math.sin(angle)] as const;
  });
}
