/** The engines that can run a shipped network in Node. */
import { type Model, openModel } from './model.ts';

export const ENGINES = ['ort', 'wgsl'] as const;
export type Engine = (typeof ENGINES)[number];

/** `ort` is onnxruntime-web; `wgsl` is this project's own kernels. */
export async function openEngine(engine: Engine, model: string): Promise<Model> {
  if (engine === 'wgsl')
    throw new Error(`--engine wgsl: the project's own engine cannot run the whole network yet`);
  return openModel(model);
}
