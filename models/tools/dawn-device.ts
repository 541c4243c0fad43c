/** A GPU device in Node, by Dawn (the `webgpu` package). */
import { existsSync, readdirSync } from 'node:fs';

/** Chromium's software driver on Debian: slow, and always there where Chromium is. */
const SOFTWARE_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

export interface DawnDevice extends Disposable {
  readonly device: GPUDevice;
  /** The adapter's name, for people. */
  readonly adapter: string;
  /** A program on the CPU that answers as a GPU would. */
  readonly software: boolean;
}

/** Dawn's instances, for the life of the process: it crashes when one is collected under a living device. */
const instances: GPU[] = [];

/**
 * @param software whether a driver that computes on the CPU will do
 * @throws Error where the package is not installed, or no GPU driver answers
 */
export async function openDawnDevice(software: boolean): Promise<DawnDevice> {
  const { create, globals } = await import('webgpu').catch((cause) => {
    throw new Error('--engine wgsl: the package webgpu is not installed: npm install webgpu', { cause });
  });
  Object.assign(globalThis, globals);
  const ask = (): Promise<GPUAdapter | null> => {
    const gpu = create([]);
    instances.push(gpu);
    return gpu.requestAdapter({ powerPreference: 'high-performance' });
  };
  let adapter = await ask();
  if (!adapter && software && process.env.VK_ICD_FILENAMES === undefined && existsSync(SOFTWARE_DRIVER)) {
    process.env.VK_ICD_FILENAMES = SOFTWARE_DRIVER;
    adapter = await ask();
  }
  if (!adapter || (!software && adapter.info.isFallbackAdapter))
    throw new Error(
      '--engine wgsl: no GPU driver answers. Install the one of your GPU (on Linux its Vulkan driver; on a server without ' +
        'a GPU, chromium brings one that computes on the CPU), or use --engine ort',
    );
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = adapter.limits;
  const features = [...adapter.features].filter((name) => name === 'shader-f16' || name === 'subgroups');
  const device = await adapter.requestDevice({
    requiredFeatures: features as GPUFeatureName[],
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize },
  });
  const { description, device: product, vendor } = adapter.info;
  return {
    device,
    adapter: description || product || vendor || 'GPU',
    software: adapter.info.isFallbackAdapter,
    [Symbol.dispose]: () => device.destroy(),
  };
}

/** Whether it is worth asking for a GPU: on Linux, without one, drivers complain on the terminal. */
export function mayHaveGpu(): boolean {
  if (process.platform !== 'linux') return true;
  const names = ['/dev', '/dev/dri'].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  return names.some((name) => /^(renderD\d+|nvidia\d+|dxg|mali0|kgsl-3d0)$/.test(name));
}
