/** Planes of Y'CbCr become the network's input: the kernel against its reference, the reference against ffmpeg and known sums. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { YuvColors, YuvPicture } from '../../shaders/yuv-picture.ts';
import { rgbaFromYuv, tensorFromYuv } from '../../shaders/yuv-planes.reference.ts';
import { openYuvConversion } from '../../shaders/yuv-planes.ts';
import { shaders, withoutErrors } from '../support/dawn.ts';
import { readBuffer, storage, submit, unwritten } from './device-memory.ts';
import { largestDifference, noise } from './noise.ts';

const TOLERANCE = 4e-4; // stated in yuv-planes.wgsl

type Size = readonly [width: number, height: number];
type Format = YuvPicture['format'];

const LIMITED_709: YuvColors = { matrix: 'bt709', fullRange: false };

/** Every byte at random, so that much lies outside the colours that exist; a few bytes before the planes and after each row. */
function noisePlanes([width, height]: Size, format: Format, colors: YuvColors, seed = 1): YuvPicture {
  const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const chroma = { I420: [halfWidth, halfWidth], NV12: [2 * halfWidth] }[format];
  const next = noise(seed);
  const strides = [width, ...chroma].map((row, index) => row + 3 * (index + 1));
  const rows = [height, ...chroma.map(() => halfHeight)];
  const planes = strides.map((stride, index) => ({
    offset: 5 + strides.slice(0, index).reduce((sum, each, before) => sum + each * rows[before]!, 0),
    stride,
  }));
  const last = planes.length - 1;
  const bytes = new Uint8Array(planes[last]!.offset + strides[last]! * rows[last]!).map(() => next() * 256);
  return { format, width, height, bytes, planes, colors };
}

function reference(picture: YuvPicture, [width, height]: Size): Float32Array {
  const out = unwritten(3 * width * height);
  tensorFromYuv(picture, out, width, height);
  return out;
}

/** The tensor after each picture, through one conversion. */
function kernel(pictures: readonly YuvPicture[], [width, height]: Size): Promise<Float32Array[]> {
  return withoutErrors(async (device) => {
    const tensor = storage(device, unwritten(3 * width * height));
    using conversion = await openYuvConversion(device, shaders, { width, height, tensor });
    const tensors: Float32Array[] = [];
    for (const picture of pictures) {
      conversion.load(picture);
      submit(device, (encoder) => conversion.encode(encoder));
      tensors.push(await readBuffer(device, tensor));
    }
    return tensors;
  });
}

/** One colour's Y', Cb and Cr of 2x2 pixels. */
const patch = (y: number, cb: number, cr: number, colors = LIMITED_709): YuvPicture => ({
  format: 'I420',
  width: 2,
  height: 2,
  bytes: Uint8Array.of(y, y, y, y, cb, cr),
  planes: [
    { offset: 0, stride: 2 },
    { offset: 4, stride: 1 },
    { offset: 5, stride: 1 },
  ],
  colors,
});

describe('the conversion of planes', () => {
  it.each<{ from: Size; to: Size; why: string }>([
    { from: [1, 1], to: [1, 1], why: 'one pixel' },
    { from: [1, 9], to: [8, 8], why: 'one pixel wide' },
    { from: [16, 8], to: [16, 8], why: 'the same size' },
    { from: [32, 16], to: [16, 8], why: 'half, as for a picture of the same size' },
    { from: [17, 23], to: [16, 24], why: 'odd, down one way and up the other' },
    { from: [50, 31], to: [7, 5], why: 'far down, to a part of a workgroup' },
    { from: [640, 360], to: [320, 184], why: 'a camera' },
  ])('equals its reference from $from to $to ($why), I420 and NV12 in turn', async ({ from, to }) => {
    const pictures = (['I420', 'NV12'] as const).map((format, seed) =>
      noisePlanes(from, format, LIMITED_709, seed),
    );
    const tensors = await kernel(pictures, to);
    for (const [index, picture] of pictures.entries())
      expect(largestDifference(tensors[index]!, reference(picture, to))).toBeLessThan(TOLERANCE);
  });

  it('equals its reference for every matrix, range and siting, whatever came before', async () => {
    const pictures = (['bt601', 'bt709', 'bt2020'] as const).flatMap((matrix) =>
      [false, true].flatMap((fullRange) =>
        (['left', 'center', 'top-left', undefined] as const).map((siting) =>
          noisePlanes([13, 10], 'I420', { matrix, fullRange, ...(siting && { siting }) }),
        ),
      ),
    );
    const tensors = await kernel(pictures, [13, 10]);
    for (const [index, picture] of pictures.entries())
      expect(largestDifference(tensors[index]!, reference(picture, [13, 10]))).toBeLessThan(TOLERANCE);
  });

  it('follows a camera whose picture changes its size', async () => {
    const pictures = [noisePlanes([20, 12], 'I420', LIMITED_709), noisePlanes([9, 7], 'I420', LIMITED_709)];
    const tensors = await kernel(pictures, [8, 8]);
    expect(largestDifference(tensors[1]!, reference(pictures[1]!, [8, 8]))).toBeLessThan(TOLERANCE);
  });

  it('refuses planes that end behind their bytes, overlap or are too few, and takes the next picture', async () => {
    const good = noisePlanes([9, 7], 'NV12', LIMITED_709);
    const [luma, chroma] = good.planes;
    const wrong: readonly [YuvPicture, RegExp][] = [
      [
        { ...good, bytes: good.bytes.subarray(0, -14) },
        /plane 1 of a NV12 picture of 9x7 at 89 with stride 16/,
      ],
      [{ ...good, planes: [{ ...luma!, stride: 8 }, chroma!] }, /plane 0 .* stride 8/],
      [{ ...good, planes: [luma!] }, /NV12 has 2 planes, not 1/],
      [{ ...good, width: 0 }, /at least one pixel, not 0x7/],
    ];
    await withoutErrors(async (device) => {
      const tensor = storage(device, unwritten(3 * 64));
      using conversion = await openYuvConversion(device, shaders, { width: 8, height: 8, tensor });
      expect(() => submit(device, (encoder) => conversion.encode(encoder))).toThrow('no picture was loaded');
      for (const [picture, sentence] of wrong) expect(() => conversion.load(picture)).toThrow(sentence);
      conversion.load(good);
      submit(device, (encoder) => conversion.encode(encoder));
      expect(largestDifference(await readBuffer(device, tensor), reference(good, [8, 8]))).toBeLessThan(
        TOLERANCE,
      );
    });
  });
});

describe('the reference of planes', () => {
  it.each<YuvColors>([
    { matrix: 'bt601', fullRange: false },
    { matrix: 'bt601', fullRange: true },
    { matrix: 'bt709', fullRange: false },
    { matrix: 'bt709', fullRange: true },
    { matrix: 'bt2020', fullRange: false },
    { matrix: 'bt2020', fullRange: true },
  ])('gives back the colours that ffmpeg coded ($matrix, full range: $fullRange)', (colors) => {
    const size = 8;
    for (const colour of [
      [255, 255, 255],
      [230, 20, 10],
      [15, 200, 40],
      [30, 25, 220],
      [9, 12, 17],
    ]) {
      const filter = `scale=in_range=full:out_range=${colors.fullRange ? 'full' : 'limited'}:out_color_matrix=${colors.matrix}:flags=accurate_rnd+full_chroma_int`;
      const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${size}x${size}`, '-i', 'pipe:0'];
      const coded = ['-vf', filter, '-pix_fmt', 'yuv420p', '-f', 'rawvideo', 'pipe:1'];
      const input = Uint8Array.from({ length: 3 * size * size }, (_, i) => colour[i % 3]!);
      const yuv = execFileSync('ffmpeg', ['-v', 'error', ...raw, ...coded], { input });
      const [y, cb, cr] = [yuv[0]!, yuv[size * size]!, yuv[1.25 * size * size]!];
      // Half a step of rounding in each sample, up to 1.2 x 2.2 steps of a colour.
      const rgba = rgbaFromYuv(patch(y, cb, cr, colors));
      expect(largestDifference(rgba.subarray(0, 3), colour)).toBeLessThan(2.5);
    }
  });

  it('gives the last column and row of an odd picture chroma of their own', () => {
    const colors = { matrix: 'bt709', fullRange: true, siting: 'top-left' } as const;
    const planes = [3, 2, 2].map((stride, index) => ({ offset: [0, 9, 13][index]!, stride }));
    const bytes = Uint8Array.from([...new Uint8Array(9).fill(100), 128, 128, 128, 128, 128, 128, 128, 168]);
    const rgba = rgbaFromYuv({ format: 'I420', width: 3, height: 3, bytes, planes, colors });
    expect(rgba[4 * 8]).toBeCloseTo(100 + 1.5748 * 40, 3);
    expect(rgba[4 * 7]).toBeCloseTo(100 + (1.5748 * 40) / 2, 3);
    expect(rgba[0]).toBeCloseTo(100, 3);
  });

  it('cuts what is blacker than black and whiter than white', () => {
    expect([...rgbaFromYuv(patch(3, 128, 128)).subarray(0, 3)]).toEqual([0, 0, 0]);
    expect([...rgbaFromYuv(patch(250, 128, 128)).subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it.each([
    { siting: 'left', across: [1, 0.5, 0, 0], down: [1, 0.75, 0.25, 0] },
    { siting: 'center', across: [1, 0.75, 0.25, 0], down: [1, 0.75, 0.25, 0] },
    { siting: 'top-left', across: [1, 0.5, 0, 0], down: [1, 0.5, 0, 0] },
  ] as const)('interpolates chroma that stands $siting', ({ siting, across, down }) => {
    const colors = { matrix: 'bt709', fullRange: true, siting } as const;
    const luma = new Uint8Array(16).fill(100);
    const shares = (cr: readonly number[]): Float32Array => {
      const bytes = Uint8Array.from([...luma, 128, 128, 128, 128, ...cr]);
      const planes = [4, 2, 2].map((stride, index) => ({ offset: [0, 16, 20][index]!, stride }));
      return rgbaFromYuv({ format: 'I420', width: 4, height: 4, bytes, planes, colors }).map(
        (value) => (value - 100) / (1.5748 * 40),
      );
    };
    const columns = shares([168, 128, 168, 128]);
    const rows = shares([168, 168, 128, 128]);
    for (let i = 0; i < 4; i++) {
      expect(columns[4 * i]).toBeCloseTo(across[i]!, 4);
      expect(rows[16 * i]).toBeCloseTo(down[i]!, 4);
    }
  });
});
