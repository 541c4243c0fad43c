/** A boat's picture for any moment: traced at a few key moments, moved and blended from those in between. */
import { seededRandom } from './noise.ts';
import { type Mover, type Pose, type Sprite, traceSprite } from './sprite.ts';
import { openView, project, type View } from './view.ts';

interface Key {
  readonly pose: Pose;
  /** In pixels of the finer view. */
  readonly sprite: Sprite;
  /** Tiles of the sprite in which, or next to which, anything is covered. */
  readonly busy: Uint8Array;
}

const tileSize = 16;

export interface BoatPath {
  readonly mover: Mover;
  /** Where the boat is at a phase of the loop, 0…1. */
  readonly pose: (phase: number) => Pose;
  /** Key moments in one loop; one is enough for a boat that only bobs. */
  readonly keys: number;
  /** Samples a traced pixel along each axis, and how many times finer than the picture the keys are traced. */
  readonly grid: number;
  readonly oversampling: number;
  readonly seed: number;
}

/** One boat, upright or mirrored in the water. */
export class BoatSprites {
  readonly #view: View;
  readonly #fine: View;
  readonly #path: BoatPath;
  readonly #water: number;
  readonly #mirrored: boolean;
  // Only the two keys round the present are kept.
  #keys = new Map<number, Key>();

  constructor(view: View, path: BoatPath, water: number, mirrored: boolean) {
    this.#view = view;
    this.#fine = openView(view.width * path.oversampling, view.eye, view.yaw, view.pitch, view.fieldOfView);
    this.#path = path;
    this.#water = water;
    this.#mirrored = mirrored;
  }

  /** The boat at a phase. The view's seam, where a path jumps back to its start, must lie out of sight. */
  at(phase: number): Sprite {
    const { keys, pose } = this.#path;
    const now = pose(phase);
    const position = phase * keys;
    const before = Math.floor(position);
    const used = keys === 1 ? [0] : [before % keys, (before + 1) % keys];
    const kept = new Map(used.map((index) => [index, this.#keys.get(index) ?? this.#trace(index)]));
    this.#keys = kept;
    const first = this.#moved(kept.get(used[0]!)!, now);
    if (keys === 1) return first;
    return crossFade(first, this.#moved(kept.get(used[1]!)!, now), position - before);
  }

  #trace(index: number): Key {
    const { mover, keys, grid, seed } = this.#path;
    const pose = this.#path.pose(index / keys);
    // Seeded by the key, so that a frame is the same whichever was rendered before it.
    const random = seededRandom(seed + index);
    const sprite = traceSprite(this.#fine, mover, pose, grid, this.#water, this.#mirrored, random, 0.08);
    return { pose, sprite, busy: busyTiles(sprite) };
  }

  /** Shifts, turns and scales a key to another pose. A roll is not seen from abeam; the key's stays. */
  #moved(key: Key, now: Pose): Sprite {
    const view = this.#view;
    const { oversampling } = this.#path;
    const [column, row, depth] = this.#anchor(now);
    const [keyColumn, keyRow, keyDepth] = this.#anchor(key.pose);
    const scale = keyDepth / depth;
    const turn = (now.pitch - key.pose.pitch) * now.heading * (this.#mirrored ? 1 : -1);
    const [c, s] = [scale * Math.cos(turn), scale * Math.sin(turn)];
    const from = key.sprite;
    const xs: number[] = [];
    const ys: number[] = [];
    for (const x of [from.left, from.left + from.width]) {
      for (const y of [from.top, from.top + from.height]) {
        const [u, v] = [x / oversampling - keyColumn, y / oversampling - keyRow];
        xs.push(column + c * u - s * v);
        ys.push(row + s * u + c * v);
      }
    }
    const left = Math.max(0, Math.floor(Math.min(...xs)));
    const top = Math.max(0, Math.floor(Math.min(...ys)));
    const width = Math.max(0, Math.min(view.width, Math.ceil(Math.max(...xs))) - left);
    const height = Math.max(0, Math.min(view.height, Math.ceil(Math.max(...ys))) - top);
    const out = emptySprite(left, top, width, height);
    const inverse = 1 / (scale * scale);
    const taps = oversampling * oversampling;
    const across = Math.ceil(from.width / tileSize);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const middleX = left + x + 0.5 - column;
        const middleY = top + y + 0.5 - row;
        const middleU = (keyColumn + (c * middleX + s * middleY) * inverse) * oversampling - from.left;
        const middleV = (keyRow + (c * middleY - s * middleX) * inverse) * oversampling - from.top;
        if (middleU < 0 || middleU >= from.width || middleV < 0 || middleV >= from.height) continue;
        if (key.busy[Math.floor(middleV / tileSize) * across + Math.floor(middleU / tileSize)] === 0)
          continue;
        for (let tap = 0; tap < taps; tap++) {
          const px = left + x + ((tap % oversampling) + 0.5) / oversampling - column;
          const py = top + y + (Math.floor(tap / oversampling) + 0.5) / oversampling - row;
          const u = keyColumn + (c * px + s * py) * inverse;
          const v = keyRow + (c * py - s * px) * inverse;
          addTap(
            from,
            u * oversampling - from.left - 0.5,
            v * oversampling - from.top - 0.5,
            out,
            y * width + x,
            1 / taps,
          );
        }
      }
    }
    return out;
  }

  /** Where the boat's origin falls: column, row, depth. */
  #anchor({ at }: Pose): readonly [number, number, number] {
    return project(this.#view, at[0], this.#mirrored ? 2 * this.#water - at[1] : at[1], at[2]);
  }
}

function busyTiles(sprite: Sprite): Uint8Array {
  const across = Math.ceil(sprite.width / tileSize);
  const down = Math.ceil(sprite.height / tileSize);
  const busy = new Uint8Array(across * down);
  // Readings reach two pixels over a tile's edge.
  const tileOf = (at: number, most: number): number =>
    Math.min(most - 1, Math.max(0, Math.floor(at / tileSize)));
  for (let pixel = 0; pixel < sprite.cover.length; pixel++) {
    if (sprite.cover[pixel] === 0) continue;
    const x = pixel % sprite.width;
    const y = Math.floor(pixel / sprite.width);
    for (let row = tileOf(y - 3, down); row <= tileOf(y + 3, down); row++) {
      for (let column = tileOf(x - 3, across); column <= tileOf(x + 3, across); column++) {
        busy[row * across + column] = 1;
      }
    }
  }
  return busy;
}

function emptySprite(left: number, top: number, width: number, height: number): Sprite {
  return {
    ...{ left, top, width, height },
    colour: new Float32Array(width * height * 3),
    cover: new Float32Array(width * height),
    depth: new Float32Array(width * height).fill(Infinity),
  };
}

/** Adds one bilinear reading of a sprite to a pixel of another. */
function addTap(from: Sprite, u: number, v: number, out: Sprite, pixel: number, weight: number): void {
  const iu = Math.floor(u);
  const iv = Math.floor(v);
  if (iu < -1 || iv < -1 || iu >= from.width || iv >= from.height) return;
  for (let corner = 0; corner < 4; corner++) {
    const x = iu + (corner & 1);
    const y = iv + (corner >> 1);
    if (x < 0 || y < 0 || x >= from.width || y >= from.height) continue;
    const at = y * from.width + x;
    if (from.cover[at] === 0) continue;
    const share = weight * (corner & 1 ? u - iu : 1 - u + iu) * (corner >> 1 ? v - iv : 1 - v + iv);
    out.cover[pixel]! += share * from.cover[at]!;
    for (let i = 0; i < 3; i++) out.colour[pixel * 3 + i]! += share * from.colour[at * 3 + i]!;
    if (from.depth[at]! < out.depth[pixel]!) out.depth[pixel] = from.depth[at]!;
  }
}

function crossFade(a: Sprite, b: Sprite, share: number): Sprite {
  const left = Math.min(a.left, b.left);
  const top = Math.min(a.top, b.top);
  const right = Math.max(a.left + a.width, b.left + b.width);
  const bottom = Math.max(a.top + a.height, b.top + b.height);
  const out = emptySprite(left, top, right - left, bottom - top);
  for (const [sprite, weight] of [
    [a, 1 - share],
    [b, share],
  ] as const) {
    for (let y = 0; y < sprite.height; y++) {
      for (let x = 0; x < sprite.width; x++) {
        const from = y * sprite.width + x;
        const to = (sprite.top - top + y) * out.width + sprite.left - left + x;
        out.cover[to]! += weight * sprite.cover[from]!;
        for (let i = 0; i < 3; i++) out.colour[to * 3 + i]! += weight * sprite.colour[from * 3 + i]!;
        if (sprite.depth[from]! < out.depth[to]!) out.depth[to] = sprite.depth[from]!;
      }
    }
  }
  return out;
}
