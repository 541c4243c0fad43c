/** Lens glow round every lamp that is in sight. */
import type { Lamp } from './lamps.ts';
import { project, type View } from './view.ts';

interface Halo {
  readonly column: number;
  readonly row: number;
  readonly depth: number;
  readonly strength: readonly [number, number, number];
  readonly left: number;
  readonly top: number;
  readonly width: number;
  /** The halo's shape, one number a pixel of its rectangle. */
  readonly shape: Float32Array;
}

/** How far a halo reaches, in pixels of a picture 960 wide. */
const reach = 110;

/** The halos of a view's lamps. */
export class Glow {
  readonly #width: number;
  readonly #halos: readonly Halo[];

  constructor(view: View, lamps: readonly Lamp[]) {
    this.#width = view.width;
    this.#halos = lamps.map((lamp) => haloOf(view, lamp));
  }

  /** Adds the halos; `hidden(column, row, depth)` says whether something stands before a lamp. */
  add(out: Float32Array, hidden: (column: number, row: number, depth: number) => boolean): void {
    for (const { column, row, depth, strength, left, top, width, shape } of this.#halos) {
      if (hidden(column, row, depth)) continue;
      for (let index = 0; index < shape.length; index++) {
        const at = ((top + Math.floor(index / width)) * this.#width + left + (index % width)) * 3;
        for (let i = 0; i < 3; i++) out[at + i]! += shape[index]! * strength[i]!;
      }
    }
  }
}

function haloOf(view: View, lamp: Lamp): Halo {
  const scale = 960 / view.width;
  const [column, row, depth] = project(view, ...lamp.at);
  const span = reach / scale;
  const left = Math.min(view.width, Math.max(0, Math.ceil(column - span)));
  const top = Math.min(view.height, Math.max(0, Math.ceil(row - span)));
  const width = Math.max(0, Math.min(view.width, Math.floor(column + span)) - left);
  const height = Math.max(0, Math.min(view.height, Math.floor(row + span)) - top);
  const shape = Float32Array.from({ length: width * height }, (_, index) => {
    const off =
      Math.hypot(left + (index % width) + 0.5 - column, top + Math.floor(index / width) + 0.5 - row) * scale;
    if (off > reach) return 0;
    return (
      (1 - off / reach) ** 2 * (1.6 * Math.exp(-((off / 3.2) ** 2)) + 1 / (1 + (off / 3.4) ** 2) + 0.012)
    );
  });
  // The light that reaches the lens: intensity over distance squared.
  const strength = 16 / (depth * depth);
  const [r, g, b] = lamp.intensity;
  return {
    column,
    row,
    depth,
    strength: [r * strength, g * strength, b * strength],
    left,
    top,
    width,
    shape,
  };
}
