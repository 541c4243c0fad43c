import { describe, expect, it } from 'vitest';
import { psnr, ssim } from '../../models/tools/metrics.ts';
import type { Picture } from '../../models/tools/picture.ts';

type Value = (x: number, y: number, colour: number) => number;

const picture = (width: number, height: number, value: Value): Picture => ({
  width,
  height,
  pixels: Uint8Array.from({ length: 3 * width * height }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return value(pixel % width, Math.floor(pixel / width), at % 3);
  }),
});

const textured: Value = (x, y, colour) => (x * 37 + y * 11 + colour * 5 + x * y) % 256;

/** SSIM's two constants for values of 0…255. */
const C1 = 2.55 ** 2;
const C2 = 7.65 ** 2;

/** SSIM's formula for one window: means, variances and covariance. */
const ofWindow = (ma: number, mb: number, va: number, vb: number, covariance: number): number =>
  ((2 * ma * mb + C1) * (2 * covariance + C2)) / ((ma ** 2 + mb ** 2 + C1) * (va + vb + C2));

describe('PSNR', () => {
  it('of a constant offset is 20 log10(255 / offset)', () => {
    const truth = picture(13, 12, (x, y) => 10 + x + y);
    expect(
      psnr(
        picture(13, 12, (x, y) => 15 + x + y),
        truth,
      ),
    ).toBeCloseTo(20 * Math.log10(51), 9);
  });

  it('takes the mean of the squares over pixels and channels together, before the logarithm', () => {
    const truth = picture(4, 4, () => 100);
    const wrongInOnePlace = picture(4, 4, (x, y, colour) => (x + y + colour === 0 ? 148 : 100));
    expect(psnr(wrongInOnePlace, truth)).toBeCloseTo(10 * Math.log10(255 ** 2 / (48 ** 2 / 48)), 9);
  });

  it('of equal pictures is a number that a mean survives', () => {
    expect(psnr(picture(4, 4, textured), picture(4, 4, textured))).toBe(120);
  });
});

describe('SSIM', () => {
  it('of equal pictures is 1', () => {
    expect(ssim(picture(23, 17, textured), picture(23, 17, textured))).toBeCloseTo(1, 12);
  });

  it('of two flat pictures is what their means alone make it', () => {
    const value = ssim(
      picture(15, 12, () => 200),
      picture(15, 12, () => 50),
    );
    expect(value).toBeCloseTo(ofWindow(200, 50, 0, 0, 0), 9);
  });

  it('is the mean of the three channels', () => {
    const truth = picture(12, 11, () => 100);
    const onlyGreenIsWrong = picture(12, 11, (_x, _y, colour) => (colour === 1 ? 0 : 100));
    expect(ssim(onlyGreenIsWrong, truth)).toBeCloseTo((2 + ofWindow(0, 100, 0, 0, 0)) / 3, 9);
  });

  it('of a checkerboard and its inverse is negative: the same means, opposite detail', () => {
    const board = (sign: number) => picture(32, 32, (x, y) => 128 + ((x + y) % 2 === 0 ? sign : -sign) * 40);
    expect(ssim(board(1), board(-1))).toBeCloseTo(ofWindow(128, 128, 1600, 1600, -1600), 4);
  });

  it('sees one pixel through a Gaussian window of 11x11 with sigma 1.5, only where the whole window lies inside', () => {
    const flat = picture(21, 21, () => 60);
    const dot = picture(21, 21, (x, y) => (x === 10 && y === 10 ? 160 : 60));
    const offsets = Array.from({ length: 11 }, (_, at) => at - 5);
    const bell = (dx: number, dy: number) => Math.exp(-(dx ** 2 + dy ** 2) / 4.5);
    const places = offsets.flatMap((dy) => offsets.map((dx) => bell(dx, dy)));
    const total = places.reduce((sum, weight) => sum + weight, 0);
    const values = places.map((place) => {
      const weight = place / total;
      return ofWindow(60 + 100 * weight, 60, 100 ** 2 * weight * (1 - weight), 0, 0);
    });
    expect(ssim(dot, flat)).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 121, 9);
  });

  it('refuses a picture smaller than its window', () => {
    const small = picture(10, 20, textured);
    expect(() => ssim(small, small)).toThrow('SSIM needs at least 11x11 pixels, the picture has 10x20');
  });
});
