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

/** Shares and gains are whole numbers of 1/256: whole numbers are three times as fast here as fractions. */
const ONE = 256;
const [RED, GREEN, BLUE] = LUMA.map((share) => Math.round(share * ONE)) as [number, number, number];
const BAR = Math.round(CORING * 255);

/**
 * Writes the enhanced picture at the camera's size into `out` (RGBA, 8 bit, opaque, as large as `camera`):
 *
 *   missing = gain·luma(camera) + (bright − gain·dark) − luma(enhanced),   gain = min(bright / dark, GAIN_CAP)
 *   out     = enhanced + sign(missing)·max(|missing| − gain·CORING, 0)
 *
 * with enhanced, gain and the term in brackets scaled up bilinearly. It is `missingDetail` of present.reference.ts
 * with the gain taken before the scaling instead of after it, and bilinear instead of cubic, for speed: about
 * 10 ms for 960 × 540 on a core of 2.6 GHz.
 */
export class Enlarger {
  #small = new Uint8ClampedArray(0);
  #guide = new Float32Array(0);
  #gains = new Int32Array(0);

  enlarge(camera: FramePixels, result: NetworkResult, out: Uint8ClampedArray): void {
    const { width, height } = result;
    const pixels = width * height;
    if (this.#guide.length !== pixels * 2) {
      this.#guide = new Float32Array(pixels * 2);
      this.#gains = new Int32Array(pixels * 2);
      this.#small = new Uint8ClampedArray(pixels * 16);
    }
    pictureFromSubpixels(result.subpixels, width, height, this.#small);
    guideFromSubpixels(result.subpixels, result.tensor, width, height, this.#guide);
    gainsFromGuide(this.#guide, this.#gains);
    // Little-endian, as all machines that run WASM: red is the lowest byte.
    const own = new Uint32Array(camera.rgba.buffer, camera.rgba.byteOffset, camera.width * camera.height);
    const shown = new Uint32Array(out.buffer, out.byteOffset, own.length);
    const columns = linearTaps(camera.width, 2 * width, 4);
    const gainColumns = linearTaps(camera.width, width, 2);
    const rows = linearTaps(camera.height, 2 * height, 1);
    const gainRows = linearTaps(camera.height, height, 1);
    const row = new Int32Array((2 * width + 1) * 4);
    const gainRow = new Int32Array((width + 1) * 2);
    for (let y = 0; y < camera.height; y++) {
      blendRows(this.#small, 2 * width * 4, rows.first[y]!, rows.share[y]!, 2 * height, row);
      blendRows(this.#gains, width * 2, gainRows.first[y]!, gainRows.share[y]!, height, gainRow);
      writeRow(own, y * camera.width, camera.width, row, columns, gainRow, gainColumns, shown);
    }
  }
}

/** (dark, bright), 0…1, become (gain, (bright − gain·dark)·255), both times 256. */
function gainsFromGuide(guide: Float32Array, gains: Int32Array): void {
  for (let at = 0; at < guide.length; at += 2) {
    const dark = guide[at]!;
    const bright = guide[at + 1]!;
    const gain = Math.min(bright / Math.max(dark, 1 / 255), GAIN_CAP);
    gains[at] = gain * ONE + 0.5;
    gains[at + 1] = (bright - gain * dark) * 255 * ONE;
  }
}

/** For each target pixel the offset of the source pixel at or before it, and the share, of 256, of the one after. */
interface LinearTaps {
  readonly first: Int32Array;
  readonly share: Int32Array;
}

function linearTaps(target: number, source: number, stride: number): LinearTaps {
  const first = new Int32Array(target);
  const share = new Int32Array(target);
  for (let at = 0; at < target; at++) {
    const place = Math.min(source - 1, Math.max(0, ((at + 0.5) * source) / target - 0.5));
    first[at] = Math.floor(place) * stride;
    share[at] = Math.round((place - Math.floor(place)) * ONE);
  }
  return { first, share };
}

/** The row between two. `out` has room for a pixel more: the one after the last is read, with a share of 0. */
function blendRows(
  rows: Uint8ClampedArray | Int32Array,
  length: number,
  first: number,
  share: number,
  count: number,
  out: Int32Array,
): void {
  const upper = first * length;
  const lower = Math.min(count - 1, first + 1) * length;
  for (let at = 0; at < length; at++) out[at] = between(rows[upper + at]!, rows[lower + at]!, share);
}

function writeRow(
  own: Uint32Array,
  start: number,
  width: number,
  row: Int32Array,
  { first, share }: LinearTaps,
  gainRow: Int32Array,
  { first: gainFirst, share: gainShare }: LinearTaps,
  out: Uint32Array,
): void {
  for (let x = 0; x < width; x++) {
    const at = first[x]!;
    const part = share[x]!;
    const red = between(row[at]!, row[at + 4]!, part);
    const green = between(row[at + 1]!, row[at + 5]!, part);
    const blue = between(row[at + 2]!, row[at + 6]!, part);
    const gainAt = gainFirst[x]!;
    const gainPart = gainShare[x]!;
    const gain = between(gainRow[gainAt]!, gainRow[gainAt + 2]!, gainPart);
    const offset = between(gainRow[gainAt + 1]!, gainRow[gainAt + 3]!, gainPart);
    const pixel = own[start + x]!;
    const luma = RED * (pixel & 255) + GREEN * ((pixel >> 8) & 255) + BLUE * ((pixel >> 16) & 255);
    const missing = ((gain * luma) >> 8) + offset - (RED * red + GREEN * green + BLUE * blue);
    const bar = gain * BAR;
    const kept = missing > bar ? missing - bar : missing < -bar ? missing + bar : 0;
    const added = (kept + 128) >> 8;
    out[start + x] = byte(red + added) | (byte(green + added) << 8) | (byte(blue + added) << 16) | 0xff000000;
  }
}

/** Rounded; `share` of 256 goes to `b`. The numbers are at most 2²² apart. */
const between = (a: number, b: number, share: number): number => a + (((b - a) * share + 128) >> 8);

const byte = (value: number): number => Math.max(0, Math.min(255, value));
