/** Scaling along one axis in plain loops: which source pixels make each target pixel, and with what weight. */

/** `weights[pixel * stride + k]` belongs to source pixel `first[pixel] + k`; a pixel's weights sum to 1, unused ones are 0. */
export interface Taps {
  readonly stride: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float32Array;
}

export interface Filter {
  /** In source pixels before stretching. */
  readonly reach: number;
  weight(t: number): number;
}

export const triangle: Filter = { reach: 1, weight: (t) => Math.max(0, 1 - t) };

/** Catmull-Rom: Keys, "Cubic convolution interpolation for digital image processing", 1981, with a = -1/2. */
export const cubic: Filter = {
  reach: 2,
  weight: (t) => {
    if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
    return t < 2 ? ((2.5 - 0.5 * t) * t - 4) * t + 2 : 0;
  },
};

/**
 * The taps of every target pixel. The filter is stretched by max(1, source / target), which anti-aliases when scaling down and
 * interpolates when scaling up; taps outside the picture are left out. Specification of `resample.wgsl`.
 */
export function taps(source: number, target: number, filter: Filter): Taps {
  const stretch = 2 * Math.max(source, target);
  const stride = Math.floor((filter.reach * stretch) / target) + 1;
  const first = new Int32Array(target);
  const count = new Int32Array(target);
  const weights = new Float32Array(target * stride);
  for (let pixel = 0; pixel < target; pixel++) {
    const centre = (2 * pixel + 1) * source - target;
    const from = Math.max(0, Math.floor((centre - filter.reach * stretch) / (2 * target)) + 1);
    const to = Math.min(source - 1, Math.ceil((centre + filter.reach * stretch) / (2 * target)) - 1);
    first[pixel] = from;
    count[pixel] = to - from + 1;
    let sum = 0;
    for (let tap = from; tap <= to; tap++) {
      const weight = filter.weight(Math.abs(2 * target * tap - centre) / stretch);
      weights[pixel * stride + tap - from] = weight;
      sum += weight;
    }
    for (let k = 0; k <= to - from; k++) weights[pixel * stride + k]! /= sum;
  }
  return { stride, first, count, weights };
}
