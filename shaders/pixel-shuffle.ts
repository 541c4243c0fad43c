/** Dispatches `pixel-shuffle.wgsl`: the network's sub-pixels become a picture on the GPU, ready to be presented. */
import { NIGHT } from './pixel-shuffle.reference.ts';
import type { ShaderSource } from './shader-source.ts';

/** What the network made of one picture. */
export interface EnhancedPicture {
  /** `rgba8unorm`, twice the network's input in width and height, sRGB-encoded, opaque. */
  readonly picture: GPUTexture;
  /**
   * `rgba16float`, as large as the network's input: red = the luma it was given, green = the mean luma it made of it, blue = how much of the
   * picture is wanted: 1 at night, 0 by day.
   */
  readonly guide: GPUTexture;
}

export interface PixelShuffleInput {
  /** The network's input, pixels. */
  readonly width: number;
  readonly height: number;
  /** The network's input, f32 NCHW [1, 3, height, width], usage STORAGE, the caller's. */
  readonly tensor: GPUBuffer;
  /** The network's output, f32 NCHW [1, 12, height, width], usage STORAGE, the caller's. */
  readonly subpixels: GPUBuffer;
}

export interface PixelShuffle extends EnhancedPicture, Disposable {
  /**
   * Adds the commands that fill `picture` and `guide` from what the buffers then hold. `level`, f32 [3], usage COPY_SRC: the means of
   * the tensor's three colours.
   */
  encode(encoder: GPUCommandEncoder, level: GPUBufferBinding): void;
}

/**
 * Compiles the kernel for one pair of buffers and opens the textures it writes and a buffer, which dispose destroys. Nothing is allocated
 * per frame. Rejects with a `GPUPipelineError` where the driver refuses the kernel.
 */
export async function openPixelShuffle(
  device: GPUDevice,
  shaders: ShaderSource,
  { width, height, tensor, subpixels }: PixelShuffleInput,
): Promise<PixelShuffle> {
  const module = device.createShaderModule({ code: `${shaders('luma')}\n${shaders('pixel-shuffle')}` });
  const pipeline = await device.createComputePipelineAsync({
    label: 'pixel-shuffle',
    layout: 'auto',
    compute: { module, constants: { width, height, ...NIGHT } },
  });
  const usage = GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_SRC;
  const picture = device.createTexture({
    label: 'enhanced picture',
    size: [2 * width, 2 * height],
    format: 'rgba8unorm',
    usage,
  });
  const guide = device.createTexture({ label: 'guide', size: [width, height], format: 'rgba16float', usage });
  const bright = device.createBuffer({
    label: 'level',
    size: 12,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
  });
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [
      { binding: 0, resource: { buffer: subpixels } },
      { binding: 1, resource: { buffer: tensor } },
      { binding: 2, resource: picture.createView() },
      { binding: 3, resource: guide.createView() },
      { binding: 4, resource: { buffer: bright } },
    ],
  });
  return {
    picture,
    guide,
    encode(encoder, level) {
      encoder.copyBufferToBuffer(level.buffer, level.offset ?? 0, bright, 0, bright.size);
      const pass = encoder.beginComputePass({ label: 'pixel-shuffle' });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(Math.ceil(width / 8), Math.ceil(height / 8));
      pass.end();
    },
    [Symbol.dispose]() {
      picture.destroy();
      guide.destroy();
      bright.destroy();
    },
  };
}
