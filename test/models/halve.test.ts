import { describe, expect, it } from 'vitest';
import { halve } from '../../models/tools/halve.ts';
import type { Picture } from '../../models/tools/picture.ts';

const picture = (width: number, height: number, value: (x: number, y: number) => number): Picture => ({
  width,
  height,
  pixels: Uint8Array.from({ length: 3 * width * height }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return value(pixel % width, Math.floor(pixel / width)) + (at % 3);
  }),
});

/** The first colour of the first row, or of the first column. */
const row = ({ width, pixels }: Picture): number[] => Array.from({ length: width }, (_, x) => pixels[3 * x]!);
const column = ({ width, height, pixels }: Picture): number[] =>
  Array.from({ length: height }, (_, y) => pixels[3 * width * y]!);

describe('halving a picture', () => {
  it('leaves a flat picture flat to its corners, whole or odd', () => {
    const halved = halve(picture(21, 7, () => 77));
    expect([halved.width, halved.height]).toEqual([11, 4]);
    expect([...halved.pixels]).toEqual(Array.from({ length: 132 }, (_, at) => 77 + (at % 3)));
  });

  it('weighs a pixel with the bicubic of a = -1/2, stretched to twice its width', () => {
    const bright = [100, 100, 100, 99, 115, 156, 96, 100, 100, 100];
    // 128 more in one column: -3, 29, 111 and -9 256ths of it, halves rounded up.
    expect(row(halve(picture(20, 4, (x) => (x === 10 ? 228 : 100))))).toEqual(bright);
    expect(column(halve(picture(4, 20, (_x, y) => (y === 10 ? 228 : 100))))).toEqual(bright);
  });

  it('lets the weights inside the picture make up for those past its edge', () => {
    // Inside lie 239 256ths of the first window's weights and 259 of the second's.
    const atEdge = row(halve(picture(20, 4, (x) => (x === 0 ? 228 : 100))));
    expect(atEdge.slice(0, 3)).toEqual([
      Math.round(100 + (128 * 111) / 239),
      Math.round(100 - (128 * 9) / 259),
      100,
    ]);
  });

  it('repeats the last column of an odd width, so that no pixel is shifted', () => {
    const value = (x: number) => (Math.min(x, 20) * 31) % 250;
    expect(halve(picture(21, 5, value))).toEqual(halve(picture(22, 5, value)));
  });

  it('cuts what overshoots white and black', () => {
    const step = row(halve(picture(20, 4, (x) => (x < 10 ? 0 : 253))));
    expect(step).toEqual([0, 0, 0, 0, 17, 236, 255, 253, 253, 253]);
  });
});
