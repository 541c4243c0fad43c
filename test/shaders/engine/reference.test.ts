/** The network in plain loops computes what PyTorch computed. */
import { describe, expect, it } from 'vitest';
import { computed } from '../../../shaders/engine/network.reference.ts';
import { largestDifference } from '../noise.ts';
import { filesOf, goldenOf, runnable } from './golden.ts';

describe.each(runnable)('%s in plain loops', (model) => {
  it('gives the sub-pixels and the fusion vector that PyTorch gave', async () => {
    const files = await filesOf(model);
    for (const golden of goldenOf(model)) {
      const [, , height, width] = golden.image.shape as [number, number, number, number];
      const { subpixels, fusion } = computed(files, {
        width,
        height,
        image: Float32Array.from(golden.image.data),
        fusionPrevious: Float32Array.from(golden.fusion_previous.data),
        fusionMix: golden.fusion_mix.data[0]!,
      });
      expect(largestDifference(subpixels, Float32Array.from(golden.subpixels.data))).toBeLessThan(2e-4);
      expect(largestDifference(fusion, Float32Array.from(golden.fusion.data))).toBeLessThan(2e-4);
    }
  });
});
