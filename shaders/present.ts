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

/** The enhanced picture that was drawn last. */
interface Shown extends EnhancedPicture {
  readonly views: readonly GPUTextureView[];
}

interface Bound {
  readonly camera: GPUBindingResource;
  readonly shown: Shown;
  readonly bindings: GPUBindGroup;
}

/**
 * Compiles the drawing for one canvas format and opens what one canvas needs (a uniform buffer and two stand-in textures), which
 * dispose destroys. One Present a canvas. Where the camera's picture or the enhanced one is another than in the draw before, as an
 * external texture always is, it makes one bind group.
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
  let shown: Shown | undefined;
  let bound: Bound | undefined;
  const shownOf = ({ picture, guide }: EnhancedPicture): Shown =>
    shown?.picture === picture && shown.guide === guide
      ? shown
      : { picture, guide, views: [picture.createView(), guide.createView()] };
  const boundOf = (camera: GPUBindingResource, shown: Shown): Bound => {
    if (bound?.camera === camera && bound.shown === shown) return bound;
    const resources = [camera, sampler, ...shown.views, { buffer: uniform }];
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    return { camera, shown, bindings: device.createBindGroup({ layout, entries }) };
  };
  return {
    encode(encoder, { picture, enhanced, target, strength, divider, detail }) {
      const columns = enhanced ? dividerColumns(divider, target.width) : { divider: target.width, line: 0 };
      whole.set([target.width, target.height, columns.divider, columns.line]);
      shares.set([strength, detail]);
      device.queue.writeBuffer(uniform, 0, settings);
      shown = shownOf(enhanced ?? standIn);
      bound = boundOf(source.resource(device, picture), shown);
      const pass = encoder.beginRenderPass({
        label: 'present',
        colorAttachments: [{ view: target.createView(), loadOp: 'clear', storeOp: 'store' }],
      });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bound.bindings);
      if (source.group) pass.setBindGroup(1, source.group(device, pipeline.getBindGroupLayout(1), picture));
      pass.draw(3);
      pass.end();
      // It ends with its frame, and is not held beyond.
      if (source.wgslType === 'texture_external') bound = undefined;
    },
    [Symbol.dispose]() {
      uniform.destroy();
      standIn.picture.destroy();
      standIn.guide.destroy();
    },
  };
}
