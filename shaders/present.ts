/** Draws `present.wgsl`: the camera's picture, the enhanced one, or both beside a divider, onto one canvas. */
import { type PictureSource, pictureKernel } from './picture-source.ts';
import type { EnhancedPicture } from './pixel-shuffle.ts';
import { CORING, dividerColumns, GAIN_CAP, type PresentSettings } from './present.reference.ts';
import type { ShaderSource } from './shader-source.ts';

export interface Presentation<Picture> extends PresentSettings {
  /** The camera's own picture, any size. */
  readonly picture: Picture;
  /** Absent: the camera's own picture is shown alone, and the settings have no effect. */
  readonly enhanced?: EnhancedPicture;
  /** The canvas's current texture or any other, in the format given to `openPresent`, usage RENDER_ATTACHMENT. */
  readonly target: GPUTexture;
}

export interface Present<Picture> extends Disposable {
  /**
   * Adds the commands that draw the whole target. Settings go to the GPU at once, by the queue: submit before the next `encode` of
   * the same Present. Cheap enough to call again when only a setting of a paused picture changes.
   */
  encode(encoder: GPUCommandEncoder, presentation: Presentation<Picture>): void;
}

/**
 * Compiles the drawing for one canvas format and opens what one canvas needs (a uniform buffer and two stand-in textures), which
 * dispose destroys. One Present a canvas. Per frame it makes one bind group, which an external texture cannot do without.
 * Rejects with a `GPUPipelineError` where the driver refuses the kernel.
 */
export async function openPresent<Picture>(
  device: GPUDevice,
  shaders: ShaderSource,
  source: PictureSource<Picture>,
  format: GPUTextureFormat,
): Promise<Present<Picture>> {
  const module = device.createShaderModule({ code: pictureKernel(shaders, source, 'luma', 'present') });
  const pipeline = await device.createRenderPipelineAsync({
    label: 'present',
    layout: 'auto',
    vertex: { module, entryPoint: 'cover' },
    fragment: { module, entryPoint: 'colour', targets: [{ format }], constants: { GAIN_CAP, CORING } },
  });
  const layout = pipeline.getBindGroupLayout(0);
  const sampler = device.createSampler({ magFilter: 'linear', minFilter: 'linear' });
  const usage = GPUTextureUsage.TEXTURE_BINDING;
  const standIn: EnhancedPicture = {
    picture: device.createTexture({ size: [1, 1], format: 'rgba8unorm', usage }),
    guide: device.createTexture({ size: [1, 1], format: 'rgba16float', usage }),
  };
  const settings = new ArrayBuffer(24);
  const whole = new Int32Array(settings, 0, 4);
  const shares = new Float32Array(settings, 16, 2);
  const uniform = device.createBuffer({
    label: 'present settings',
    size: settings.byteLength,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  return {
    encode(encoder, { picture, enhanced, target, strength, divider, detail }) {
      const columns = enhanced ? dividerColumns(divider, target.width) : { divider: target.width, line: 0 };
      whole.set([target.width, target.height, columns.divider, columns.line]);
      shares.set([strength, detail]);
      device.queue.writeBuffer(uniform, 0, settings);
      const shown = enhanced ?? standIn;
      const bindings = device.createBindGroup({
        layout,
        entries: [
          { binding: 0, resource: source.resource(device, picture) },
          { binding: 1, resource: sampler },
          { binding: 2, resource: shown.picture.createView() },
          { binding: 3, resource: shown.guide.createView() },
          { binding: 4, resource: { buffer: uniform } },
        ],
      });
      const pass = encoder.beginRenderPass({
        label: 'present',
        colorAttachments: [{ view: target.createView(), loadOp: 'clear', storeOp: 'store' }],
      });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      if (source.group) pass.setBindGroup(1, source.group(device, pipeline.getBindGroupLayout(1), picture));
      pass.draw(3);
      pass.end();
    },
    [Symbol.dispose]() {
      uniform.destroy();
      standIn.picture.destroy();
      standIn.guide.destroy();
    },
  };
}
