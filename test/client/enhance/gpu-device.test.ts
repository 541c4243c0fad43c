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

/** Another with some of its members replaced. */
function over<Part extends object>(part: Part, members: Readonly<Record<string, unknown>>): Part {
  return new Proxy(part, {
    get(target, key) {
      if (key in members) return members[key as string];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** What a browser makes frames of that its GPU does not take. */
class UnimportableFrame {
  close(): void {}
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

  it('that cannot import frames is given a copy of each, one for all who read it', async () => {
    const device = await openDawnDevice();
    const copied: unknown[] = [];
    const copyExternalImageToTexture = ({ source }: { source: unknown }) => copied.push(source);
    vi.stubGlobal('VideoFrame', UnimportableFrame);
    offer(over(device, { queue: over(device.queue, { copyExternalImageToTexture }) }));
    const { source } = (await openGpu(shaders, false))!;
    const frames = [1, 2].map(() => ({ displayWidth: 64, displayHeight: 48 }) as VideoFrame);
    const views = [0, 0, 1, 1].map((frame) => source.resource(device, frames[frame]!));
    expect(copied).toEqual(frames);
    expect(new Set(views).size).toBe(1);
    device.destroy();
  });

  it('is not there where the browser has none, or a program in its place that was not asked for', async () => {
    vi.stubGlobal('navigator', {});
    expect(await openGpu(shaders, true)).toBeUndefined();
    const info = { isFallbackAdapter: true };
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => ({ info }) } });
    expect(await openGpu(shaders, false)).toBeUndefined();
  });
});
