/** Sub-pixels to picture in plain loops: the specification of `pixel-shuffle.wgsl`, and the way there without WebGPU. */

/** BT.709 weights of red, green and blue, applied to sRGB-encoded values. */
export const LUMA = [0.2126, 0.7152, 0.0722] as const;

/**
 * By day a camera's own picture is what is wanted. Levels are means of all the picture's numbers, 0..1. Of 485 night pictures of LOL-v1 95 % are
 * under 0.12; of 124 photographs by day 95 % are over 0.289 and 75 % over 0.375. In between the picture grows darker from the
 * enhanced night to the day as it is, so it is a long way.
 */
export const NIGHT = { LEVEL_AT_NIGHT: 0.18, LEVEL_BY_DAY: 0.36 } as const;

/** How much of the enhanced picture is wanted at this level, 0 by day … 1 at night. */
export function nightShare(level: number): number {
  const { LEVEL_AT_NIGHT, LEVEL_BY_DAY } = NIGHT;
  return Math.min(1, Math.max(0, (LEVEL_BY_DAY - level) / (LEVEL_BY_DAY - LEVEL_AT_NIGHT)));
}

/** Bayer's 8x8 matrix, -0.5 … 0.5 of a step of 1/255, row by row. */
const DITHER = Float32Array.from({ length: 64 }, (_, i) => {
  const [x, y] = [i & 7, i >> 3];
  const bit = (value: number, place: number): number => (value >> place) & 1;
  const bits = [0, 1, 2].flatMap((place) => [bit(x ^ y, place), bit(y, place)]);
  return (bits.reduce((value, each) => 2 * value + each, 0) + 0.5) / 64 - 0.5;
});

/**
 * Writes the picture that the network's sub-pixels hold (f32 NCHW [1, 12, height, width]) into `out`, RGBA, 8 bit, opaque,
 * 2 width x 2 height. Values are cut to 0..1 and dithered. ONNX DepthToSpace, mode CRD, block 2: channel 4c + 2dy + dx is colour c of the
 * pixel at (2x + dx, 2y + dy).
 */
export function pictureFromSubpixels(
  subpixels: Float32Array,
  width: number,
  height: number,
  out: Uint8ClampedArray,
): void {
  const plane = width * height;
  for (let y = 0; y < height; y++) {
    for (let d = 0; d < 4; d++) {
      const row = 2 * y + (d >> 1);
      let pixel = (row * 2 * width + (d & 1)) * 4;
      let at = d * plane + y * width;
      for (let x = 0; x < width; x++) {
        const step = DITHER[(row & 7) * 8 + ((2 * x) & 7) + (d & 1)]!;
        out[pixel] = subpixels[at]! * 255 + step;
        out[pixel + 1] = subpixels[at + 4 * plane]! * 255 + step;
        out[pixel + 2] = subpixels[at + 8 * plane]! * 255 + step;
        out[pixel + 3] = 255;
        pixel += 8;
        at++;
      }
    }
  }
}

/**
 * Writes the guide [height, width, 2] into `out`: the luma the network was given, and the mean luma of the four pixels it made
 * of it (cut to 0..1 first). `tensor` is f32 NCHW [1, 3, height, width].
 */
export function guideFromSubpixels(
  subpixels: Float32Array,
  tensor: Float32Array,
  width: number,
  height: number,
  out: Float32Array,
): void {
  const plane = width * height;
  for (let at = 0; at < plane; at++) {
    let dark = 0;
    let enhanced = 0;
    for (let colour = 0; colour < 3; colour++) {
      dark += LUMA[colour]! * tensor[colour * plane + at]!;
      for (let d = 0; d < 4; d++) {
        const value = subpixels[(4 * colour + d) * plane + at]!;
        enhanced += 0.25 * LUMA[colour]! * Math.min(1, Math.max(0, value));
      }
    }
    out[2 * at] = dark;
    out[2 * at + 1] = enhanced;
  }
}
