/** Picture to input tensor in plain loops: the specification of `color-conversion.wgsl`, and the way there without WebGPU. */
import { taps, triangle } from './resample.reference.ts';

/**
 * Scales an RGBA picture (8 bit, sRGB-encoded, alpha ignored) to the network's input and writes it into `out`: f32 NCHW
 * [1, 3, height, width], sRGB-encoded RGB, 0..1. Bilinear when scaling up, anti-aliased when scaling down.
 *
 * One output row at a time: first the source rows it needs are added up, then the columns, which is the same sum as taking
 * every tap of the two-dimensional triangle, in far fewer steps.
 */
export function tensorFromRgba(
  rgba: Uint8ClampedArray,
  sourceWidth: number,
  sourceHeight: number,
  out: Float32Array,
  width: number,
  height: number,
): void {
  const columns = taps(sourceWidth, width, triangle);
  const rows = taps(sourceHeight, height, triangle);
  const rowLength = sourceWidth * 4;
  const row = new Float32Array(rowLength);
  const plane = width * height;
  for (let y = 0; y < height; y++) {
    row.fill(0);
    for (let k = 0; k < rows.count[y]!; k++) {
      const weight = rows.weights[y * rows.stride + k]! / 255;
      const start = (rows.first[y]! + k) * rowLength;
      for (let i = 0; i < rowLength; i++) row[i]! += weight * rgba[start + i]!;
    }
    for (let x = 0; x < width; x++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      const firstWeight = x * columns.stride;
      const first = columns.first[x]! * 4;
      const count = columns.count[x]!;
      for (let k = 0; k < count; k++) {
        const weight = columns.weights[firstWeight + k]!;
        const at = first + k * 4;
        red += weight * row[at]!;
        green += weight * row[at + 1]!;
        blue += weight * row[at + 2]!;
      }
      const at = y * width + x;
      out[at] = red;
      out[plane + at] = green;
      out[2 * plane + at] = blue;
    }
  }
}
