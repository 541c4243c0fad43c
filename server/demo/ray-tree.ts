/** A bounding volume hierarchy over a mesh: what does a ray meet first, and does it meet anything at all? */
import type { Mesh } from './mesh.ts';

const leafSize = 4;
const epsilon = 1e-4;

/** Answers rays against a mesh. One ray at a time: the answer stands in the fields until the next call. */
export class RayTree {
  /** Distance to the last hit in metres. */
  distance = 0;
  /** The triangle last hit, and where in it (barycentric weights of its second and third corner). */
  triangle = -1;
  u = 0;
  v = 0;

  readonly mesh: Mesh;
  readonly #order: Int32Array;
  readonly #corners: Float64Array;
  // Six bounds a node; a leaf is (first triangle, count), another node (right child, −the axis that it is cut along).
  #bounds: Float64Array;
  #first: Int32Array;
  #count: Int32Array;
  #nodes = 0;
  readonly #stack = new Int32Array(96);

  constructor(mesh: Mesh) {
    const size = mesh.partOf.length;
    this.mesh = mesh;
    this.#order = Int32Array.from({ length: size }, (_, i) => i);
    this.#corners = Float64Array.from(mesh.corners);
    this.#bounds = new Float64Array(size * 12 + 12);
    this.#first = new Int32Array(size * 2 + 2);
    this.#count = new Int32Array(size * 2 + 2);
    this.#build(0, size);
  }

  /** The mesh's own box: x0, y0, z0, x1, y1, z1. */
  get bounds(): Float64Array {
    return this.#bounds.subarray(0, 6);
  }

  /** Finds the nearest hit closer than `limit`; false when there is none. */
  closest(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, limit: number): boolean {
    this.distance = limit;
    this.triangle = -1;
    return this.#walk(ox, oy, oz, dx, dy, dz, false);
  }

  /** Whether anything stands closer than `limit` on the ray. */
  blocked(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, limit: number): boolean {
    this.distance = limit;
    return this.#walk(ox, oy, oz, dx, dy, dz, true);
  }

  #walk(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, any: boolean): boolean {
    const bounds = this.#bounds;
    const stack = this.#stack;
    const counts = this.#count;
    const firsts = this.#first;
    const order = this.#order;
    const ix = 1 / (dx || 1e-12);
    const iy = 1 / (dy || 1e-12);
    const iz = 1 / (dz || 1e-12);
    const nearX = ix < 0 ? 3 : 0;
    const nearY = iy < 0 ? 4 : 1;
    const nearZ = iz < 0 ? 5 : 2;
    let depth = 1;
    let hit = false;
    stack[0] = 0;
    while (depth > 0) {
      const node = stack[--depth]!;
      const at = node * 6;
      let enter = (bounds[at + nearX]! - ox) * ix;
      let leave = (bounds[at + 3 - nearX]! - ox) * ix;
      const enterY = (bounds[at + nearY]! - oy) * iy;
      const leaveY = (bounds[at + 5 - nearY]! - oy) * iy;
      if (enterY > enter) enter = enterY;
      if (leaveY < leave) leave = leaveY;
      const enterZ = (bounds[at + nearZ]! - oz) * iz;
      const leaveZ = (bounds[at + 7 - nearZ]! - oz) * iz;
      if (enterZ > enter) enter = enterZ;
      if (leaveZ < leave) leave = leaveZ;
      if (enter > leave || leave < 0 || enter > this.distance) continue;
      const count = counts[node]!;
      if (count <= 0) {
        // The left child follows its parent; the one that lies first along the ray is looked at first.
        const right = firsts[node]!;
        const forward = count === 0 ? ix > 0 : count === -1 ? iy > 0 : iz > 0;
        stack[depth++] = forward ? right : node + 1;
        stack[depth++] = forward ? node + 1 : right;
        continue;
      }
      const first = firsts[node]!;
      for (let i = first; i < first + count; i++) {
        if (this.#meets(order[i]!, ox, oy, oz, dx, dy, dz)) {
          hit = true;
          if (any) return true;
        }
      }
    }
    return hit;
  }

  // Möller and Trumbore, "Fast, minimum storage ray/triangle intersection" (1997).
  #meets(triangle: number, ox: number, oy: number, oz: number, dx: number, dy: number, dz: number): boolean {
    const c = this.#corners;
    const at = triangle * 9;
    const ax = c[at]!;
    const ay = c[at + 1]!;
    const az = c[at + 2]!;
    const ex = c[at + 3]! - ax;
    const ey = c[at + 4]! - ay;
    const ez = c[at + 5]! - az;
    const fx = c[at + 6]! - ax;
    const fy = c[at + 7]! - ay;
    const fz = c[at + 8]! - az;
    const px = dy * fz - dz * fy;
    const py = dz * fx - dx * fz;
    const pz = dx * fy - dy * fx;
    const determinant = ex * px + ey * py + ez * pz;
    if (determinant > -1e-12 && determinant < 1e-12) return false;
    const inverse = 1 / determinant;
    const tx = ox - ax;
    const ty = oy - ay;
    const tz = oz - az;
    const u = (tx * px + ty * py + tz * pz) * inverse;
    if (u < 0 || u > 1) return false;
    const qx = ty * ez - tz * ey;
    const qy = tz * ex - tx * ez;
    const qz = tx * ey - ty * ex;
    const v = (dx * qx + dy * qy + dz * qz) * inverse;
    if (v < 0 || u + v > 1) return false;
    const t = (fx * qx + fy * qy + fz * qz) * inverse;
    if (t < epsilon || t >= this.distance) return false;
    this.distance = t;
    this.triangle = triangle;
    this.u = u;
    this.v = v;
    return true;
  }

  #build(first: number, count: number): number {
    const node = this.#nodes++;
    const c = this.#corners;
    const order = this.#order;
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (let i = first; i < first + count; i++) {
      for (let k = 0; k < 9; k++) {
        const value = c[order[i]! * 9 + k]!;
        low[k % 3] = Math.min(low[k % 3]!, value);
        high[k % 3] = Math.max(high[k % 3]!, value);
      }
    }
    this.#bounds.set(low, node * 6);
    this.#bounds.set(high, node * 6 + 3);
    if (count <= leafSize) {
      this.#first[node] = first;
      this.#count[node] = count;
      return node;
    }
    const [half, axis] = this.#split(first, count);
    this.#build(first, half);
    this.#first[node] = this.#build(first + half, count - half);
    this.#count[node] = -axis;
    return node;
  }

  /** Orders the triangles of a node along its widest axis; says how many belong to the left child, and the axis. */
  #split(first: number, count: number): [half: number, axis: number] {
    const c = this.#corners;
    const order = this.#order.subarray(first, first + count);
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (const triangle of order) {
      for (let k = 0; k < 3; k++) {
        const value = this.#middle(triangle, k);
        low[k] = Math.min(low[k]!, value);
        high[k] = Math.max(high[k]!, value);
      }
    }
    const extent = low.map((value, k) => high[k]! - value);
    const axis = extent.indexOf(Math.max(...extent));
    order.sort((a, b) => this.#middle(a, axis) - this.#middle(b, axis));
    // The surface area heuristic (Goldsmith and Salmon, 1987): the cheapest of all cuts.
    const box = new Float64Array(6);
    const after = new Float64Array(count);
    box.set([Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity]);
    for (let i = count - 1; i > 0; i--) after[i] = grow(box, c, order[i]!) * (count - i);
    box.set([Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity]);
    let best = Infinity;
    let half = count >> 1;
    for (let i = 1; i < count; i++) {
      const cost = grow(box, c, order[i - 1]!) * i + after[i]!;
      if (cost < best) {
        best = cost;
        half = i;
      }
    }
    return [half, axis];
  }

  #middle(triangle: number, axis: number): number {
    const c = this.#corners;
    const at = triangle * 9 + axis;
    return c[at]! + c[at + 3]! + c[at + 6]!;
  }
}

/** Widens a box by a triangle and returns its surface. */
function grow(box: Float64Array, corners: Float64Array, triangle: number): number {
  for (let k = 0; k < 9; k++) {
    const value = corners[triangle * 9 + k]!;
    const axis = k % 3;
    if (value < box[axis]!) box[axis] = value;
    if (value > box[axis + 3]!) box[axis + 3] = value;
  }
  const [x, y, z] = [box[3]! - box[0]!, box[4]! - box[1]!, box[5]! - box[2]!];
  return x * y + y * z + z * x;
}
