/** How near a picture comes to the truth: PSNR and SSIM on RGB, as low-light papers measure them. */
import type { Picture } from './picture.ts';

/** Peak signal-to-noise ratio over all pixels and channels, dB. Equal pictures count as 120, so that a mean stays a number. */
export function psnr(picture: Picture, truth: Picture): number {
  let sum = 0;
  for (let at = 0; at < truth.pixels.length; at++) sum += (picture.pixels[at]! - truth.pixels[at]!) ** 2;
  return Math.min(120, -10 * Math.log10(sum / truth.pixels.length / 255 ** 2));
}

/** The side of SSIM's window; a picture must be at least this wide and high. */
export const SSIM_WINDOW = 11;

/** Gaussian, sigma 1.5, its sum 1. */
const WINDOW = gaussian(1.5);
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Structural similarity, the mean over the three channels and all places of the window inside the picture (Wang et al. 2004). */
export function ssim(picture: Picture, truth: Picture): number {
  const { width, height } = truth;
  if (Math.min(width, height) < SSIM_WINDOW)
    throw new Error(
      `SSIM needs at least ${SSIM_WINDOW}x${SSIM_WINDOW} pixels, the picture has ${width}x${height}`,
    );
  let sum = 0;
  for (let colour = 0; colour < 3; colour++)
    sum += ssimOfChannel(channel(picture, colour), channel(truth, colour), width, height);
  return sum / 3;
}

function channel({ pixels }: Picture, colour: number): Float64Array {
  const values = new Float64Array(pixels.length / 3);
  for (let at = 0; at < values.length; at++) values[at] = pixels[3 * at + colour]!;
  return values;
}

function ssimOfChannel(a: Float64Array, b: Float64Array, width: number, height: number): number {
  const squares = new Float64Array(a.length);
  const products = new Float64Array(a.length);
  for (let at = 0; at < a.length; at++) {
    squares[at] = a[at]! ** 2 + b[at]! ** 2;
    products[at] = a[at]! * b[at]!;
  }
  const meansA = blurred(a, width, height);
  const meansB = blurred(b, width, height);
  const meanSquares = blurred(squares, width, height);
  const meanProducts = blurred(products, width, height);
  let sum = 0;
  for (let at = 0; at < meansA.length; at++) {
    const product = meansA[at]! * meansB[at]!;
    const square = meansA[at]! ** 2 + meansB[at]! ** 2;
    const covariance = meanProducts[at]! - product;
    const variances = meanSquares[at]! - square;
    sum += ((2 * product + C1) * (2 * covariance + C2)) / ((square + C1) * (variances + C2));
  }
  return sum / meansA.length;
}

/** The windowed means, [height - 10, width - 10]: only where the whole window lies inside. */
function blurred(values: Float64Array, width: number, height: number): Float64Array {
  const narrow = width - SSIM_WINDOW + 1;
  const low = height - SSIM_WINDOW + 1;
  const rows = new Float64Array(narrow * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < narrow; x++) rows[y * narrow + x] = weighted(values, y * width + x, 1);
  const means = new Float64Array(narrow * low);
  for (let at = 0; at < means.length; at++) means[at] = weighted(rows, at, narrow);
  return means;
}

function weighted(values: Float64Array, start: number, stride: number): number {
  let sum = 0;
  for (let tap = 0; tap < SSIM_WINDOW; tap++) sum += WINDOW[tap]! * values[start + tap * stride]!;
  return sum;
}

function gaussian(sigma: number): Float64Array {
  const centre = (SSIM_WINDOW - 1) / 2;
  const bell = Float64Array.from({ length: SSIM_WINDOW }, (_, at) =>
    Math.exp(-((at - centre) ** 2) / (2 * sigma ** 2)),
  );
  const sum = bell.reduce((total, value) => total + value, 0);
  return bell.map((value) => value / sum);
}
