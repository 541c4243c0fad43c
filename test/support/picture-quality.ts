/** How near one picture is to another, and how near the best plain brightening comes. */

/** 8-bit RGBA pixels of one size. */
export type Pixels = Uint8Array | Uint8ClampedArray;

/** Peak signal-to-noise ratio over R, G and B in dB; both pictures have the same size. */
export function psnr(a: Pixels, b: Pixels): number {
  if (a.length !== b.length)
    throw new Error(`pictures of one size were expected: ${a.length} and ${b.length} bytes`);
  let squares = 0;
  for (let at = 0; at < a.length; at += 4)
    for (let colour = 0; colour < 3; colour++) squares += (a[at + colour]! - b[at + colour]!) ** 2;
  return 10 * Math.log10((255 * 255 * (a.length / 4) * 3) / squares);
}

/** The PSNR to `truth` of the dark picture under the gamma that brings it nearest: what no network needs to be. */
export function bestGammaPsnr(dark: Pixels, truth: Pixels): number {
  let best = -Infinity;
  for (let gamma = 1; gamma >= 0.1; gamma -= 0.02) {
    const curve = Uint8Array.from({ length: 256 }, (_, level) => Math.round(255 * (level / 255) ** gamma));
    best = Math.max(
      best,
      psnr(
        dark.map((level) => curve[level]!),
        truth,
      ),
    );
  }
  return best;
}

/** The mean of R, G and B, 0…255. */
export function meanLevel(pixels: Pixels): number {
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 4) sum += pixels[at]! + pixels[at + 1]! + pixels[at + 2]!;
  return sum / ((pixels.length / 4) * 3);
}
