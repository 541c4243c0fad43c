import { describe, expect, it } from 'vitest';
import { halved } from '../../../client/enhance/frame-pixels.ts';

/** RGBA whose channels are told by a function of the place. */
function picture(width: number, height: number, channel: (x: number, y: number, channel: number) => number) {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < rgba.length; at++)
    rgba[at] = channel((at >> 2) % width, Math.floor((at >> 2) / width), at % 4);
  return { rgba, width, height };
}

describe('a frame too large for the CPU', () => {
  it('is halved by the means of two by two pixels, each colour by itself', () => {
    const values = [
      [10, 250, 0, 255],
      [11, 251, 0, 255],
      [12, 255, 1, 255],
      [13, 255, 1, 255],
    ];
    const small = halved(picture(2, 2, (x, y, channel) => values[2 * y + x]![channel]!));
    // 46 / 4 = 11.5 and 2 / 4 = 0.5 are rounded up, 1011 / 4 = 252.75 to the nearest.
    expect([...small.rgba]).toEqual([12, 253, 1, 255]);
  });

  it('keeps white white, and does not let one colour run into the next', () => {
    const white = halved(picture(8, 6, () => 255));
    expect([white.width, white.height]).toEqual([4, 3]);
    expect(white.rgba.every((value) => value === 255)).toBe(true);
    const red = halved(picture(8, 6, (_x, _y, channel) => (channel === 0 ? 255 : 0)));
    expect([...red.rgba.slice(0, 4)]).toEqual([255, 0, 0, 255]);
  });

  it('keeps every place where it was, and leaves out an odd last row and column', () => {
    const small = halved(picture(9, 5, (x, y) => 20 * (x >> 1) + 3 * (y >> 1)));
    expect([small.width, small.height]).toEqual([4, 2]);
    for (let y = 0; y < 2; y++)
      for (let x = 0; x < 4; x++) expect(small.rgba[(y * 4 + x) * 4]).toBe(20 * x + 3 * y);
  });
});
