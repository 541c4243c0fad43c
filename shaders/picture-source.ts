/** Where the kernels read the camera's picture from: a decoded `VideoFrame`, an ordinary texture, or planes. */
import type { ShaderSource } from './shader-source.ts';

/** One way of handing the camera's picture to a kernel, chosen once when the kernel is made. */
export interface PictureSource<Picture> {
  /** What `Picture` is in `picture.wgsl`; `planes` are read by `yuv-planes.wgsl` instead. */
  readonly wgslType: 'texture_external' | 'texture_2d<f32>' | 'planes';
  /** The picture as a binding (of planes: the luma), good until the commands that use it are submitted. */
  resource(device: GPUDevice, picture: Picture): GPUBindingResource;
  /** Of planes: what a kernel of this layout has bound as group 1. */
  group?(device: GPUDevice, layout: GPUBindGroupLayout, picture: Picture): GPUBindGroup;
}

/**
 * A `VideoFrame`, imported without a copy where the browser can. The browser turns it into sRGB-encoded RGB by the frame's own
 * matrix and range; values a little outside 0..1 may occur and are cut by the kernels.
 *
 * The frame must stay open until the commands are submitted, and stays the caller's: an external texture made from a frame
 * lives until `frame.close()` (WebGPU §external textures), so conversion and present may lie on both sides of an `await`. Each
 * imports the frame anew. A browser may answer with the same object; where it must copy, it copies twice, which is still better
 * than a copy of every frame where it need not. Throws a `DOMException` when the frame is closed.
 */
export const fromFrame: PictureSource<VideoFrame> = {
  wgslType: 'texture_external',
  resource: (device, frame) => device.importExternalTexture({ source: frame }),
};

/** A texture of sRGB-encoded RGB (`rgba8unorm`, usage TEXTURE_BINDING) exactly as large as the picture. */
export const fromTexture: PictureSource<GPUTexture> = {
  wgslType: 'texture_2d<f32>',
  resource: (_device, texture) => texture.createView(),
};

/** The text of a kernel that reads the camera's picture: the named files, in order, behind the two they build on. */
export function pictureKernel(
  shaders: ShaderSource,
  source: Pick<PictureSource<never>, 'wgslType'>,
  ...names: readonly string[]
): string {
  const reading =
    source.wgslType === 'planes'
      ? [shaders('yuv-planes')]
      : [`alias Picture = ${source.wgslType};`, shaders('picture')];
  return [...reading, shaders('resample'), ...names.map(shaders)].join('\n');
}
