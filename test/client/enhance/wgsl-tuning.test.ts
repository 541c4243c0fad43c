/** Kernels are tried on a real GPU before they run there, and what is said of them is true. */
import { describe, expect, it, vi } from 'vitest';
import type { Gpu } from '../../../client/enhance/gpu-device.ts';
import { kernelsText, tunedNetwork } from '../../../client/enhance/wgsl-tuning.ts';
import { checkedFiles } from '../../../shaders/engine/card.ts';
import { WrongNumbers } from '../../../shaders/engine/tune.ts';
import { PLAIN } from '../../../shaders/engine/tuning.ts';
import { fromTexture } from '../../../shaders/picture-source.ts';
import type { ShaderSource } from '../../../shaders/shader-source.ts';
import { smallNetwork } from '../../shaders/engine/small-network.ts';
import { shaders, withoutErrors } from '../../support/dawn.ts';

/** Here a processor computes and compiles. */
const SMALL_TRIAL = { width: 16, height: 8, longestMs: 60_000 };

const small = () => {
  const { card, weights } = smallNetwork();
  return checkedFiles(card, weights);
};
const gpu = (device: GPUDevice, software = false): Gpu => ({
  device,
  name: 'a GPU',
  software,
  source: fromTexture as unknown as Gpu['source'],
});
/** A driver that computes one kernel wrongly: its text is another. */
const spoilt =
  (kernel: string, right: string, wrong: string): ShaderSource =>
  (name) =>
    name === kernel ? shaders(name).replace(right, wrong) : shaders(name);

describe('a network on a GPU', { timeout: 120_000 }, () => {
  it('runs by kernels that were tried there, and tried once', () =>
    withoutErrors(async (device) => {
      const store = new Map<string, string>();
      const first = await tunedNetwork(gpu(device), shaders, await small(), store, SMALL_TRIAL);
      expect([...store.values()]).toEqual([first.tuning.name]);
      const other = [...store.keys()][0]!;
      store.set(other, 'square f32');
      const again = await tunedNetwork(gpu(device), shaders, await small(), store);
      expect(kernelsText(again)).toBe('square f32 kernels');
    }));

  it('passes over kernels that are computed wrongly there, and says how many', () =>
    withoutErrors(async (device) => {
      const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
      const wrong = spoilt('engine/conv-tile', 'at.y)', 'at.x)');
      const network = await tunedNetwork(gpu(device), wrong, await small(), new Map(), SMALL_TRIAL);
      expect(network.refused).toEqual(['tiles f32', 'large tiles f32']);
      expect(kernelsText(network)).toMatch(/ kernels, 2 others fail here$/);
      expect(warned.mock.calls.flat().join()).toContain('tiles f32, large tiles f32');
      warned.mockRestore();
    }));

  it('does not run where even the plain kernels are computed wrongly, a processor’s among them', () =>
    withoutErrors(async (device) => {
      const wrong = spoilt('engine/vectors', 'return 1.0 / vectors[a]', 'return 1.1 / vectors[a]');
      for (const software of [false, true])
        await expect(tunedNetwork(gpu(device, software), wrong, await small(), new Map())).rejects.toThrow(
          WrongNumbers,
        );
    }));

  it('runs by the plain kernels on a processor, where nothing is timed', () =>
    withoutErrors(async (device) => {
      const store = new Map<string, string>();
      const network = await tunedNetwork(gpu(device, true), shaders, await small(), store);
      expect(network).toMatchObject({ tuning: PLAIN, refused: [] });
      expect(store.size).toBe(0);
    }));
});
