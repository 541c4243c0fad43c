/** A picture at half its size, by the same arithmetic as the pictures the network was trained on. */
import type { Picture } from './picture.ts';

/**
 * Bicubic (a = -1/2) stretched to twice its width, so that it antialiases: a pixel is made of the 8 nearest to its centre in
 * each direction. In 256ths; exact, because the centre lies half way between two pixels. Keys 1981, equation 4.
 */
const WEIGHTS = [-3, -9, 29, 111, 111, 29, -9, -3] as const;

/**
 * Half the width, then half the height, each rounded to 8 bits, as PIL's `resize(…, BICUBIC)` does it. Past an edge there
 * is nothing, and the other weights make up for it. An odd width or height first has its last column or row repeated,
 * so that every pixel made covers exactly 2 x 2.
 */
export function halve(picture: Picture): Picture {
  const { width, height, pixels } = picture;
  const narrow = Math.ceil(width / 2);
  const low = Math.ceil(height / 2);
  const rows = new Uint8ClampedArray(narrow * height * 3);
  for (let y = 0; y < height; y++)
    for (let colour = 0; colour < 3; colour++)
      halveLine(pixels, y * width * 3 + colour, 3, width, rows, y * narrow * 3 + colour);
  const halved = new Uint8ClampedArray(narrow * low * 3);
  for (let at = 0; at < narrow * 3; at++) halveLine(rows, at, narrow * 3, height, halved, at);
  return { width: narrow, height: low, pixels: halved };
}

/** One row or column of one colour: `length` values, `stride` apart, from `start` of `from` to `to` of `into`. */
function halveLine(
  from: ArrayLike<number>,
  start: number,
  stride: number,
  length: number,
  into: Uint8ClampedArray,
  to: number,
): void {
  const even = length + (length % 2);
  for (let out = 0; out < even / 2; out++) {
    let sum = 0;
    let weights = 0;
    for (let tap = 0; tap < WEIGHTS.length; tap++) {
      const at = 2 * out - 3 + tap;
      if (at < 0 || at >= even) continue;
      sum += WEIGHTS[tap]! * from[start + Math.min(at, length - 1) * stride]!;
      weights += WEIGHTS[tap]!;
    }
    // The array itself would round halves to even.
    into[to + out * stride] = Math.floor(sum / weights + 0.5);
  }
}
