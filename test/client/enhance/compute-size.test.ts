import { describe, expect, it } from 'vitest';
import {
  computeSizes,
  fullComputeSize,
  modeOf,
  pixels,
  shownSize,
  withinSize,
} from '../../../client/enhance/compute-size.ts';

const size = (width: number, height: number) => ({ width, height });

describe("the size of the network's input", () => {
  it("is half the camera's, in steps of 8, and the picture keeps the camera's size", () => {
    expect(fullComputeSize(size(1920, 1080))).toEqual(size(960, 544));
    expect(fullComputeSize(size(960, 540))).toEqual(size(480, 272));
    expect(shownSize(size(1920, 1080))).toEqual(size(1920, 1080));
    expect(modeOf(size(960, 540))).toBe('same-size');
  });

  it("is a small camera's own, whose picture is doubled, upright ones too", () => {
    expect(fullComputeSize(size(640, 360))).toEqual(size(640, 360));
    expect(shownSize(size(640, 360))).toEqual(size(1280, 720));
    expect(shownSize(size(360, 640))).toEqual(size(720, 1280));
    expect(modeOf(size(360, 640))).toBe('super-resolve');
    expect(fullComputeSize(size(161, 93))).toEqual(size(160, 96));
    expect(fullComputeSize(size(3, 2))).toEqual(size(8, 8));
  });

  it('is kept within a limit, proportions and steps of 8 too', () => {
    const limit = size(160, 96);
    expect(withinSize(size(960, 544), limit)).toEqual(size(160, 88));
    expect(withinSize(size(544, 960), limit)).toEqual(size(56, 96));
    expect(withinSize(size(64, 40), limit)).toEqual(size(64, 40));
  });

  it('can be chosen from sizes about a quarter apart, the smallest still worth seeing', () => {
    for (const camera of [
      size(960, 540),
      size(1920, 1080),
      size(640, 360),
      size(480, 640),
      size(2560, 1440),
    ]) {
      const sizes = computeSizes(camera);
      expect(sizes.at(-1)).toEqual(fullComputeSize(camera));
      expect(pixels(sizes[0]!)).toBeGreaterThanOrEqual(10_000);
      expect(pixels(sizes[0]!)).toBeLessThan(15_000);
      for (const [index, { width, height }] of sizes.entries()) {
        expect([width % 8, height % 8]).toEqual([0, 0]);
        expect(Math.abs(width / height / (camera.width / camera.height) - 1)).toBeLessThan(0.08);
        if (index > 0) {
          const step = pixels(sizes[index]!) / pixels(sizes[index - 1]!);
          expect(step).toBeGreaterThan(1.1);
          expect(step).toBeLessThan(1.5);
        }
      }
    }
  });

  it('has no choice for a camera that is small itself', () => {
    expect(computeSizes(size(64, 40))).toEqual([size(64, 40)]);
  });
});
