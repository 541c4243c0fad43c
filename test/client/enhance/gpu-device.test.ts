/** A GPU is refused where its driver computes wrongly; here a changed kernel stands in for the driver. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openGpu } from '../../../client/enhance/gpu-device.ts';
import { WrongNumbers } from '../../../shaders/engine/tune.ts';
import type { ShaderSource } from '../../../shaders/shader-source.ts';
import { openDawnDevice, shaders } from '../../support/dawn.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** The browser's one adapter, which gives this device. */
function offer(device: GPUDevice): void {
  const { limits, features } = device;
  const info = { description: 'a GPU', isFallbackAdapter: false };
  const adapter = { limits, features, info, requestDevice: async () => device };
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });
}

const spoilt: ShaderSource = (name) =>
  name === 'luma' ? shaders(name).replaceAll('0.7152', '0.6152') : shaders(name);

describe('a GPU', () => {
  it('whose driver computes a kernel wrongly is refused for that, and given back', async () => {
    const device = await openDawnDevice();
    offer(device);
    await expect(openGpu(spoilt, false)).rejects.toThrow(WrongNumbers);
    expect((await device.lost).reason).toBe('destroyed');
  });

  it('that is lost while it is tried is not said to compute wrongly', async () => {
    const device = await openDawnDevice();
    offer(device);
    const opening = openGpu(shaders, false);
    device.destroy();
    await expect(opening).rejects.toThrow('the device was lost');
  });

  it('is not there where the browser has none, or a program in its place that was not asked for', async () => {
    vi.stubGlobal('navigator', {});
    expect(await openGpu(shaders, true)).toBeUndefined();
    const info = { isFallbackAdapter: true };
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => ({ info }) } });
    expect(await openGpu(shaders, false)).toBeUndefined();
  });
});
