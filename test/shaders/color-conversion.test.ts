/** The camera's picture becomes the network's input: the kernel against its reference, and the reference against known sums. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorFromRgba } from '../../shaders/color-conversion.reference.ts';
import { createColorConversion } from '../../shaders/color-conversion.ts';
import { fromTexture } from '../../shaders/picture-source.ts';
import { shaders, withoutErrors } from '../support/dawn.ts';
import { readBuffer, storage, submit, texture, unwritten } from './device-memory.ts';
import { largestDifference, noisePicture } from './noise.ts';

const TOLERANCE = 2e-4; // stated in color-conversion.wgsl

type Size = readonly [width: number, height: number];

function reference(rgba: Uint8ClampedArray, [sw, sh]: Size, [w, h]: Size): Float32Array {
  const out = unwritten(3 * w * h);
  tensorFromRgba(rgba, sw, sh, out, w, h);
  return out;
}

function kernel(
  texels: Uint8ClampedArray<ArrayBuffer> | Uint16Array<ArrayBuffer>,
  [sw, sh]: Size,
  [w, h]: Size,
) {
  return withoutErrors(async (device) => {
    const tensor = storage(device, unwritten(3 * w * h));
    const target = { width: w, height: h, tensor };
    const conversion = await createColorConversion(device, shaders, fromTexture, target);
    submit(device, (encoder) => conversion.encode(encoder, texture(device, sw, sh, texels)));
    return readBuffer(device, tensor);
  });
}

describe('the colour conversion', () => {
  it.each<{ from: Size; to: Size; why: string }>([
    { from: [1, 1], to: [1, 1], why: 'one pixel' },
    { from: [1, 1], to: [8, 8], why: 'one pixel spread out' },
    { from: [16, 8], to: [16, 8], why: 'the same size' },
    { from: [32, 16], to: [16, 8], why: 'half' },
    { from: [17, 23], to: [16, 24], why: 'ragged, down one way and up the other' },
    { from: [13, 9], to: [40, 24], why: 'up' },
    { from: [50, 31], to: [7, 5], why: 'far down, to a part of a workgroup' },
    { from: [960, 540], to: [320, 184], why: 'a camera' },
  ])('equals its reference from $from to $to ($why)', async ({ from, to }) => {
    const rgba = noisePicture(...from);
    expect(largestDifference(await kernel(rgba, from, to), reference(rgba, from, to))).toBeLessThan(
      TOLERANCE,
    );
  });

  it('gives a picture of the same size as it is', async () => {
    const rgba = noisePicture(8, 8);
    const tensor = await kernel(rgba, [8, 8], [8, 8]);
    const planes = Float32Array.from(
      { length: 192 },
      (_, i) => rgba[(i % 64) * 4 + Math.floor(i / 64)]! / 255,
    );
    expect(largestDifference(tensor, planes)).toBeLessThan(TOLERANCE);
  });

  it('cuts values outside 0 to 1 before it weighs them', async () => {
    // Half floats: 2 = 0x4000, -1 = 0xbc00, 0.5 = 0x3800, 1 = 0x3c00. Two pixels, halved to one.
    const texels = new Uint16Array([0x4000, 0xbc00, 0x3800, 0x3c00, 0x4000, 0x3c00, 0x3800, 0x3c00]);
    const tensor = await kernel(texels, [2, 1], [1, 1]);
    expect(largestDifference(tensor, Float32Array.of(1, 0.5, 0.5))).toBeLessThan(TOLERANCE);
  });

  it('fills no more of its buffer than the tensor', async () => {
    const held = await withoutErrors(async (device) => {
      const tensor = storage(device, unwritten(3 * 5 * 3 + 4));
      const target = { width: 5, height: 3, tensor };
      const conversion = await createColorConversion(device, shaders, fromTexture, target);
      submit(device, (encoder) => conversion.encode(encoder, texture(device, 4, 4, noisePicture(4, 4))));
      return readBuffer(device, tensor);
    });
    expect([...held].map(Number.isNaN)).toEqual(Array.from({ length: 49 }, (_, i) => i >= 45));
  });
});

describe('the colour conversion’s reference', () => {
  it('halves with the weights 1 3 3 1', () => {
    const greys = [0, 40, 80, 160, 240, 255, 8, 16];
    const rgba = Uint8ClampedArray.from(greys.flatMap((grey) => [grey, 0, 0, 255]));
    const out = reference(rgba, [8, 1], [4, 1]);
    expect(out[1]! * 255).toBeCloseTo((40 + 3 * 80 + 3 * 160 + 240) / 8, 4);
    // At the edge the tap outside the picture is left out.
    expect(out[0]! * 255).toBeCloseTo((3 * 0 + 3 * 40 + 80) / 7, 4);
  });

  it('doubles with the weights 3 1, and repeats the edge', () => {
    const out = reference(Uint8ClampedArray.of(0, 0, 0, 255, 200, 0, 0, 255), [2, 1], [4, 1]);
    expect([...out.subarray(0, 4)].map((v) => Math.round(v * 255))).toEqual([0, 50, 150, 200]);
  });

  it('scales rows and columns alike', () => {
    const rgba = noisePicture(11, 7);
    const turned = new Uint8ClampedArray(rgba.length);
    for (let y = 0; y < 7; y++) {
      for (let x = 0; x < 11; x++) {
        turned.set(rgba.subarray((y * 11 + x) * 4, (y * 11 + x) * 4 + 4), (x * 7 + y) * 4);
      }
    }
    const out = reference(rgba, [11, 7], [4, 6]);
    const turnedOut = reference(turned, [7, 11], [6, 4]);
    for (let i = 0; i < out.length; i++) {
      const [plane, y, x] = [Math.floor(i / 24), Math.floor((i % 24) / 4), i % 4];
      expect(turnedOut[plane * 24 + x * 6 + y]).toBeCloseTo(out[i]!, 5);
    }
  });

  it('keeps a constant colour constant, whatever the sizes', () => {
    const side = fc.integer({ min: 1, max: 40 });
    const level = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(side, side, side, side, fc.tuple(level, level, level), (sw, sh, w, h, colour) => {
        const rgba = new Uint8ClampedArray(sw * sh * 4).map((_, i) => colour[i % 4] ?? 255);
        const out = reference(rgba, [sw, sh], [w, h]);
        const planes = out.map((_, i) => colour[Math.floor(i / (w * h))]! / 255);
        expect(largestDifference(out, planes)).toBeLessThan(1e-6);
      }),
    );
  });
});
