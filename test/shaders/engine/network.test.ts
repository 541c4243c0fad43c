/** The own engine on the device: a small network's kernels against the same network in plain loops; parity.test.ts has those that ship. */
import { describe, expect, it } from 'vitest';
import { checkedFiles, type NetworkFiles } from '../../../shaders/engine/card.ts';
import type { Network } from '../../../shaders/engine/device-network.ts';
import { computed } from '../../../shaders/engine/network.reference.ts';
import { openNetwork } from '../../../shaders/engine/network.ts';
import { type Tuning, tuningsFor } from '../../../shaders/engine/tuning.ts';
import { shaders, withoutErrors } from '../../support/dawn.ts';
import { readBuffer, submit } from '../device-memory.ts';
import { largestDifference, noiseTensor } from '../noise.ts';
import { smallNetwork } from './small-network.ts';

const small = (): Promise<NetworkFiles> => {
  const { card, weights } = smallNetwork();
  return checkedFiles(card, weights);
};

/** f32 NCHW [1,3,height,width], as dark as a night. */
const dark = (width: number, height: number, seed: number) => noiseTensor(3 * width * height, 0, 0.2, seed);

async function subpixels(device: GPUDevice, network: Network, image: Float32Array<ArrayBuffer>, mix: number) {
  device.queue.writeBuffer(network.tensor, 0, image);
  network.setMix(mix);
  submit(device, (encoder) => network.encode(encoder));
  return (await readBuffer(device, network.subpixels)).subarray(0, 12 * network.width * network.height);
}

async function fusionOf(device: GPUDevice, { fusion }: Network): Promise<Float32Array> {
  const all = await readBuffer(device, fusion.buffer);
  return all.subarray(fusion.offset / 4, (fusion.offset + fusion.size) / 4);
}

/** Two frames, the second smoothed with the first; the largest difference of sub-pixels and fusion vectors to the reference. */
function differences(files: NetworkFiles, width: number, height: number, tuning: Tuning): Promise<number> {
  return withoutErrors(async (device) => {
    using network = await openNetwork(device, shaders, files, { width, height, tuning });
    let fusionPrevious = new Float32Array(files.card.fusionSize);
    let largest = 0;
    for (const [seed, mix] of [
      [1, 1],
      [2, 0.25],
    ] as const) {
      const image = dark(width, height, seed);
      const expected = computed(files, { width, height, image, fusionPrevious, fusionMix: mix });
      const found = await subpixels(device, network, image, mix);
      const fusion = await fusionOf(device, network);
      largest = Math.max(
        largest,
        largestDifference(found, expected.subpixels),
        largestDifference(fusion, expected.fusion),
      );
      fusionPrevious = Float32Array.from(expected.fusion);
    }
    return largest;
  });
}

const tunings = tuningsFor(new Set<string>());

describe('the engine', () => {
  it.each(tunings.map((tuning) => [tuning.name, tuning] as const))(
    'gives what the reference gives however it is tuned: %s',
    async (_name, tuning) => {
      const files = await small();
      for (const [width, height] of [
        [8, 8],
        [72, 40],
      ] as const)
        expect(await differences(files, width, height, tuning)).toBeLessThan(5e-4);
    },
    120_000,
  );

  it('begins anew at a cut, and smooths a slow change', () =>
    withoutErrors(async (device) => {
      const files = await small();
      const image = dark(16, 16, 3);
      const alone = computed(files, {
        width: 16,
        height: 16,
        image,
        fusionPrevious: new Float32Array(8),
        fusionMix: 1,
      }).fusion;
      const fusionAfter = async (first: number) => {
        using network = await openNetwork(device, shaders, files, { width: 16, height: 16 });
        await subpixels(
          device,
          network,
          image.map((value) => value * first),
          1,
        );
        await subpixels(device, network, image, 0.1);
        return largestDifference(await fusionOf(device, network), alone);
      };
      expect(await fusionAfter(4)).toBeLessThan(1e-4);
      expect(await fusionAfter(1.3)).toBeGreaterThan(1e-3);
    }));

  it('tells of every dispatch, and of all memory it holds', () =>
    withoutErrors(async (device) => {
      const { card, weights } = await small();
      using network = await openNetwork(device, shaders, { card, weights }, { width: 16, height: 8 });
      const macs = network.dispatches.reduce((sum, dispatch) => sum + dispatch.macs, 0);
      // view, coarse, head and sub-pixels, as the card counts them; what two kernels need is computed in both.
      const once = 16 * 8 * (12 + (4 * 8 * 9) / 4 + 12 * 12 * 9 + 12 * 12);
      expect(macs).toBeGreaterThanOrEqual(once);
      expect(macs).toBeLessThan(1.1 * once);
      expect(network.bytes).toBeGreaterThan(16 * 8 * 4 * (3 + 12));
      expect(network.bytes).toBeLessThan(100_000);
    }));

  it('refuses a size that the network does not take', () =>
    withoutErrors(async (device) => {
      await expect(openNetwork(device, shaders, await small(), { width: 20, height: 8 })).rejects.toThrow(
        'multiples of 8, not 20x8',
      );
    }));

  it('refuses a size for which the device has no buffers', () =>
    withoutErrors(async (device) => {
      const limits = { maxBufferSize: 100_000, maxStorageBufferBindingSize: 100_000 };
      const narrow = { limits, queue: device.queue, createBuffer: device.createBuffer.bind(device) };
      const opening = openNetwork(narrow as unknown as GPUDevice, shaders, await small(), {
        width: 512,
        height: 512,
      });
      await expect(opening).rejects.toThrow(/needs \d+ bytes for its image, more than this GPU allows/);
    }));
});
