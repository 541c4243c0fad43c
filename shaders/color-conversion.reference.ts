/** Picture to input tensor in plain loops: the specification of `color-conversion.wgsl`, and the way there without WebGPU. */
import { type Taps, taps, triangle } from './resample.reference.ts';

/**
 * Scales an RGBA picture (0..255, sRGB-encoded, alpha ignored) to the network's input and writes it into `out`: f32 NCHW
 * [1, 3, height, width], sRGB-encoded RGB, 0..1. Bilinear when scaling up, anti-aliased when scaling down.
 *
 * Each source row is scaled along once and kept while an output row needs it; the output rows are sums of those. This is the same
 * sum as taking every tap of the two-dimensional triangle for every output pixel, in far fewer steps.
 */
export function tensorFromRgba(
  rgba: Uint8ClampedArray | Float32Array,
  sourceWidth: number,
  sourceHeight: number,
  out: Float32Array,
  width: number,
  height: number,
): void {
  const columns = taps(sourceWidth, width, triangle);
  const rows = taps(sourceHeight, height, triangle);
  // Source row j stands at j % stride: an output row needs at most `stride` of them, all in a run.
  const scaled = new Float32Array(rows.stride * 3 * width);
  let next = 0;
  for (let y = 0; y < height; y++) {
    const first = rows.first[y]!;
    const end = first + rows.count[y]!;
    for (next = Math.max(next, first); next < end; next++) {
      const start = next * sourceWidth * 4;
      scaleRow(rgba, start, columns, scaled, (next % rows.stride) * 3 * width, width);
    }
    for (let colour = 0; colour < 3; colour++) {
      const at = (colour * height + y) * width;
      out.fill(0, at, at + width);
      for (let j = first; j < end; j++) {
        const weight = rows.weights[y * rows.stride + j - first]!;
        const row = ((j % rows.stride) * 3 + colour) * width;
        for (let x = 0; x < width; x++) out[at + x]! += weight * scaled[row + x]!;
      }
    }
  }
}

/** Scales the row that starts at `start` along to [3, width], 0..1, at `at`. */
function scaleRow(
  rgba: Uint8ClampedArray | Float32Array,
  start: number,
  { stride, first, count, weights }: Taps,
  out: Float32Array,
  at: number,
  width: number,
): void {
  for (let x = 0; x < width; x++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let tap = x * stride;
    let pixel = start + first[x]! * 4;
    for (const end = tap + count[x]!; tap < end; tap++) {
      const weight = weights[tap]!;
      red += weight * rgba[pixel]!;
      green += weight * rgba[pixel + 1]!;
      blue += weight * rgba[pixel + 2]!;
      pixel += 4;
    }
    out[at + x] = red / 255;
    out[at + width + x] = green / 255;
    out[at + 2 * width + x] = blue / 255;
  }
}
