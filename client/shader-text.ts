/// <reference types="vite/types/importMeta.d.ts" />
/** The kernels' text, as Vite puts it into the build. */
import type { ShaderSource } from '../shaders/shader-source.ts';

const texts = import.meta.glob<string>(['../shaders/*.wgsl', '../shaders/engine/*.wgsl'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** @throws Error when there is no such kernel */
export const shaderText: ShaderSource = (name) => {
  const text = texts[`../shaders/${name}.wgsl`];
  if (text === undefined) throw new Error(`there is no kernel named ${name}`);
  return text;
};
