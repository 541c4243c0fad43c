/** What stands on the canvas: the drawing against its reference, and each setting for what a person sees of it. */
import { afterAll, describe, expect, it } from 'vitest';
import { fromTexture, type PictureSource } from '../../shaders/picture-source.ts';
import {
  CORING,
  type EnhancedRgba,
  type PresentSettings,
  presented,
  type RgbaPicture,
} from '../../shaders/present.reference.ts';
import { openPresent, type Present } from '../../shaders/present.ts';
import { shaders, withoutErrors } from '../support/dawn.ts';
import { readTexture, submit, texture } from './device-memory.ts';
import { halfBits } from './half-float.ts';
import { largestDifference, noisePicture, noiseTensor } from './noise.ts';

type Size = readonly [width: number, height: number];

const PLAIN: PresentSettings = { strength: 1, divider: 0, detail: 0 };

const noisy = ([width, height]: Size, seed = 1): RgbaPicture => ({
  width,
  height,
  rgba: noisePicture(width, height, seed),
});

/** An enhanced picture of noise; the guide's lumas make gains on both sides of 1 and of the cap. */
function noisyEnhanced([width, height]: Size, night = 1): EnhancedRgba {
  const guide = noiseTensor((width * height) / 2, 0, 0.6, 3).map((luma, i) =>
    i % 2 === 0 ? luma / 10 : luma,
  );
  return { ...noisy([width, height], 2), guide, night };
}

function reference(
  camera: RgbaPicture,
  enhanced: EnhancedRgba | undefined,
  settings: PresentSettings,
  [w, h]: Size,
) {
  const out = new Uint8ClampedArray(w * h * 4);
  presented(camera, enhanced, settings, out, w, h);
  return out;
}

// One a canvas format, for the whole file: compiling takes longer than everything else here.
const presents = new Map<GPUTextureFormat, Present<GPUTexture>>();
afterAll(() => {
  for (const present of presents.values()) present[Symbol.dispose]();
});

function drawn(
  camera: RgbaPicture,
  enhanced: EnhancedRgba | undefined,
  settings: PresentSettings,
  [width, height]: Size,
  format: 'rgba8unorm' | 'bgra8unorm' = 'rgba8unorm',
) {
  return withoutErrors(async (device) => {
    const { RENDER_ATTACHMENT, COPY_SRC } = GPUTextureUsage;
    const target = device.createTexture({
      size: [width, height],
      format,
      usage: RENDER_ATTACHMENT | COPY_SRC,
    });
    const upload = (picture: RgbaPicture) =>
      texture(device, picture.width, picture.height, new Uint8ClampedArray(picture.rgba));
    const present = presents.get(format) ?? (await openPresent(device, shaders, fromTexture, format));
    presents.set(format, present);
    const presentation = {
      picture: upload(camera),
      ...(enhanced && { enhanced: { picture: upload(enhanced), guide: guideTexture(device, enhanced) } }),
      target,
      ...settings,
    };
    submit(device, (encoder) => present.encode(encoder, presentation));
    return readTexture(device, target);
  });
}

function guideTexture(device: GPUDevice, { width, height, guide, night }: EnhancedRgba): GPUTexture {
  const texels = new Uint16Array(width * height);
  for (let i = 0; i < guide.length; i++) texels[(i >> 1) * 4 + (i & 1)] = halfBits(guide[i]!);
  for (let i = 2; i < texels.length; i += 4) texels[i] = halfBits(night);
  return texture(device, width / 2, height / 2, texels);
}

describe('the picture on the canvas', () => {
  it.each<{ camera: Size; enhanced: Size; canvas: Size; why: string }>([
    { camera: [1, 1], enhanced: [2, 2], canvas: [1, 1], why: 'one pixel' },
    { camera: [16, 16], enhanced: [16, 16], canvas: [16, 16], why: 'all the same size' },
    {
      camera: [30, 17],
      enhanced: [32, 16],
      canvas: [30, 17],
      why: 'a camera whose half is no multiple of 8',
    },
    { camera: [16, 12], enhanced: [32, 24], canvas: [33, 25], why: 'super-resolved onto a ragged canvas' },
    { camera: [96, 54], enhanced: [64, 32], canvas: [23, 13], why: 'a small tile' },
  ])('equals its reference ($why)', async ({ camera, enhanced, canvas }) => {
    const [noise, bright] = [noisy(camera), noisyEnhanced(enhanced)];
    const dark = { ...noise, rgba: noise.rgba.map((value) => value / 8) };
    for (const settings of [
      PLAIN,
      { strength: 0.6, divider: 0.4, detail: 0 },
      { strength: 0, divider: 0, detail: 0 },
    ]) {
      const expected = reference(dark, bright, settings, canvas);
      expect(largestDifference(await drawn(dark, bright, settings, canvas), expected)).toBeLessThanOrEqual(1);
    }
    const detailed = { strength: 0.9, divider: 0.3, detail: 0.8 };
    const expected = reference(dark, bright, detailed, canvas);
    expect(largestDifference(await drawn(dark, bright, detailed, canvas), expected)).toBeLessThanOrEqual(2);
  });

  it('is the camera’s own, to the bit, by day, and at dusk as far from it as the night has come', async () => {
    const camera = noisy([20, 12]);
    const settings = { strength: 1, divider: 0, detail: 1 };
    expect(await drawn(camera, noisyEnhanced([20, 12], 0), settings, [20, 12])).toEqual(opaque(camera));
    const dusk = noisyEnhanced([20, 12], 0.5);
    const expected = reference(camera, dusk, { ...settings, detail: 0 }, [20, 12]);
    const atDusk = await drawn(camera, dusk, { ...settings, detail: 0 }, [20, 12]);
    expect(largestDifference(atDusk, expected)).toBeLessThanOrEqual(1);
    const half = camera.rgba.map((value, i) => (i % 4 === 3 ? 255 : (value + dusk.rgba[i]!) / 2));
    expect(largestDifference(atDusk, half)).toBeLessThanOrEqual(1);
  });

  it('is the camera’s own, to the bit, at strength 0', async () => {
    const [camera, enhanced] = [noisy([20, 12]), noisyEnhanced([20, 12])];
    const picture = await drawn(camera, enhanced, { strength: 0, divider: 0, detail: 1 }, [20, 12]);
    expect(picture).toEqual(opaque(camera));
  });

  it('is the enhanced one, to the bit, at strength 1 without a divider', async () => {
    const [camera, enhanced] = [noisy([20, 12]), noisyEnhanced([20, 12])];
    expect(await drawn(camera, enhanced, PLAIN, [20, 12])).toEqual(opaque(enhanced));
  });

  it('is the camera’s own with the divider at 1, and no line', async () => {
    const [camera, enhanced] = [noisy([20, 12]), noisyEnhanced([20, 12])];
    expect(await drawn(camera, enhanced, { ...PLAIN, divider: 1 }, [20, 12])).toEqual(opaque(camera));
  });

  it('is the camera’s own, without a line, where nothing was enhanced', async () => {
    const camera = noisy([20, 12]);
    const settings = { strength: 1, divider: 0.5, detail: 1 };
    expect(await drawn(camera, undefined, settings, [20, 12])).toEqual(opaque(camera));
  });

  it('shows the camera’s own left of the divider, two white columns on it, the enhanced one right of it', async () => {
    const [camera, enhanced] = [noisy([20, 2]), noisyEnhanced([20, 2])];
    const picture = await drawn(camera, enhanced, { ...PLAIN, divider: 0.37 }, [20, 2]);
    const [left, right] = [opaque(camera), opaque(enhanced)];
    for (let x = 0; x < 20; x++) {
      const column = x < 6 ? left : x < 8 ? new Uint8Array(160).fill(255) : right;
      for (const y of [0, 1]) {
        const at = (y * 20 + x) * 4;
        expect([x, ...picture.slice(at, at + 4)]).toEqual([x, ...column.slice(at, at + 4)]);
      }
    }
  });

  it('is bound anew only where the camera’s or the enhanced one is another, and then is the other', () =>
    withoutErrors(async (device) => {
      const { RENDER_ATTACHMENT, COPY_SRC } = GPUTextureUsage;
      let bindGroups = 0;
      const counting = new Proxy(device, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (key === 'createBindGroup') bindGroups++;
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      const source: PictureSource<GPUTextureView> = {
        wgslType: 'texture_2d<f32>',
        resource: (_device, view) => view,
      };
      using present = await openPresent(counting, shaders, source, 'rgba8unorm');
      const usage = RENDER_ATTACHMENT | COPY_SRC;
      const target = device.createTexture({ size: [20, 12], format: 'rgba8unorm', usage });
      const cameras = [1, 2].map((seed) => noisy([20, 12], seed));
      const views = cameras.map(({ rgba }) =>
        texture(device, 20, 12, new Uint8ClampedArray(rgba)).createView(),
      );
      const guide = guideTexture(device, noisyEnhanced([20, 12]));
      const others = [3, 4].map((seed) => noisy([20, 12], seed));
      const enhanced = others.map(({ rgba }) => ({
        picture: texture(device, 20, 12, new Uint8ClampedArray(rgba)),
        guide,
      }));
      const draws: readonly (readonly [
        camera: 0 | 1,
        enhanced: 0 | 1,
        strength: 0 | 1,
        boundSoFar: number,
      ])[] = [
        [0, 0, 1, 1],
        [0, 0, 0, 1],
        [0, 1, 1, 2],
        [1, 1, 0, 3],
        [1, 1, 1, 3],
      ];
      for (const [camera, other, strength, boundSoFar] of draws) {
        const presentation = {
          ...PLAIN,
          picture: views[camera]!,
          enhanced: enhanced[other]!,
          target,
          strength,
        };
        submit(device, (encoder) => present.encode(encoder, presentation));
        const expected = strength === 0 ? cameras[camera]! : others[other]!;
        expect(await readTexture(device, target)).toEqual(opaque(expected));
        expect(bindGroups).toBe(boundSoFar);
      }
    }));

  it('has red and blue in their places on a canvas of the other order', async () => {
    const [camera, enhanced] = [noisy([8, 8]), noisyEnhanced([8, 8])];
    const picture = await drawn(camera, enhanced, PLAIN, [8, 8], 'bgra8unorm');
    const swapped = picture.map((_, i) => picture[i % 4 === 1 || i % 4 === 3 ? i : i ^ 2]!);
    expect(swapped).toEqual(opaque(enhanced));
  });
});

describe('the detail transfer', () => {
  // A dark camera picture of 8x8, brightened four times to a flat grey: the network lost everything fine.
  const flat: EnhancedRgba = {
    width: 8,
    height: 8,
    rgba: new Uint8ClampedArray(256).fill(80),
    guide: new Float32Array(32).map((_, i) => (i % 2 === 0 ? 20 / 255 : 80 / 255)),
    night: 1,
  };
  const shown = (camera: RgbaPicture, detail: number, enhanced = flat) =>
    reference(camera, enhanced, { strength: 1, divider: 0, detail }, [8, 8]);

  const darkWith = (level: number): RgbaPicture => {
    const rgba = new Uint8ClampedArray(256).fill(20);
    rgba.fill(level, 4 * 27, 4 * 28);
    return { width: 8, height: 8, rgba };
  };

  it('brings back a point the network lost, brightened as its surroundings are, less the bar for noise', () => {
    const added = shown(darkWith(30), 1)[4 * 27]! - 80;
    expect(added).toBe(4 * 10 - 4 * CORING * 255);
    expect(shown(darkWith(30), 0.5)[4 * 27]! - 80).toBe(added / 2);
  });

  it('brings back no noise', () => {
    expect(shown(darkWith(22), 1)[4 * 27]).toBe(80);
    expect(shown(darkWith(18), 1)[4 * 27]).toBe(80);
  });

  it('does not double what the network kept', () => {
    const kept = { ...flat, rgba: new Uint8ClampedArray(flat.rgba) };
    kept.rgba.fill(120, 4 * 27, 4 * 28);
    expect(shown(darkWith(30), 1, kept)[4 * 27]).toBe(120);
  });

  it('leaves the rest of the picture alone', () => {
    const picture = shown(darkWith(30), 1);
    for (let pixel = 0; pixel < 64; pixel++) {
      if (pixel !== 27) expect(picture[4 * pixel]).toBe(80);
    }
  });

  it('never takes the gain for more than its cap', () => {
    const black = { ...flat, guide: flat.guide.map((v, i) => (i % 2 === 0 ? 0 : v)) };
    const camera = { width: 8, height: 8, rgba: new Uint8ClampedArray(256) };
    camera.rgba.fill(5, 4 * 27, 4 * 28);
    expect(shown(camera, 1, black)[4 * 27]).toBe(80 + 8 * 5 - 8 * 2);
  });
});

function opaque({ rgba }: RgbaPicture): Uint8Array<ArrayBuffer> {
  return new Uint8Array(rgba.map((value, i) => (i % 4 === 3 ? 255 : value)));
}
