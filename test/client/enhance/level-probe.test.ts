import { describe, expect, it } from 'vitest';
import { LevelProbe } from '../../../client/enhance/level-probe.ts';
import { storage } from '../../shaders/device-memory.ts';
import { withoutErrors } from '../../support/dawn.ts';

const SIZE = { width: 24, height: 16 };
const PLANE = SIZE.width * SIZE.height;

/** A tensor whose green plane is told by the row; red and blue are another world. */
const tensor = (green: (y: number) => number) =>
  Float32Array.from({ length: 3 * PLANE }, (_, at) =>
    Math.floor(at / PLANE) === 1 ? green(Math.floor((at - PLANE) / SIZE.width)) : 9,
  );

describe("the sample of the picture's level", () => {
  it('is the mean of rows spread over the green plane, fetched without waiting for it', async () => {
    await withoutErrors(async (device) => {
      using probe = new LevelProbe(device, SIZE);
      const take = async (values: Float32Array<ArrayBuffer>) => {
        const encoder = device.createCommandEncoder();
        probe.encode(encoder, storage(device, values));
        device.queue.submit([encoder.finish()]);
        probe.read();
      };
      expect(probe.level).toBeUndefined();
      await take(tensor((y) => y / 16));
      await expect.poll(() => probe.level).toBeCloseTo(0.5, 1);
      await take(tensor(() => 0.25));
      await expect.poll(() => probe.level).toBeCloseTo(0.25, 6);
    });
  });

  it('leaves out a frame while the sample of another is on its way', async () => {
    await withoutErrors(async (device) => {
      using probe = new LevelProbe(device, SIZE);
      for (const level of [0.1, 0.9]) {
        const encoder = device.createCommandEncoder();
        probe.encode(
          encoder,
          storage(
            device,
            tensor(() => level),
          ),
        );
        device.queue.submit([encoder.finish()]);
        probe.read();
      }
      await expect.poll(() => probe.level).toBeCloseTo(0.1, 6);
    });
  });
});
