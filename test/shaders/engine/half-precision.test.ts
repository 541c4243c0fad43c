/** Numbers of two bytes, for which no software adapter has kernels: how weights are packed, and what a network loses by them. */
import { describe, expect, it } from 'vitest';
import { computed } from '../../../shaders/engine/network.reference.ts';
import { halves, packedWeights } from '../../../shaders/engine/packed-weights.ts';
import { halfBits, halfFloat } from '../half-float.ts';
import { largestDifference, noiseTensor } from '../noise.ts';
import { filesOf, runnable } from './golden.ts';

const bitsOf = (value: number): number => (value < 0 ? 0x8000 : 0) | halfBits(Math.abs(value));

const rounded = (value: number): number => halfFloat(bitsOf(value));

describe('a weight in two bytes', () => {
  it.each([
    ['the smallest there is', 2 ** -24],
    ['half of the smallest, and a little', 2 ** -25 + 2 ** -30],
    ['less than half of the smallest', 2 ** -26],
    ['the largest with fewer digits', 1023 * 2 ** -24],
    ['one that rounds up to the smallest with all digits', 2 ** -14 - 2 ** -26],
    ['one that rounds up to the next power of two', 2 - 2 ** -13],
    ['one in the middle', 0.1],
    ['the largest there is', 65504],
  ])('is the nearest one: %s', (_what, value) => {
    expect([...halves(Float32Array.of(value, -value))]).toEqual([bitsOf(value), 0x8000 | bitsOf(value)]);
    expect(Math.abs(rounded(value) - value)).toBeLessThanOrEqual(Math.max(2 ** -25, value * 2 ** -11));
  });

  it('is the largest there is where it would be too large', () => {
    expect(halfFloat(halves(Float32Array.of(1e6))[0]!)).toBe(65504);
  });

  it.each(runnable)('is the nearest one for every weight of %s', async (model) => {
    const { weights } = packedWeights(await filesOf(model));
    expect(largestDifference(halves(weights), weights.map(bitsOf))).toBe(0);
  });
});

describe.each(runnable)('%s with weights and tensors of two bytes', (model) => {
  // Every layer is rounded here, more than such kernels store.
  it('stays within 2/255 of what it is in four: plain loops that stand for the kernels of a GPU that store f16', async () => {
    const files = await filesOf(model);
    const [width, height] = [72, 40];
    const inputs = {
      ...{ width, height, image: noiseTensor(3 * width * height, 0, 0.2) },
      ...{ fusionPrevious: new Float32Array(files.card.fusionSize), fusionMix: 1 },
    };
    const lost = largestDifference(
      computed(files, inputs, rounded).subpixels,
      computed(files, inputs).subpixels,
    );
    expect(lost).toBeLessThan(2 / 255);
    expect(lost).toBeGreaterThan(1e-5);
  });
});
