/** The water's surface for one frame: rippled reflections of the mirrored picture and the glitter of the lamps. */
import type { Lamp } from './lamps.ts';
import { mix } from './noise.ts';
import type { Ocean } from './ocean.ts';
import { rayThrough, type View } from './view.ts';
import { addWake, type Disturbance, type Wake } from './wake.ts';

/** What the water mirrors: as Layer, with distances measured from the surface. */
export interface Mirror {
  readonly colour: Float32Array;
  readonly depth: Float32Array;
}

const body = [0.02, 0.034, 0.036] as const;
const foamLight = [0.3, 0.31, 0.32] as const;
const taps = [-1.25, -0.4, 0.4, 1.25] as const;
// Capillary ripples finer than the ocean's tile resolves.
const fineVariance = 0.0006;

/** The part of a view's pixels that show water at `level`, with everything about them that does not change. */
export class WaterSurface {
  readonly #view: View;
  readonly #level: number;
  readonly #ocean: Ocean;
  /** Picture indices of the water's pixels. */
  readonly #pixels: Int32Array;
  // Per water pixel: world x and z, unit ray, distance, Fresnel share, resolution level of the ocean.
  readonly #points: Float64Array;
  readonly #glints: readonly Glint[];
  readonly #slopeX: Float32Array;
  readonly #slopeZ: Float32Array;
  readonly #foam: Float32Array;

  constructor(view: View, level: number, visible: Float32Array, ocean: Ocean, lamps: readonly Lamp[]) {
    this.#view = view;
    this.#level = level;
    this.#ocean = ocean;
    const pixels: number[] = [];
    const points: number[] = [];
    for (let pixel = 0; pixel < visible.length; pixel++) {
      if (visible[pixel]! <= 0) continue;
      const [dx, dy, dz] = rayThrough(view, (pixel % view.width) + 0.5, Math.floor(pixel / view.width) + 0.5);
      if (dy > -0.004) continue;
      const distance = (level - view.eye[1]) / dy;
      // A pixel's footprint is long and thin; the ocean is read at the geometric mean.
      const footprint = (distance / view.focal) * Math.sqrt(1 / -dy);
      const cell = ocean.tile / Math.sqrt(ocean.slopes[0]!.length / 2);
      const resolution = Math.min(ocean.slopes.length - 1.001, Math.max(0, Math.log2(footprint / cell)));
      pixels.push(pixel);
      points.push(view.eye[0] + distance * dx, view.eye[2] + distance * dz, dx, dy, dz, distance, resolution);
    }
    this.#pixels = Int32Array.from(pixels);
    this.#points = Float64Array.from(points);
    this.#slopeX = new Float32Array(pixels.length);
    this.#slopeZ = new Float32Array(pixels.length);
    this.#foam = new Float32Array(pixels.length);
    this.#glints = lamps.map((lamp) => this.#glintOf(lamp));
  }

  /** Writes the water's light into `out` (interleaved RGB of the whole picture). */
  render(mirror: Mirror, wakes: readonly Wake[], out: Float32Array): void {
    this.#readSlopes();
    this.#foam.fill(0);
    for (const wake of wakes) this.#disturb(wake);
    const points = this.#points;
    const { width, height, focal, eye, right, up, forward } = this.#view;
    const { colour, depth } = mirror;
    for (let index = 0; index < this.#pixels.length; index++) {
      const pixel = this.#pixels[index]!;
      const at = index * 7;
      const px = points[at]!;
      const pz = points[at + 1]!;
      const dx = points[at + 2]!;
      const dy = points[at + 3]!;
      const dz = points[at + 4]!;
      const near = depth[pixel]!;
      const reach = Math.min(400, near);
      const spread = Math.sqrt(this.#lost(points[at + 6]!) + fineVariance);
      let [r, g, b, fresnel] = [0, 0, 0, 0];
      for (let tap = 0; tap < 4; tap++) {
        const sx = this.#slopeX[index]! + spread * 0.6 * taps[(tap * 3 + 1) & 3]!;
        const sz = this.#slopeZ[index]! + spread * taps[tap]!;
        const norm = 1 / Math.sqrt(sx * sx + sz * sz + 1);
        const facing = (-sx * dx + dy - sz * dz) * norm;
        const rx = dx + 2 * facing * sx * norm;
        const ry = Math.abs(dy - 2 * facing * norm);
        const rz = dz + 2 * facing * sz * norm;
        const grazing = 1 + Math.min(0, facing);
        fresnel += 0.02 + 0.98 * grazing * grazing * grazing * grazing * grazing;
        // Where the mirrored eye sees the point that this facet reflects.
        const qx = px + reach * rx - eye[0];
        const qy = this.#level - reach * ry - eye[1];
        const qz = pz + reach * rz - eye[2];
        const scale = focal / (qx * forward[0] + qy * forward[1] + qz * forward[2]);
        const u = width / 2 + scale * (qx * right[0] + qy * right[1] + qz * right[2]) - 0.5;
        const v = height / 2 - scale * (qx * up[0] + qy * up[1] + qz * up[2]) - 0.5;
        const cu = Math.min(width - 1.001, Math.max(0, u));
        const cv = Math.min(height - 1.001, Math.max(0, v));
        const iu = cu | 0;
        const iv = cv | 0;
        const fu = cu - iu;
        const fv = cv - iv;
        const from = (iv * width + iu) * 3;
        const below = from + width * 3;
        const [wa, wb, wc, wd] = [(1 - fu) * (1 - fv), fu * (1 - fv), (1 - fu) * fv, fu * fv];
        r += wa * colour[from]! + wb * colour[from + 3]! + wc * colour[below]! + wd * colour[below + 3]!;
        g +=
          wa * colour[from + 1]! + wb * colour[from + 4]! + wc * colour[below + 1]! + wd * colour[below + 4]!;
        b +=
          wa * colour[from + 2]! + wb * colour[from + 5]! + wc * colour[below + 2]! + wd * colour[below + 5]!;
      }
      const share = fresnel / 16;
      const white = Math.min(0.85, this.#foam[index]!);
      out[pixel * 3] = mix(body[0] + r * share, foamLight[0], white);
      out[pixel * 3 + 1] = mix(body[1] + g * share, foamLight[1], white);
      out[pixel * 3 + 2] = mix(body[2] + b * share, foamLight[2], white);
    }
    for (const glint of this.#glints) this.#addGlint(glint, mirror, out);
  }

  #lost(resolution: number): number {
    const level = Math.floor(resolution);
    return mix(this.#ocean.lost[level]!, this.#ocean.lost[level + 1]!, resolution - level);
  }

  /** Reads the ocean twice, the second time turned and stretched, so that its tiles do not show. */
  #readSlopes(): void {
    const points = this.#points;
    const { slopes, tile } = this.#ocean;
    for (let index = 0; index < this.#pixels.length; index++) {
      const x = points[index * 7]!;
      const z = points[index * 7 + 1]!;
      const level = Math.round(points[index * 7 + 6]!);
      const values = slopes[level]!;
      const side = Math.sqrt(values.length / 2);
      const [ax, az] = [
        sampleAt(values, side, (x / tile) * side, (z / tile) * side, 0),
        sampleAt(values, side, (x / tile) * side, (z / tile) * side, 1),
      ];
      const tx = (0.8 * x - 0.6 * z) / (tile * 1.37);
      const tz = (0.6 * x + 0.8 * z) / (tile * 1.37);
      const bx = sampleAt(values, side, tx * side, tz * side, 0);
      const bz = sampleAt(values, side, tx * side, tz * side, 1);
      this.#slopeX[index] = 0.7 * (ax + 0.8 * bx + 0.6 * bz);
      this.#slopeZ[index] = 0.7 * (az - 0.6 * bx + 0.8 * bz);
    }
  }

  #disturb(wake: Wake): void {
    const change: Disturbance = { slopeX: 0, slopeZ: 0, foam: 0 };
    for (let index = 0; index < this.#pixels.length; index++) {
      change.slopeX = 0;
      change.slopeZ = 0;
      change.foam = 0;
      if (!addWake(wake, this.#points[index * 7]!, this.#points[index * 7 + 1]!, change)) continue;
      this.#slopeX[index]! += change.slopeX;
      this.#slopeZ[index]! += change.slopeZ;
      this.#foam[index]! += change.foam;
    }
  }

  /** Finds the pixels that can mirror a lamp, and the slopes they need for it. */
  #glintOf(lamp: Lamp): Glint {
    const points = this.#points;
    const found: number[] = [];
    const needed: number[] = [];
    for (let index = 0; index < this.#pixels.length; index++) {
      const at = index * 7;
      const lx = lamp.at[0] - points[at]!;
      const ly = lamp.at[1] - this.#level;
      const lz = lamp.at[2] - points[at + 1]!;
      const distance = Math.hypot(lx, ly, lz);
      const hx = lx / distance - points[at + 2]!;
      const hy = ly / distance - points[at + 3]!;
      const hz = lz / distance - points[at + 4]!;
      const sx = -hx / hy;
      const sz = -hz / hy;
      if (sx * sx + sz * sz > 0.26 ** 2) continue;
      const cosine = (hx * lx + hy * ly + hz * lz) / (distance * Math.hypot(hx, hy, hz));
      const fresnel = 0.02 + 0.98 * (1 - cosine) ** 5;
      found.push(index);
      needed.push(sx, sz, (Math.PI * fresnel) / (4 * distance * distance * -points[at + 3]!));
    }
    return { lamp, indices: Int32Array.from(found), needed: Float32Array.from(needed) };
  }

  // A rough facet's mirror lobe: I · F · p(slope) / (4 d² cos θ), p the Gaussian of the ripples too fine to draw
  // (Cox and Munk, 1954).
  #addGlint(glint: Glint, mirror: Mirror, out: Float32Array): void {
    const { indices, needed, lamp } = glint;
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]!;
      const variance = this.#lost(this.#points[index * 7 + 6]!) + fineVariance;
      const offX = needed[i * 3]! - this.#slopeX[index]!;
      const offZ = needed[i * 3 + 1]! - this.#slopeZ[index]!;
      const off = (offX * offX + offZ * offZ) / (2 * variance);
      if (off > 9) continue;
      const pixel = this.#pixels[index]!;
      const strength = (needed[i * 3 + 2]! * Math.exp(-off)) / (2 * Math.PI * variance);
      // A boat or pier in the mirror stands before the lamp.
      const reach = Math.hypot(
        lamp.at[0] - this.#points[index * 7]!,
        lamp.at[2] - this.#points[index * 7 + 1]!,
      );
      if (mirror.depth[pixel]! < reach * 0.9 && mirror.depth[pixel]! < reach - 3) continue;
      for (let channel = 0; channel < 3; channel++)
        out[pixel * 3 + channel]! += strength * lamp.intensity[channel]!;
    }
  }
}

interface Glint {
  readonly lamp: Lamp;
  readonly indices: Int32Array;
  /** Three numbers an entry: slope x, slope z, and the factor before the lobe. */
  readonly needed: Float32Array;
}

function sampleAt(values: Float32Array, side: number, x: number, z: number, part: number): number {
  const fx = Math.floor(x);
  const fz = Math.floor(z);
  const ix = fx & (side - 1);
  const iz = fz & (side - 1);
  const nextX = (ix + 1) & (side - 1);
  const nextZ = (iz + 1) & (side - 1);
  const u = x - fx;
  const v = z - fz;
  const top = values[(iz * side + ix) * 2 + part]! * (1 - u) + values[(iz * side + nextX) * 2 + part]! * u;
  const low =
    values[(nextZ * side + ix) * 2 + part]! * (1 - u) + values[(nextZ * side + nextX) * 2 + part]! * u;
  return top * (1 - v) + low * v;
}
