/** Dispatches `color-conversion.wgsl`: the camera's picture becomes the network's input tensor, on the GPU. */
import { type PictureSource, pictureKernel } from './picture-source.ts';
import type { ShaderSource } from './shader-source.ts';

export interface ColorConversionTarget {
  /** The network's input, pixels. */
  readonly width: number;
  readonly height: number;
  /** At least `3 * width * height * 4` bytes, usage STORAGE, owned by the caller: f32 NCHW [1, 3, height, width]. */
  readonly tensor: GPUBuffer;
}

export interface ColorConversion<Picture> {
  /** Adds the commands that fill the tensor. The picture may have any size, a different one each time. */
  encode(encoder: GPUCommandEncoder, picture: Picture): void;
}

/**
 * Compiles the conversion for one input size and one tensor. Owns nothing that would need releasing. Per frame it makes one bind
 * group, which an external texture cannot do without. Rejects with a `GPUPipelineError` where the driver refuses the kernel.
 */
export async function createColorConversion<Picture>(
  device: GPUDevice,
  shaders: ShaderSource,
  source: PictureSource<Picture>,
  { width, height, tensor }: ColorConversionTarget,
): Promise<ColorConversion<Picture>> {
  const code = pictureKernel(shaders, source, 'color-conversion');
  const pipeline = await device.createComputePipelineAsync({
    label: 'color-conversion',
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), constants: { width, height } },
  });
  const layout = pipeline.getBindGroupLayout(0);
  const sampler = device.createSampler({ magFilter: 'linear', minFilter: 'linear' });
  return {
    encode(encoder, picture) {
      const bindings = device.createBindGroup({
        layout,
        entries: [
          { binding: 0, resource: source.resource(device, picture) },
          { binding: 1, resource: sampler },
          { binding: 2, resource: { buffer: tensor } },
        ],
      });
      const pass = encoder.beginComputePass({ label: 'color-conversion' });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      if (source.group) pass.setBindGroup(1, source.group(device, pipeline.getBindGroupLayout(1), picture));
      pass.dispatchWorkgroups(Math.ceil(width / 8), Math.ceil(height / 8));
      pass.end();
    },
  };
}
