/** The network's small picture at the camera's size, with the camera's own fine detail: `present.wgsl` for the CPU. */
import { guideFromSubpixels, LUMA, pictureFromSubpixels } from '../../shaders/pixel-shuffle.reference.ts';
import { CORING, GAIN_CAP } from '../../shaders/present.reference.ts';
import type { Size } from './compute-size.ts';
import type { FramePixels } from './frame-pixels.ts';

/** What the network was given and what it made of it. */
export interface NetworkResult extends Size {
  /** f32 NCHW [1,3,height,width]. */
  readonly tensor: Float32Array;
  /** f32 NCHW [1,12,height,width]. */
  readonly subpixels: Float32Array;
}

/**
 * Writes the enhanced picture at the camera's size into `out` (RGBA, 8 bit, opaque, as large as `camera`):
 *
 *   missing = gain·luma(camera) + (bright − gain·dark) − luma(enhanced),   gain = min(bright / dark, GAIN_CAP)
 *   out     = enhanced + sign(missing)·max(|missing| − gain·CORING, 0)
 *
 * with enhanced, gain and the term in brackets scaled up bilinearly. It is `missingDetail` of present.reference.ts
 * with the gain taken before the scaling instead of after it, and bilinear instead of cubic, for speed.
 */
export class Enlarger {
  #small = new Uint8ClampedArray(0);
  #guide = new Float32Array(0);

  enlarge(camera: FramePixels, result: NetworkResult, out: Uint8ClampedArray): void {
    const { width, height } = result;
    const pixels = width * height;
    if (this.#guide.length !== pixels * 2) {
      this.#guide = new Float32Array(pixels * 2);
      this.#small = new Uint8ClampedArray(pixels * 16);
    }
    pictureFromSubpixels(result.subpixels, width, height, this.#small);
    guideFromSubpixels(result.subpixels, result.tensor, width, height, this.#guide);
    gainsFromGuide(this.#guide);
    const columns = linearTaps(camera.width, 2 * width, 4);
    const guideColumns = linearTaps(camera.width, width, 2);
    const rows = linearTaps(camera.height, 2 * height, 1);
    const guideRows = linearTaps(camera.height, height, 1);
    const row = new Float32Array(2 * width * 4 + 4);
    const guideRow = new Float32Array(width * 2 + 2);
    for (let y = 0; y < camera.height; y++) {
      blendRows(this.#small, 2 * width * 4, rows.first[y]!, rows.share[y]!, 2 * height, row);
      blendRows(this.#guide, width * 2, guideRows.first[y]!, guideRows.share[y]!, height, guideRow);
      writeRow(camera, y, row, columns, guideRow, guideColumns, out);
    }
  }
}

/** (dark, bright) becomes (gain, (bright − gain·dark)·255), in place. */
function gainsFromGuide(guide: Float32Array): void {
  for (let at = 0; at < guide.length; at += 2) {
    const dark = guide[at]!;
    const bright = guide[at + 1]!;
    const gain = Math.min(bright / Math.max(dark, 1 / 255), GAIN_CAP);
    guide[at] = gain;
    guide[at + 1] = (bright - gain * dark) * 255;
  }
}

/** For each target pixel the offset of the source pixel at or before it, and the share of the one after. */
interface LinearTaps {
  readonly first: Int32Array;
  readonly share: Float32Array;
}

function linearTaps(target: number, source: number, stride: number): LinearTaps {
  const first = new Int32Array(target);
  const share = new Float32Array(target);
  for (let at = 0; at < target; at++) {
    const place = Math.min(source - 1, Math.max(0, ((at + 0.5) * source) / target - 0.5));
    first[at] = Math.floor(place) * stride;
    share[at] = place - Math.floor(place);
  }
  return { first, share };
}

/** The row between two, and its last pixel once more, so that every pixel has one after it. */
function blendRows(
  rows: Uint8ClampedArray | Float32Array,
  length: number,
  first: number,
  share: number,
  count: number,
  out: Float32Array,
): void {
  const upper = first * length;
  const lower = Math.min(count - 1, first + 1) * length;
  for (let at = 0; at < length; at++) {
    const value = rows[upper + at]!;
    out[at] = value + share * (rows[lower + at]! - value);
  }
  const channels = out.length - length;
  for (let channel = 0; channel < channels; channel++)
    out[length + channel] = out[length - channels + channel]!;
}

function writeRow(
  { rgba, width }: FramePixels,
  y: number,
  row: Float32Array,
  columns: LinearTaps,
  guideRow: Float32Array,
  guideColumns: LinearTaps,
  out: Uint8ClampedArray,
): void {
  const [redShare, greenShare, blueShare] = LUMA;
  let pixel = y * width * 4;
  for (let x = 0; x < width; x++) {
    const at = columns.first[x]!;
    const share = columns.share[x]!;
    const red = row[at]! + share * (row[at + 4]! - row[at]!);
    const green = row[at + 1]! + share * (row[at + 5]! - row[at + 1]!);
    const blue = row[at + 2]! + share * (row[at + 6]! - row[at + 2]!);
    const guideAt = guideColumns.first[x]!;
    const guideShare = guideColumns.share[x]!;
    const gain = guideRow[guideAt]! + guideShare * (guideRow[guideAt + 2]! - guideRow[guideAt]!);
    const base = guideRow[guideAt + 1]! + guideShare * (guideRow[guideAt + 3]! - guideRow[guideAt + 1]!);
    const own = redShare * rgba[pixel]! + greenShare * rgba[pixel + 1]! + blueShare * rgba[pixel + 2]!;
    const missing = gain * own + base - (redShare * red + greenShare * green + blueShare * blue);
    const bar = gain * (CORING * 255);
    const added = missing > bar ? missing - bar : missing < -bar ? missing + bar : 0;
    out[pixel] = red + added;
    out[pixel + 1] = green + added;
    out[pixel + 2] = blue + added;
    out[pixel + 3] = 255;
    pixel += 4;
  }
}
