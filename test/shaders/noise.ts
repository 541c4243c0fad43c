/** Pictures and tensors of noise that are the same in every run, and how far two results lie apart. */

/** A generator of numbers 0..1, always the same for one seed: a linear congruence, of which the high bits count. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** RGBA, 8 bit, alpha as random as the rest: nothing may depend on it. */
export function noisePicture(width: number, height: number, seed = 1): Uint8ClampedArray<ArrayBuffer> {
  const next = noise(seed);
  return new Uint8ClampedArray(width * height * 4).map(() => next() * 255);
}

export function noiseTensor(length: number, low: number, high: number, seed = 1): Float32Array<ArrayBuffer> {
  const next = noise(seed);
  return new Float32Array(length).map(() => low + (high - low) * next());
}

/** Infinity when the lengths differ or either holds a NaN. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, difference);
  }
  return largest;
}
