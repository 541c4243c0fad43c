/** What a benchmark takes for the adapter's peak was computed and copied, not optimised away. */
import { describe, expect, it } from 'vitest';
import { measuredPeak, openPeakKernels } from '../../../shaders/engine/peak.ts';
import { shaders, withoutErrors } from '../../support/dawn.ts';
import { readBuffer, submit } from '../device-memory.ts';
import { largestDifference, noiseTensor } from '../noise.ts';

const BYTES = 16_384;

const run = (device: GPUDevice, kernel: (pass: GPUComputePassEncoder) => void): void =>
  submit(device, (encoder) => {
    const pass = encoder.beginComputePass();
    kernel(pass);
    pass.end();
  });

describe("the adapter's peak", () => {
  it('is of multiplications that were made, as many as it says', () =>
    withoutErrors(async (device) => {
      using kernels = await openPeakKernels(device, shaders, BYTES);
      const [by, plus, turns] = [1.001, 0.01, 256];
      device.queue.writeBuffer(kernels.given, 0, Float32Array.of(by, by, by, by, plus, plus, plus, plus));
      run(device, kernels.multiply);
      let sum = 0;
      for (let chain = 0; chain < 8; chain++) {
        let value = chain;
        for (let turn = 0; turn < turns; turn++) value = value * by + plus;
        sum += value;
      }
      const found = await readBuffer(device, kernels.result);
      expect(largestDifference(found, new Float32Array(BYTES / 4).fill(sum))).toBeLessThan(1e-4 * sum);
      // One quad of the result is one invocation.
      expect(kernels.operations).toBe(2 * (BYTES / 16) * 8 * 4 * turns);
    }));

  it('is of memory that was copied', () =>
    withoutErrors(async (device) => {
      using kernels = await openPeakKernels(device, shaders, BYTES);
      const values = noiseTensor(BYTES / 4, -1, 1);
      device.queue.writeBuffer(kernels.given, 0, values);
      run(device, kernels.copy);
      expect(largestDifference(await readBuffer(device, kernels.result), values)).toBe(0);
      expect(kernels.bytes).toBe(2 * BYTES);
    }));

  it('is a rate of both', () =>
    withoutErrors(async (device) => {
      const peak = await measuredPeak(device, shaders, { sampleMs: 1, bytes: 65_536 });
      expect(peak.gflops).toBeGreaterThan(0);
      expect(peak.gigabytes).toBeGreaterThan(0);
    }));
});
