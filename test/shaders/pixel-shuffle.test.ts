/** Sub-pixels become a picture: the kernel against its reference, and the reference against ONNX's definition. */
import { describe, expect, it } from 'vitest';
import {
  guideFromSubpixels,
  nightShare,
  pictureFromSubpixels,
} from '../../shaders/pixel-shuffle.reference.ts';
import { openPixelShuffle } from '../../shaders/pixel-shuffle.ts';
import { shaders, withoutErrors } from '../support/dawn.ts';
import { readTexture, storage, submit } from './device-memory.ts';
import { halfFloat } from './half-float.ts';
import { largestDifference, noiseTensor } from './noise.ts';

function kernel(
  subpixels: Float32Array<ArrayBuffer>,
  tensor: Float32Array<ArrayBuffer>,
  width: number,
  height: number,
  level = 0.1,
) {
  return withoutErrors(async (device) => {
    using shuffle = await openPixelShuffle(device, shaders, {
      width,
      height,
      tensor: storage(device, tensor),
      subpixels: storage(device, subpixels),
    });
    const means = Float32Array.of(9, level - 0.05, level, level + 0.05);
    const place = { buffer: storage(device, means), offset: 4 };
    submit(device, (encoder) => shuffle.encode(encoder, place));
    const picture = await readTexture(device, shuffle.picture);
    const guide = new Uint16Array((await readTexture(device, shuffle.guide)).buffer);
    return { picture, guide: Float32Array.from(guide, halfFloat) };
  });
}

// DepthToSpace, mode CRD, block 2, from the operator's definition: reshape to [3, 2, 2, h, w], transpose to [3, h, 2, w, 2].
// Two pixels side by side; channel k holds 10k at the left one and 10k + 1 at the right one.
const CHANNELS = Float32Array.from({ length: 24 }, (_, i) => (10 * Math.floor(i / 2) + (i % 2)) / 255);
const RED = [0, 10, 1, 11, 20, 30, 21, 31];
const GREEN = [40, 50, 41, 51, 60, 70, 61, 71];
const BLUE = [80, 90, 81, 91, 100, 110, 101, 111];
const SHUFFLED = RED.flatMap((red, i) => [red, GREEN[i]!, BLUE[i]!, 255]);

describe('the pixel shuffle', () => {
  it('orders sub-pixels as ONNX DepthToSpace does in mode CRD', async () => {
    const { picture } = await kernel(CHANNELS, new Float32Array(6), 2, 1);
    expect([...picture]).toEqual(SHUFFLED);
  });

  it.each([
    [1, 1],
    [8, 8],
    [17, 23],
    [160, 88],
  ])('equals its reference on %i×%i, values outside 0 to 1 included', async (width, height) => {
    const subpixels = noiseTensor(12 * width * height, -0.3, 1.3);
    const tensor = noiseTensor(3 * width * height, 0, 1, 2);
    const { picture, guide } = await kernel(subpixels, tensor, width, height);
    const expected = new Uint8ClampedArray(16 * width * height);
    pictureFromSubpixels(subpixels, width, height, expected);
    expect(largestDifference(picture, expected)).toBeLessThanOrEqual(1);

    const pairs = new Float32Array(2 * width * height);
    guideFromSubpixels(subpixels, tensor, width, height, pairs);
    const texels = Float32Array.from(guide, (_, i) => (i % 4 < 2 ? pairs[(i >> 2) * 2 + (i % 4)]! : 1));
    expect(largestDifference(guide, texels)).toBeLessThan(1e-3);
  });

  it.each([0, 0.18, 0.2, 0.27, 0.35, 0.36, 1])(
    'is wanted at a level of %d as much as its reference says',
    async (level) => {
      const { guide } = await kernel(new Float32Array(12), new Float32Array(3), 1, 1, level);
      expect(guide[2]).toBeCloseTo(nightShare(level), 3);
    },
  );

  it('dithers as its reference does', async () => {
    const subpixels = new Float32Array(12 * 16).fill(30.25 / 255);
    const { picture } = await kernel(subpixels, new Float32Array(3 * 16), 4, 4);
    const expected = new Uint8ClampedArray(16 * 16);
    pictureFromSubpixels(subpixels, 4, 4, expected);
    expect([...picture]).toEqual([...expected]);
  });
});

describe('how much of the enhanced picture is wanted', () => {
  it('is all of it at night, nothing by day, and in between the more the darker it is', () => {
    expect([0, 0.05, 0.17].map(nightShare)).toEqual([1, 1, 1]);
    expect([0.37, 0.5, 1].map(nightShare)).toEqual([0, 0, 0]);
    const dusk = [0.19, 0.23, 0.27, 0.31, 0.35].map(nightShare);
    expect(dusk).toEqual(dusk.toSorted((a, b) => b - a));
    expect(new Set(dusk).size).toBe(5);
  });
});

describe('the pixel shuffle’s reference', () => {
  it('orders sub-pixels as ONNX DepthToSpace does in mode CRD', () => {
    const out = new Uint8ClampedArray(32);
    pictureFromSubpixels(CHANNELS, 2, 1, out);
    expect([...out]).toEqual(SHUFFLED);
  });

  it('cuts values to 0 to 1, and takes no value at all for black', () => {
    const out = new Uint8ClampedArray(16);
    pictureFromSubpixels(Float32Array.of(-1, 2, Number.NaN, 128 / 255, 0, 0, 0, 0, 0, 0, 0, 0), 1, 1, out);
    expect([out[0], out[4], out[8], out[12]]).toEqual([0, 255, 0, 128]);
  });

  it('measures in the guide how bright the picture was and became', () => {
    const out = new Float32Array(2);
    // Green alone: a luma weight of 0.7152. Its four sub-pixels are cut to 0..1 before their mean is taken.
    const green = Float32Array.of(0, 0, 0, 0, 3, -1, 0.25, 0.75, 0, 0, 0, 0);
    guideFromSubpixels(green, Float32Array.of(0, 0.1, 0), 1, 1, out);
    expect(out[0]).toBeCloseTo(0.07152, 6);
    expect(out[1]).toBeCloseTo(0.7152 * 0.5, 6);
  });

  it('keeps on average what lies between two of the 256 steps, with equal parts of both, and grey grey', () => {
    const level = 30.25;
    const out = new Uint8ClampedArray(8 * 8 * 4);
    pictureFromSubpixels(new Float32Array(12 * 16).fill(level / 255), 4, 4, out);
    const reds = out.filter((_, i) => i % 4 === 0);
    expect(new Set(reds)).toEqual(new Set([30, 31]));
    expect(reds.reduce((a, b) => a + b) / reds.length).toBe(level);
    for (const y of [0, 4])
      for (const x of [0, 4]) {
        // Each quarter has its share: the steps are not one edge.
        const quarter = [0, 1, 2, 3].flatMap((dy) => [0, 1, 2, 3].map((dx) => reds[(y + dy) * 8 + x + dx]!));
        expect(quarter.filter((value) => value === 31)).toHaveLength(4);
      }
    expect(out.filter((_, i) => i % 4 === 1)).toEqual(reds);
  });
});
