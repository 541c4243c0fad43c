/** The camera: linear light to 8-bit pictures, once well exposed and once as a starved sensor sees it. */
import { mix, seededRandom } from './noise.ts';

/** What a sensor does to the light. Signals are in shares of full well, 1 being where the sensor clips. */
export interface Sensor {
  /** Scene light to sensor signal. */
  readonly exposure: number;
  /** Electrons at full well: the shot noise's variance is signal / fullWell. */
  readonly fullWell: number;
  /** Standard deviation of the read noise. */
  readonly readNoise: number;
}

/** The demo camera at night: the picture's sRGB-encoded mean comes out near 15 of 255. */
export const nightSensor: Sensor = { exposure: 1 / 32, fullWell: 9000, readNoise: 0.0005 };

const steps = 16384;
// Indexed by the signal's square root, so that the dark end keeps fine steps.
const encoded = Uint8Array.from({ length: steps + 1 }, (_, i) =>
  Math.round(255 * encodeSrgb((i / steps) ** 2)),
);

/** sRGB's transfer function, linear 0…1 to encoded 0…1 (IEC 61966-2-1). */
export function encodeSrgb(value: number): number {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}

/** The truth: every tone in its place, highlights rolled off so that the lamps keep their shape. rgb24. */
export function developTruth(linear: Float32Array): Uint8Array {
  const out = new Uint8Array(linear.length);
  const knee = 0.62;
  for (let i = 0; i < linear.length; i++) {
    const value = linear[i]!;
    const rolled =
      value < knee ? value : knee + (1 - knee) * (1 - Math.exp((knee - value) / (1 - knee) / 1.6));
    out[i] = encoded[Math.floor(Math.sqrt(Math.max(0, rolled)) * steps)]!;
  }
  return out;
}

const grainSize = 1 << 18;

/** Makes the dark pictures: exposure, shot and read noise, clipping, sRGB, eight bits. The same frame number gives the same grain. */
export class NightCamera {
  readonly #sensor: Sensor;
  readonly #seed: number;
  readonly #grain: Float32Array;

  constructor(sensor: Sensor, seed: number) {
    this.#sensor = sensor;
    this.#seed = seed;
    const random = seededRandom(seed);
    this.#grain = Float32Array.from({ length: grainSize }, () => {
      // Box and Muller (1958).
      return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    });
  }

  /** One picture as rgb24. */
  develop(linear: Float32Array, frame: number): Uint8Array {
    const { exposure, fullWell, readNoise } = this.#sensor;
    const random = seededRandom(this.#seed + frame * 7919);
    const out = new Uint8Array(linear.length);
    let offset = 0;
    for (let i = 0; i < linear.length; i++) {
      if (i % 4096 === 0) offset = Math.floor(random() * grainSize);
      const signal = linear[i]! * exposure;
      const deviation = Math.sqrt(signal / fullWell + readNoise * readNoise);
      const noisy = signal + deviation * this.#grain[(i + offset) & (grainSize - 1)]!;
      const clipped = Math.min(1, Math.max(0, noisy));
      const index = Math.sqrt(clipped) * steps;
      const low = Math.floor(index);
      out[i] = Math.round(mix(encoded[low]!, encoded[Math.min(steps, low + 1)]!, index - low));
    }
    return out;
  }
}
