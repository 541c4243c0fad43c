/** Seeded randomness and lattice noise: every texture and every grain of the demo clip starts here. */

/** A generator of numbers in 0…1 that gives the same run for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A number in 0…1 that belongs to one lattice point. */
export function hash(ix: number, iy: number, iz: number): number {
  let h = Math.imul(ix, 374761393) ^ Math.imul(iy, 668265263) ^ Math.imul(iz, 1442695041);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  h = Math.imul(h ^ (h >>> 16), 2246822519);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}

/** Value noise in 0…1: lattice hashes, smoothly interpolated. One feature per unit of length. */
export function valueNoise(x: number, y: number, z: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const iz = Math.floor(z);
  const fx = smooth(x - ix);
  const fy = smooth(y - iy);
  const fz = smooth(z - iz);
  const near = mix(
    mix(hash(ix, iy, iz), hash(ix + 1, iy, iz), fx),
    mix(hash(ix, iy + 1, iz), hash(ix + 1, iy + 1, iz), fx),
    fy,
  );
  const far = mix(
    mix(hash(ix, iy, iz + 1), hash(ix + 1, iy, iz + 1), fx),
    mix(hash(ix, iy + 1, iz + 1), hash(ix + 1, iy + 1, iz + 1), fx),
    fy,
  );
  return mix(near, far, fz);
}

/** Octaves of value noise, each half as large and half as strong, in 0…1 with mean 0.5. */
export function fractalNoise(x: number, y: number, z: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  let total = 0;
  let scale = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * valueNoise(x * scale + octave * 17.3, y * scale + octave * 5.1, z * scale - octave * 9.7);
    total += weight;
    weight *= 0.5;
    scale *= 2.03;
  }
  return sum / total;
}

/** Linear interpolation from a (t = 0) to b (t = 1). */
export function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

/** 0 below `from`, 1 above `to`, a smooth cubic between. */
export function ramp(from: number, to: number, value: number): number {
  const t = (value - from) / (to - from);
  return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t);
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
