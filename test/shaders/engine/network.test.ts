/** The own engine on the device: a network's kernels against PyTorch's numbers and against the network in plain loops. */
import { describe, expect, it } from 'vitest';
import { computed } from '../../../shaders/engine/network.reference.ts';
import { openNetwork } from '../../../shaders/engine/network.ts';
import { shaders, withoutErrors } from '../../support/dawn.ts';
import { readBuffer, submit } from '../device-memory.ts';
import { largestDifference, noiseTensor } from '../noise.ts';
import { filesOf, shipped } from './golden.ts';

describe.each(shipped)('%s on the device', (model) => {
  it.each([
    [8, 8],
    [24, 16],
    [72, 40],
  ])('gives the sub-pixels of its reference at %i×%i, frame after frame', (width, height) =>
    withoutErrors(async (device) => {
      const files = await filesOf(model);
      using network = await openNetwork(device, shaders, files, { width, height });
      let fusionPrevious = new Float32Array(files.card.fusionSize);
      for (const [seed, mix] of [
        [1, 1],
        [2, 0.25],
      ] as const) {
        const image = noiseTensor(3 * width * height, 0, 0.2, seed);
        const expected = computed(files, { width, height, image, fusionPrevious, fusionMix: mix });
        device.queue.writeBuffer(network.tensor, 0, image);
        network.setMix(mix);
        submit(device, (encoder) => network.encode(encoder));
        expect(
          largestDifference(
            (await readBuffer(device, network.subpixels)).subarray(0, expected.subpixels.length),
            expected.subpixels,
          ),
        ).toBeLessThan(5e-4);
        fusionPrevious = Float32Array.from(expected.fusion);
      }
    }),
  );
});
