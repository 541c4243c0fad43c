/** WebGPU in Node: Dawn on SwiftShader, the software Vulkan driver that comes with Debian's Chromium. */
import { readFileSync } from 'node:fs';
import { create, globals } from 'webgpu';
import type { ShaderSource } from '../../shaders/shader-source.ts';

process.env.VK_ICD_FILENAMES ??= '/usr/lib/chromium/vk_swiftshader_icd.json';
Object.assign(globalThis, globals);

// Module scope keeps it referenced: the process crashes when Dawn's instance is collected under a living device.
const gpu = create([]);
let device: Promise<GPUDevice> | undefined;

/** The one device of this test file, opened at the first call; it ends with the process. */
export function dawnDevice(): Promise<GPUDevice> {
  device ??= openDawnDevice();
  return device;
}

/** Another device, for a test that takes it away. */
export async function openDawnDevice(): Promise<GPUDevice> {
  const adapter = await gpu.requestAdapter();
  if (!adapter)
    throw new Error(`Dawn found no adapter with VK_ICD_FILENAMES=${process.env.VK_ICD_FILENAMES}`);
  return adapter.requestDevice();
}

/** The kernels' text, from the files. */
export const shaders: ShaderSource = (name) =>
  readFileSync(new URL(`../../shaders/${name}.wgsl`, import.meta.url), 'utf8');

/** Runs `work` inside an error scope: a command the device objects to fails the test. */
export async function withoutErrors<T>(work: (device: GPUDevice) => Promise<T>): Promise<T> {
  const device = await dawnDevice();
  device.pushErrorScope('validation');
  const result = await work(device).catch(async (reason: unknown) => {
    const error = await device.popErrorScope();
    throw error ? new Error(error.message, { cause: reason }) : reason;
  });
  const error = await device.popErrorScope();
  if (error) throw new Error(error.message);
  return result;
}
