/** Dispatches `color-conversion.wgsl` on `yuv-planes.wgsl`: planes as a decoder leaves them become the network's input tensor. */
import type { ColorConversionTarget } from './color-conversion.ts';
import type { ShaderSource } from './shader-source.ts';
import { LUMA_WEIGHTS, planesOf, SITING, type YuvColors, type YuvPicture } from './yuv-picture.ts';

export interface YuvConversion extends Disposable {
  /**
   * Queues the upload of a picture, whose bytes are the caller's again at once. Of any size and format, a different one each time;
   * textures are made anew only when those change. Throws a RangeError where its planes do not fit its bytes.
   */
  load(picture: YuvPicture): void;
  /** Adds the commands that fill the tensor from the picture loaded last. Throws an Error where none was. */
  encode(encoder: GPUCommandEncoder): void;
}

/**
 * Compiles the conversion for one input size and one tensor; dispose destroys its textures. The planes are textures and not
 * storage buffers: rows of any stride are uploaded as they are, eight bits stay eight bits, and the sampler interpolates chroma.
 * Rejects with a `GPUPipelineError` where the driver refuses the kernel.
 */
export async function openYuvConversion(
  device: GPUDevice,
  shaders: ShaderSource,
  { width, height, tensor }: ColorConversionTarget,
): Promise<YuvConversion> {
  const code = ['yuv-planes', 'resample', 'color-conversion'].map(shaders).join('\n');
  const pipeline = await device.createComputePipelineAsync({
    label: 'yuv-planes',
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), constants: { width, height } },
  });
  const sampler = device.createSampler({ magFilter: 'linear', minFilter: 'linear' });
  const colors = device.createBuffer({
    label: 'colours',
    size: COLORS_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  let textures: readonly GPUTexture[] = [];
  let bindings: GPUBindGroup | undefined;
  let kind = '';

  /** Anew for pictures of another size or format. */
  const open = (picture: YuvPicture): void => {
    for (const texture of textures) texture.destroy();
    textures = planesOf(picture).map((plane) =>
      device.createTexture({
        label: 'plane',
        size: [plane.width, plane.height],
        format: plane.sampleBytes === 1 ? 'r8unorm' : 'rg8unorm',
        usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST,
      }),
    );
    const [luma, cb, cr = cb] = textures.map((texture) => texture.createView());
    bindings = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: luma! },
        { binding: 1, resource: sampler },
        { binding: 2, resource: { buffer: tensor } },
        { binding: 3, resource: cb! },
        { binding: 4, resource: cr! },
        { binding: 5, resource: { buffer: colors } },
      ],
    });
  };

  return {
    load(picture) {
      const planes = planesOf(picture);
      const its = `${picture.format} ${picture.width}x${picture.height}`;
      if (its !== kind) open(picture);
      kind = its;
      for (const [index, { offset, stride, width, height }] of planes.entries())
        device.queue.writeTexture(
          { texture: textures[index]! },
          picture.bytes,
          { offset, bytesPerRow: stride },
          [width, height],
        );
      device.queue.writeBuffer(colors, 0, colorsOf(picture));
    },
    encode(encoder) {
      if (!bindings) throw new Error('no picture was loaded');
      const pass = encoder.beginComputePass({ label: 'yuv-planes' });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(Math.ceil(width / 8), Math.ceil(height / 8));
      pass.end();
    },
    [Symbol.dispose]() {
      for (const texture of textures) texture.destroy();
      colors.destroy();
    },
  };
}

/** `Colors` in yuv-planes.wgsl: three columns of four, an offset and a channel, a position padded to four. */
const COLORS_BYTES = 80;

function colorsOf({ format, colors }: YuvPicture): ArrayBuffer {
  const bytes = new ArrayBuffer(COLORS_BYTES);
  const floats = new Float32Array(bytes);
  const { columns, offset } = matrixOf(colors);
  for (const [at, column] of columns.entries()) floats.set(column, 4 * at);
  floats.set(offset, 12);
  new Uint32Array(bytes)[15] = format === 'NV12' ? 1 : 0;
  const { x, y } = SITING[colors.siting ?? 'left'];
  floats.set([x, y], 16);
  return bytes;
}

type Triple = readonly [number, number, number];

/** rgb = columns * (Y', Cb, Cr) + offset, samples as 0..1: the reference's equations, multiplied out. */
function matrixOf({ matrix, fullRange }: YuvColors): { columns: readonly Triple[]; offset: Triple } {
  const { red: kr, blue: kb } = LUMA_WEIGHTS[matrix];
  const kg = 1 - kr - kb;
  const [black, luma, chroma] = fullRange ? [0, 1, 1] : [16 / 255, 255 / 219, 255 / 224];
  const cb = 2 * (1 - kb) * chroma;
  const cr = 2 * (1 - kr) * chroma;
  const columns: readonly Triple[] = [
    [luma, luma, luma],
    [0, (-kb / kg) * cb, cb],
    [cr, (-kr / kg) * cr, 0],
  ];
  const grey = 128 / 255;
  const shifted = (row: 0 | 1 | 2): number =>
    -columns[0]![row] * black - (columns[1]![row] + columns[2]![row]) * grey;
  return { columns, offset: [shifted(0), shifted(1), shifted(2)] };
}
