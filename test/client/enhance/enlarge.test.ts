import { describe, expect, it } from 'vitest';
import { Enlarger } from '../../../client/enhance/enlarge.ts';
import { tensorFromRgba } from '../../../shaders/color-conversion.reference.ts';
import { guideFromSubpixels, pictureFromSubpixels } from '../../../shaders/pixel-shuffle.reference.ts';
import { presented } from '../../../shaders/present.reference.ts';

const WIDTH = 48;
const HEIGHT = 32;

/** A grey camera picture, `level(x, y)` in 0…255. */
function camera(level: (x: number, y: number) => number) {
  const rgba = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255);
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) rgba.fill(level(x, y), (y * WIDTH + x) * 4, (y * WIDTH + x) * 4 + 3);
  return { rgba, width: WIDTH, height: HEIGHT };
}

/** A network that brightens by `gain` and does nothing else, at this input size. */
function brightened(picture: ReturnType<typeof camera>, width: number, height: number, gain: number) {
  const tensor = new Float32Array(3 * width * height);
  tensorFromRgba(picture.rgba, WIDTH, HEIGHT, tensor, width, height);
  const subpixels = new Float32Array(12 * width * height);
  const plane = width * height;
  for (let channel = 0; channel < 12; channel++)
    for (let at = 0; at < plane; at++)
      subpixels[channel * plane + at] = gain * tensor[Math.floor(channel / 4) * plane + at]!;
  return { tensor, subpixels, width, height };
}

function enlarged(
  picture: ReturnType<typeof camera>,
  result: ReturnType<typeof brightened>,
): Uint8ClampedArray {
  const out = new Uint8ClampedArray(picture.rgba.length);
  new Enlarger().enlarge(picture, result, out);
  return out;
}

const red = (rgba: Uint8ClampedArray, x: number, y: number): number => rgba[(y * WIDTH + x) * 4]!;

describe("the enhanced picture at the camera's size, on the CPU", () => {
  it("carries the camera's own fine detail over, brightened like its surroundings", () => {
    const lines = camera((x) => (x % 2 === 0 ? 20 : 50));
    const out = enlarged(lines, brightened(lines, 24, 16, 3));
    // 15 either side of 35; the bar of two steps is taken off before the gain: 3 · (15 − 2) = 39.
    expect(Math.abs(red(out, 20, 10) - (105 - 39))).toBeLessThanOrEqual(2);
    expect(Math.abs(red(out, 21, 10) - (105 + 39))).toBeLessThanOrEqual(2);
  });

  it('leaves out differences that may be noise', () => {
    const noisy = camera((x, y) => 30 + ((x + y) % 2) * 3);
    const out = enlarged(noisy, brightened(noisy, 24, 16, 4));
    const levels = Array.from({ length: 20 }, (_, index) => red(out, 10 + index, 12));
    expect(Math.max(...levels) - Math.min(...levels)).toBeLessThanOrEqual(2);
  });

  it('is opaque, right to the corners', () => {
    const flat = camera(() => 20);
    const out = enlarged(flat, brightened(flat, 16, 8, 5));
    for (const [x, y] of [
      [0, 0],
      [WIDTH - 1, 0],
      [0, HEIGHT - 1],
      [WIDTH - 1, HEIGHT - 1],
    ] as const) {
      expect(Math.abs(red(out, x, y) - 100)).toBeLessThanOrEqual(1);
      expect(out[(y * WIDTH + x) * 4 + 3]).toBe(255);
    }
  });

  for (const [width, height, most, mean] of [
    [24, 16, 1, 0.1],
    [16, 8, 5, 0.7],
  ] as const)
    it(`is nearly what the kernel shows, computed at ${width} x ${height}`, () => {
      const scene = camera((x, y) => 25 + 15 * Math.sin(x / 5) + 10 * Math.cos(y / 4) + (x > 30 ? 20 : 0));
      const result = brightened(scene, width, height, 2.5);
      const small = {
        width: 2 * width,
        height: 2 * height,
        rgba: new Uint8ClampedArray(width * height * 16),
        guide: new Float32Array(width * height * 2),
        night: 1,
      };
      pictureFromSubpixels(result.subpixels, width, height, small.rgba);
      guideFromSubpixels(result.subpixels, result.tensor, width, height, small.guide);
      const kernel = new Uint8ClampedArray(scene.rgba.length);
      presented(scene, small, { strength: 1, divider: 0, detail: 1 }, kernel, WIDTH, HEIGHT);
      const out = enlarged(scene, result);
      const differences = [...out].map((value, index) => Math.abs(value - kernel[index]!));
      expect(Math.max(...differences)).toBeLessThanOrEqual(most);
      expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(mean);
    });

  it('takes pictures and network inputs of changing sizes', () => {
    const enlarger = new Enlarger();
    const flat = camera(() => 40);
    const out = new Uint8ClampedArray(flat.rgba.length);
    for (const [width, height] of [
      [8, 8],
      [24, 16],
      [16, 8],
    ] as const)
      enlarger.enlarge(flat, brightened(flat, width, height, 2), out);
    expect(Math.abs(red(out, 20, 20) - 80)).toBeLessThanOrEqual(1);
  });
});
