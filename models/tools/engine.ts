/** The engines that can run a shipped network in Node. */
import { type DawnDevice, mayHaveGpu, openDawnDevice } from './dawn-device.ts';
import { type Model, openModel } from './model.ts';
import { openWgslModel } from './wgsl-model.ts';

export const ENGINES = ['ort', 'wgsl'] as const;
export type Engine = (typeof ENGINES)[number];

/**
 * `ort` is onnxruntime-web, on the CPU; `wgsl` is this project's own kernels, also on a driver that computes on the CPU;
 * undefined is `wgsl` where there is a GPU, else `ort`.
 */
export async function openEngine(engine: Engine | undefined, model: string): Promise<Model> {
  if (engine === 'ort') return openModel(model);
  if (engine === 'wgsl') return openOnDevice(await openDawnDevice(true), model);
  const device = mayHaveGpu() ? await openDawnDevice(false).catch(() => undefined) : undefined;
  return device ? openOnDevice(device, model) : openModel(model);
}

async function openOnDevice(device: DawnDevice, name: string): Promise<Model> {
  const model = await openWgslModel(device, name).catch((error) => {
    device[Symbol.dispose]();
    throw error;
  });
  return {
    ...(model.gpu && { gpu: model.gpu }),
    subpixels: (...picture) => model.subpixels(...picture),
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      device[Symbol.dispose]();
    },
  };
}
