/** Every network that ships for this engine, against its ONNX model in onnxruntime: in plain loops at all sizes, on the device at one. */
import { describe, expect, it } from 'vitest';
import { openModel } from '../../../models/tools/model.ts';
import type { NetworkFiles } from '../../../shaders/engine/card.ts';
import { computed } from '../../../shaders/engine/network.reference.ts';
import { openNetwork } from '../../../shaders/engine/network.ts';
import { PLAIN, type Tuning, tuningsFor } from '../../../shaders/engine/tuning.ts';
import { shaders, withoutErrors } from '../../support/dawn.ts';
import { readBuffer, submit } from '../device-memory.ts';
import { largestDifference, noiseTensor } from '../noise.ts';
import { filesOf, runnable } from './golden.ts';

/** Both far below one step of a picture's 8 bits, 1/255. */
const TOLERANCE = { loops: 2e-4, device: 5e-4 } as const;

const SIZES = {
  least: [8, 8],
  ragged: [72, 40],
  whole: [64, 64],
} as const;

interface Frame {
  /** f32 NCHW [1,3,height,width], as dark as a night. */
  readonly image: Float32Array<ArrayBuffer>;
  /** `fusion_mix`. */
  readonly mix: number;
}

/** A frame by itself, and one that is smoothed with it. */
const frames = (width: number, height: number): readonly Frame[] => [
  { image: noiseTensor(3 * width * height, 0, 0.2, 1), mix: 1 },
  { image: noiseTensor(3 * width * height, 0, 0.2, 2), mix: 0.25 },
];

type Computed = readonly Float32Array[];

/** The sub-pixels of both frames, by onnxruntime. */
async function byOnnx(model: string, width: number, height: number): Promise<Computed> {
  await using session = await openModel(model);
  const all: Float32Array[] = [];
  for (const { image, mix } of frames(width, height))
    all.push(Float32Array.from(await session.subpixels(image, width, height, mix)));
  return all;
}

function inLoops(files: NetworkFiles, width: number, height: number): Computed {
  let fusionPrevious = new Float32Array(files.card.fusionSize);
  return frames(width, height).map(({ image, mix }) => {
    const { subpixels, fusion } = computed(files, { width, height, image, fusionPrevious, fusionMix: mix });
    fusionPrevious = Float32Array.from(fusion);
    return subpixels;
  });
}

function onDevice(files: NetworkFiles, width: number, height: number, tuning: Tuning): Promise<Computed> {
  return withoutErrors(async (device) => {
    using network = await openNetwork(device, shaders, files, { width, height, tuning });
    const all: Float32Array[] = [];
    for (const { image, mix } of frames(width, height)) {
      device.queue.writeBuffer(network.tensor, 0, image);
      network.setMix(mix);
      submit(device, (encoder) => network.encode(encoder));
      all.push((await readBuffer(device, network.subpixels)).subarray(0, 12 * width * height));
    }
    return all;
  });
}

const difference = (found: Computed, expected: Computed): number =>
  Math.max(...expected.map((subpixels, frame) => largestDifference(found[frame]!, subpixels)));

const cheapest = async (): Promise<NetworkFiles> =>
  (await Promise.all(runnable.map(filesOf))).reduce((a, b) =>
    a.card.macsPerInputPixel <= b.card.macsPerInputPixel ? a : b,
  );

it('is held against ONNX for what ships', () => {
  expect(runnable).toContain('base');
});

describe.each(runnable)('%s', (model) => {
  it.each(Object.entries(SIZES))(
    'in plain loops is its ONNX model at the %s size',
    async (_name, [width, height]) => {
      const files = await filesOf(model);
      const expected = await byOnnx(model, width, height);
      expect(difference(inLoops(files, width, height), expected)).toBeLessThan(TOLERANCE.loops);
    },
  );

  // One size, because a software adapter compiles for a long time: another is the same text with other constants.
  it('by the plain kernels on the device is its ONNX model', async () => {
    const [width, height] = SIZES.ragged;
    const found = await onDevice(await filesOf(model), width, height, PLAIN);
    expect(difference(found, await byOnnx(model, width, height))).toBeLessThan(TOLERANCE.device);
  });
});

it('by kernels of tiles on the device is its ONNX model, as the cheapest network shows', async () => {
  const [width, height] = SIZES.ragged;
  const tiles = tuningsFor(new Set<string>()).find((tuning) => tuning.tiles)!;
  const files = await cheapest();
  const found = await onDevice(files, width, height, tiles);
  expect(difference(found, await byOnnx(files.card.name, width, height))).toBeLessThan(TOLERANCE.device);
});
