/** Averaging over time where nothing moves, in plain loops: the specification of `temporal-filter.wgsl`, which gives the formula. */

/** What was tried on darkened clips; values of 0..1, squared where they are variances of three colours together. */
export const TEMPORAL_FILTER = {
  /** Below one step of eight bits a colour, differences are rounding. */
  FLOOR: 3 / 255 ** 2,
  /** A mean difference over the window that is more is never noise; a ghost stays under 2/255 by this. */
  CAP: 1.5 / 255,
  PIXEL_LOW: 2,
  PIXEL_HIGH: 3,
  /** Noise alone has a mean of 1; a codec's, whose neighbours resemble each other, many times that. */
  AREA_LOW: 20,
  AREA_HIGH: 40,
  /** Frames averaged at most: each further one gains less and would keep an error for longer. */
  LONGEST: 6,
  RISE: 0.01,
  FALL: 0.3,
} as const;

const REACH = 2;

/**
 * Filters a frame, f32 NCHW [1, 3, height, width], in place, and keeps in `history`, f32 [5, height, width], what the next one needs:
 * the average, how many frames it stands for, and the noise. `mix` 1 starts anew.
 */
export function filterInTime(
  tensor: Float32Array,
  history: Float32Array,
  width: number,
  height: number,
  mix: number,
): void {
  const plane = width * height;
  if (mix === 1) {
    history.set(tensor);
    history.fill(1, 3 * plane, 4 * plane);
    history.fill(-1, 4 * plane, 5 * plane);
    return;
  }
  const { FLOOR, CAP, PIXEL_LOW, PIXEL_HIGH, AREA_LOW, AREA_HIGH, LONGEST, RISE, FALL } = TEMPORAL_FILTER;
  const difference = tensor.map((value, i) => value - history[i]!);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const area = windowOf(difference, width, height, x, y, REACH);
      const near = windowOf(difference, width, height, x, y, 1);
      const count = history[3 * plane + at]!;
      const spread = 1 + 1 / count;
      const v = Math.max(area.meanSquare - area.squaredMean, 0) / spread;
      const known = history[4 * plane + at]!;
      const noise = Math.max(known < 0 ? v : known, FLOOR);
      const still =
        ramp(near.meanSquare / (spread * noise), PIXEL_LOW, PIXEL_HIGH) *
        ramp((area.squaredMean * area.pixels) / (spread * noise), AREA_LOW, AREA_HIGH) *
        ramp(area.squaredMean / 3, CAP ** 2 / 2, CAP ** 2);
      const longer = Math.min(still * count + 1, LONGEST);
      for (let i = at; i < 3 * plane; i += plane) history[i]! += difference[i]! / longer;
      history[3 * plane + at] = longer;
      history[4 * plane + at] = noise + (v < noise ? FALL : RISE) * (Math.min(v, 4 * noise) - noise);
    }
  }
  tensor.set(history.subarray(0, 3 * plane));
}

const ramp = (x: number, low: number, high: number): number =>
  Math.min(1, Math.max(0, (high - x) / (high - low)));

/** Means over the pixels not farther away than `reach` along either axis; of the three colours together. */
function windowOf(
  difference: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  reach: number,
): { readonly pixels: number; readonly meanSquare: number; readonly squaredMean: number } {
  const sums = [0, 0, 0];
  let squares = 0;
  let pixels = 0;
  for (let j = Math.max(0, y - reach); j <= Math.min(height - 1, y + reach); j++) {
    for (let i = Math.max(0, x - reach); i <= Math.min(width - 1, x + reach); i++) {
      pixels++;
      for (let colour = 0; colour < 3; colour++) {
        const d = difference[(colour * height + j) * width + i]!;
        sums[colour]! += d;
        squares += d * d;
      }
    }
  }
  const squaredMean = sums.reduce((total, sum) => total + (sum / pixels) ** 2, 0);
  return { pixels, meanSquare: squares / pixels, squaredMean };
}
