/** Triangles and the shapes they are built from: boxes, tubes, profiles and lofts, each with its paint. */
import type { Vec } from './view.ts';

/** What a surface gives back to the light at one point. Colours are linear light. */
export interface Shade {
  /** Diffuse reflectance, 0…1. */
  r: number;
  g: number;
  b: number;
  /** How much of the emitted light leaves by itself: lit windows, lamp glass. */
  glowR: number;
  glowG: number;
  glowB: number;
  /** Share of mirror reflection at normal incidence, 0…1; grazing angles reflect more. */
  gloss: number;
  /** The normal, bent by the paint where the surface is rough. */
  nx: number;
  ny: number;
  nz: number;
}

/** A procedural paint: fills `out` at a point given relative to the part's origin, in metres. */
export type Paint = (x: number, y: number, z: number, out: Shade) => void;

export interface Part {
  readonly paint: Paint;
  readonly origin: Vec;
}

/** A list of triangles; every triangle belongs to a part. */
export class Mesh {
  /** Nine numbers a triangle: three corners. */
  readonly corners: number[] = [];
  /** Nine numbers a triangle: the normals at the corners. */
  readonly normals: number[] = [];
  readonly partOf: number[] = [];
  readonly parts: Part[] = [];
  #current = -1;

  /** Everything added from here on wears this paint. */
  paint(paint: Paint, origin: Vec = [0, 0, 0]): this {
    this.parts.push({ paint, origin });
    this.#current = this.parts.length - 1;
    return this;
  }

  triangle(a: Vec, b: Vec, c: Vec, na?: Vec, nb?: Vec, nc?: Vec): void {
    const flat = cross(subtract(b, a), subtract(c, a));
    this.corners.push(...a, ...b, ...c);
    this.normals.push(...unit(na ?? flat), ...unit(nb ?? na ?? flat), ...unit(nc ?? na ?? flat));
    this.partOf.push(this.#current);
  }

  quad(a: Vec, b: Vec, c: Vec, d: Vec): void {
    this.triangle(a, b, c);
    this.triangle(a, c, d);
  }

  box(x0: number, y0: number, z0: number, x1: number, y1: number, z1: number): this {
    this.quad([x0, y0, z0], [x0, y1, z0], [x1, y1, z0], [x1, y0, z0]);
    this.quad([x0, y0, z1], [x1, y0, z1], [x1, y1, z1], [x0, y1, z1]);
    this.quad([x0, y0, z0], [x0, y0, z1], [x0, y1, z1], [x0, y1, z0]);
    this.quad([x1, y0, z0], [x1, y1, z0], [x1, y1, z1], [x1, y0, z1]);
    this.quad([x0, y1, z0], [x0, y1, z1], [x1, y1, z1], [x1, y1, z0]);
    this.quad([x0, y0, z0], [x1, y0, z0], [x1, y0, z1], [x0, y0, z1]);
    return this;
  }

  /** A round bar from a to b, closed at both ends. */
  tube(a: Vec, b: Vec, radiusA: number, radiusB = radiusA, sides = 8): this {
    const axis = unit(subtract(b, a));
    const side = unit(cross(axis, Math.abs(axis[1]) > 0.9 ? [1, 0, 0] : [0, 1, 0]));
    const other = cross(axis, side);
    for (let i = 0; i < sides; i++) {
      const n0 = around(side, other, (i / sides) * 2 * Math.PI);
      const n1 = around(side, other, ((i + 1) / sides) * 2 * Math.PI);
      const a0 = along(a, n0, radiusA);
      const a1 = along(a, n1, radiusA);
      const b0 = along(b, n0, radiusB);
      const b1 = along(b, n1, radiusB);
      this.triangle(a0, a1, b1, n0, n1, n1);
      this.triangle(a0, b1, b0, n0, n1, n0);
      this.triangle(a, a0, a1, along([0, 0, 0], axis, -1));
      this.triangle(b, b0, b1, axis);
    }
    return this;
  }

  /** A flat outline in x, y (star-shaped round its middle), drawn out from z0 to z1, its two rims cut back by `bevel`. */
  profile(outline: readonly (readonly [number, number])[], z0: number, z1: number, bevel = 0): this {
    const mx = outline.reduce((sum, [x]) => sum + x, 0) / outline.length;
    const my = outline.reduce((sum, [, y]) => sum + y, 0) / outline.length;
    const inward = ([x, y]: readonly [number, number]): readonly [number, number] => {
      const shrink = 1 - bevel / (Math.hypot(x - mx, y - my) || 1);
      return [mx + (x - mx) * shrink, my + (y - my) * shrink];
    };
    outline.forEach((point, i) => {
      const following = outline[(i + 1) % outline.length]!;
      const [[x, y], [nextX, nextY]] = [point, following];
      const [[ix, iy], [nextIx, nextIy]] = [inward(point), inward(following)];
      this.quad(
        [x, y, z0 + bevel],
        [nextX, nextY, z0 + bevel],
        [nextX, nextY, z1 - bevel],
        [x, y, z1 - bevel],
      );
      this.triangle([mx, my, z0], [ix, iy, z0], [nextIx, nextIy, z0], [0, 0, -1]);
      this.triangle([mx, my, z1], [nextIx, nextIy, z1], [ix, iy, z1], [0, 0, 1]);
      if (bevel === 0) return;
      this.quad([ix, iy, z0], [nextIx, nextIy, z0], [nextX, nextY, z0 + bevel], [x, y, z0 + bevel]);
      this.quad([x, y, z1 - bevel], [nextX, nextY, z1 - bevel], [nextIx, nextIy, z1], [ix, iy, z1]);
    });
    return this;
  }

  /** A skin over rings of equally many points, smooth from ring to ring. */
  loft(rings: readonly (readonly Vec[])[]): this {
    const normalAt = (i: number, j: number): Vec => {
      const ring = rings[i]!;
      const before = rings[Math.max(0, i - 1)]![j]!;
      const after = rings[Math.min(rings.length - 1, i + 1)]![j]!;
      return cross(
        subtract(after, before),
        subtract(ring[Math.min(ring.length - 1, j + 1)]!, ring[Math.max(0, j - 1)]!),
      );
    };
    for (let i = 0; i + 1 < rings.length; i++) {
      for (let j = 0; j + 1 < rings[i]!.length; j++) {
        const [a, b, c, d] = [rings[i]![j]!, rings[i + 1]![j]!, rings[i + 1]![j + 1]!, rings[i]![j + 1]!];
        const [na, nb, nc, nd] = [
          normalAt(i, j),
          normalAt(i + 1, j),
          normalAt(i + 1, j + 1),
          normalAt(i, j + 1),
        ];
        this.triangle(a, b, c, na, nb, nc);
        this.triangle(a, c, d, na, nc, nd);
      }
    }
    return this;
  }

  ball(centre: Vec, radius: number, sides = 10): this {
    const rings: Vec[][] = [];
    for (let i = 0; i <= sides / 2; i++) {
      const tilt = (i / (sides / 2)) * Math.PI;
      const ring: Vec[] = [];
      for (let j = 0; j <= sides; j++) {
        const turn = (j / sides) * 2 * Math.PI;
        ring.push([
          centre[0] + radius * Math.sin(tilt) * Math.cos(turn),
          centre[1] + radius * Math.cos(tilt),
          centre[2] + radius * Math.sin(tilt) * Math.sin(turn),
        ]);
      }
      rings.push(ring);
    }
    return this.loft(rings);
  }
}

export function subtract(a: Vec, b: Vec): Vec {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

export function cross(a: Vec, b: Vec): Vec {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function unit(a: Vec): Vec {
  const length = Math.hypot(a[0], a[1], a[2]) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
}

function along(from: Vec, direction: Vec, distance: number): Vec {
  return [
    from[0] + direction[0] * distance,
    from[1] + direction[1] * distance,
    from[2] + direction[2] * distance,
  ];
}

function around(side: Vec, other: Vec, angle: number): Vec {
  return along(along([0, 0, 0], side, Math.cos(angle)), other, Math.sin(angle));
}
