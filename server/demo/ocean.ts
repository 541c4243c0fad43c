/** Harbour ripples: a tile of water slopes from a wave spectrum, which returns to its start after one loop. */
import { seededRandom } from './noise.ts';

/** Cells along one side of the finest tile. */
const size = 256;
const levels = 6;
const gravity = 9.81;

/** The slopes of one square tile of water, at several resolutions (each level half the one before). */
export class Ocean {
  /** Metres along one side of the tile. */
  readonly tile: number;
  /** Slopes along x and along z, interleaved, one array a level. */
  readonly slopes: readonly Float32Array[];
  /** Slope variance that each level leaves out; what is lost there blurs the reflections. */
  readonly lost: readonly number[];
  readonly #amplitude: Float64Array;
  readonly #turns: Int32Array;
  readonly #real = new Float64Array(size * size);
  readonly #imaginary = new Float64Array(size * size);

  /**
   * Waves on a tile of `tile` metres whose slopes have the standard deviation `roughness` in all; every wave turns a
   * whole number of times in `loopSeconds`.
   */
  constructor(tile: number, roughness: number, loopSeconds: number, seed: number) {
    this.tile = tile;
    this.slopes = Array.from({ length: levels }, (_, level) => new Float32Array(2 * (size >> level) ** 2));
    const random = seededRandom(seed);
    this.#amplitude = new Float64Array(size * size * 2);
    this.#turns = new Int32Array(size * size);
    let variance = 0;
    for (let iz = 0; iz < size; iz++) {
      for (let ix = 0; ix < size; ix++) {
        const cell = iz * size + ix;
        const kx = (2 * Math.PI * signed(ix)) / tile;
        const kz = (2 * Math.PI * signed(iz)) / tile;
        const k = Math.hypot(kx, kz);
        const angle = 2 * Math.PI * random();
        const strength = Math.sqrt(-2 * Math.log(1 - random()));
        if (k === 0) continue;
        const height = strength * Math.sqrt(spectrum(kx, kz, k));
        this.#amplitude[cell * 2] = height * Math.cos(angle);
        this.#amplitude[cell * 2 + 1] = height * Math.sin(angle);
        this.#turns[cell] = Math.max(1, Math.round((Math.sqrt(gravity * k) * loopSeconds) / (2 * Math.PI)));
        variance += (k * height) ** 2;
      }
    }
    // Only the real part of each wave is kept, so that half of the sum is the slopes' variance.
    const scale = roughness / Math.sqrt(variance / 2);
    for (let i = 0; i < this.#amplitude.length; i++) this.#amplitude[i]! *= scale;
    this.advance(0);
    const all = this.slopes.map(meanSquare);
    this.lost = all.map((kept) => Math.max(0, all[0]! - kept));
  }

  /** Moves the water to a phase of the loop, 0…1; phase 1 is phase 0. */
  advance(phase: number): void {
    const real = this.#real;
    const imaginary = this.#imaginary;
    for (let iz = 0; iz < size; iz++) {
      for (let ix = 0; ix < size; ix++) {
        const cell = iz * size + ix;
        const turned = -2 * Math.PI * ((this.#turns[cell]! * phase) % 1);
        const c = Math.cos(turned);
        const s = Math.sin(turned);
        const a = this.#amplitude[cell * 2]! * c - this.#amplitude[cell * 2 + 1]! * s;
        const b = this.#amplitude[cell * 2]! * s + this.#amplitude[cell * 2 + 1]! * c;
        real[cell] = a;
        imaginary[cell] = b;
      }
    }
    this.#slopesFromWaves(real, imaginary);
    inverseTransform(real, imaginary);
    const finest = this.slopes[0]!;
    for (let cell = 0; cell < size * size; cell++) {
      finest[cell * 2] = real[cell]!;
      finest[cell * 2 + 1] = imaginary[cell]!;
    }
    for (let level = 1; level < levels; level++)
      halve(this.slopes[level - 1]!, this.slopes[level]!, size >> level);
  }

  /**
   * Turns waves into the two slope fields packed as one complex field, slope x + i · slope z. The height h must be real,
   * so its spectrum is made Hermitian first: H(k) = (h(k) + h*(−k)) / 2; the slopes are i·kx·H and i·kz·H.
   */
  #slopesFromWaves(real: Float64Array, imaginary: Float64Array): void {
    const step = (2 * Math.PI) / this.tile;
    for (let iz = 0; iz < size; iz++) {
      for (let ix = 0; ix < size; ix++) {
        const cell = iz * size + ix;
        const mirror = ((size - iz) % size) * size + ((size - ix) % size);
        if (mirror < cell) continue;
        const hr = (real[cell]! + real[mirror]!) / 2;
        const hi = (imaginary[cell]! - imaginary[mirror]!) / 2;
        const kx = step * signed(ix);
        const kz = step * signed(iz);
        // i·kx·H + i·(i·kz·H) = −kz·H + i·kx·H, and at −k with H* and −k.
        real[cell] = -kz * hr - kx * hi;
        imaginary[cell] = -kz * hi + kx * hr;
        real[mirror] = kz * hr - kx * hi;
        imaginary[mirror] = -kz * hi - kx * hr;
      }
    }
  }
}

/** How much height the waves of one direction and length carry: wind ripples across the harbour, and a little swell. */
function spectrum(kx: number, kz: number, k: number): number {
  const length = (2 * Math.PI) / k;
  if (length < 0.22) return 0;
  const along = (kx * 0.42 + kz * 0.91) / k;
  const wind = k ** -4 * Math.exp(-1 / (k * 0.9) ** 2) * (0.25 + along * along);
  return wind * Math.exp(-((0.12 * k) ** 2) * 0.12);
}

function signed(index: number): number {
  return index < size / 2 ? index : index - size;
}

function meanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum / values.length;
}

function halve(fine: Float32Array, coarse: Float32Array, side: number): void {
  for (let iz = 0; iz < side; iz++) {
    for (let ix = 0; ix < side; ix++) {
      const from = (iz * 2 * side * 2 + ix * 2) * 2;
      const below = from + side * 4;
      const to = (iz * side + ix) * 2;
      for (let i = 0; i < 2; i++) {
        coarse[to + i] =
          (fine[from + i]! + fine[from + 2 + i]! + fine[below + i]! + fine[below + 2 + i]!) / 4;
      }
    }
  }
}

const twiddleCos = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
const twiddleSin = Float64Array.from({ length: size / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / size));

const lineReal = new Float64Array(size);
const lineImaginary = new Float64Array(size);
const reversed = Int32Array.from({ length: size }, (_, i) => {
  let bits = 0;
  for (let bit = 1; bit < size; bit <<= 1) bits = (bits << 1) | (i & bit ? 1 : 0);
  return bits;
});

/** The inverse Fourier transform of a square complex field in place, unscaled (Cooley and Tukey, radix 2). */
function inverseTransform(real: Float64Array, imaginary: Float64Array): void {
  for (let row = 0; row < size; row++) transformLine(real, imaginary, row * size, 1);
  for (let column = 0; column < size; column++) transformLine(real, imaginary, column, size);
}

function transformLine(real: Float64Array, imaginary: Float64Array, start: number, stride: number): void {
  for (let i = 0; i < size; i++) {
    lineReal[reversed[i]!] = real[start + i * stride]!;
    lineImaginary[reversed[i]!] = imaginary[start + i * stride]!;
  }
  for (let span = 2; span <= size; span *= 2) {
    const jump = size / span;
    const half = span / 2;
    for (let block = 0; block < size; block += span) {
      for (let k = 0; k < half; k++) {
        const a = block + k;
        const b = a + half;
        const c = twiddleCos[k * jump]!;
        const s = twiddleSin[k * jump]!;
        const br = lineReal[b]! * c - lineImaginary[b]! * s;
        const bi = lineReal[b]! * s + lineImaginary[b]! * c;
        lineReal[b] = lineReal[a]! - br;
        lineImaginary[b] = lineImaginary[a]! - bi;
        lineReal[a] = lineReal[a]! + br;
        lineImaginary[a] = lineImaginary[a]! + bi;
      }
    }
  }
  for (let i = 0; i < size; i++) {
    real[start + i * stride] = lineReal[i]!;
    imaginary[start + i * stride] = lineImaginary[i]!;
  }
}
