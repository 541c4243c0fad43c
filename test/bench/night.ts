/** Daylight frames as a camera of half the size sees them in little light: `night` of models/steadiness.py, restated. */

/** The constants of models/steadiness.py, which says what they are. */
const GAMMA = 2.2;
const NIGHT_MEAN = 12;
const SHOT = 3e-5;
const READ = 4e-5;

/** The share of light at which a clip whose 8-bit values have this mean comes out at that of a night. */
export const exposureFor = (mean: number): number => (NIGHT_MEAN / mean) ** GAMMA;

const LINEAR = Float32Array.from({ length: 256 }, (_, value) => (value / 255) ** GAMMA);

/**
 * @param rgb 8 bit, row by row; width and height are even
 * @param normal numbers of a mean of 0 and a deviation of 1
 * @returns the network's input, f32 NCHW [1,3,height/2,width/2], whole steps of 8 bits
 */
export function nightTensor(
  rgb: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  exposure: number,
  normal: () => number,
): Float32Array {
  const [across, down] = [width / 2, height / 2];
  const tensor = new Float32Array(3 * across * down);
  for (let at = 0; at < tensor.length; at++) {
    const colour = Math.floor(at / (across * down));
    const first = 3 * (2 * (Math.floor(at / across) % down) * width + 2 * (at % across)) + colour;
    const pixels = [first, first + 3, first + 3 * width, first + 3 * width + 3];
    const light = (exposure * pixels.reduce((sum, pixel) => sum + LINEAR[rgb[pixel]!]!, 0)) / 4;
    const sensed = light + normal() * Math.sqrt(SHOT * light + READ ** 2);
    tensor[at] = Math.floor(Math.min(1, Math.max(0, sensed)) ** (1 / GAMMA) * 255 + 0.5) / 255;
  }
  return tensor;
}

/** Box and Muller's numbers of numbers that are even between 0 and 1. */
export function normalFrom(uniform: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
