/** Planes as a decoder leaves them, on the GPU: read by kernels in place of a picture, or made the network's input. */
import { type ColorConversionTarget, createColorConversion } from './color-conversion.ts';
import type { PictureSource } from './picture-source.ts';
import type { ShaderSource } from './shader-source.ts';
import { LUMA_WEIGHTS, planesOf, SITING, type YuvColors, type YuvPicture } from './yuv-picture.ts';

/** The planes of one picture at a time. */
export interface YuvPlanes extends Disposable {
  /** Y', Cb and Cr, or Y' and both; of the picture loaded last. Throws an Error where none was. */
  readonly textures: readonly GPUTexture[];
  /** `Colors` in yuv-planes.wgsl. */
  readonly colors: GPUBuffer;
  /**
   * Queues the upload of a picture, whose bytes are the caller's again at once. Of any size and format, a different one each time;
   * textures are made anew only when those change. Throws a RangeError where its planes do not fit its bytes.
   */
  load(picture: YuvPicture): void;
}

/**
 * Dispose destroys the textures. The planes are textures and not storage buffers: rows of any stride are uploaded as they are, eight
 * bits stay eight bits, and the sampler interpolates chroma.
 */
export function openYuvPlanes(device: GPUDevice): YuvPlanes {
  const colors = device.createBuffer({
    label: 'colours',
    size: COLORS_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  let textures: readonly GPUTexture[] = [];
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
  };

  return {
    colors,
    get textures() {
      if (textures.length === 0) throw new Error('no picture was loaded');
      return textures;
    },
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
    [Symbol.dispose]() {
      for (const texture of textures) texture.destroy();
      colors.destroy();
    },
  };
}

/** The planes as the picture that a kernel reads. */
export const fromPlanes: PictureSource<YuvPlanes> = {
  wgslType: 'planes',
  resource: (_device, { textures }) => textures[0]!.createView(),
  group(device, layout, { textures, colors }) {
    const [cb, cr = cb] = textures.slice(1);
    return device.createBindGroup({
      layout,
      entries: [
        { binding: 0, resource: cb!.createView() },
        { binding: 1, resource: cr!.createView() },
        { binding: 2, resource: { buffer: colors } },
      ],
    });
  },
};

export interface YuvConversion extends Disposable {
  /** As that of `YuvPlanes`. */
  load(picture: YuvPicture): void;
  /** Adds the commands that fill the tensor from the picture loaded last. Throws an Error where none was. */
  encode(encoder: GPUCommandEncoder): void;
}

/**
 * Compiles the conversion of planes of its own for one input size and one tensor; dispose destroys their textures. Rejects with a
 * `GPUPipelineError` where the driver refuses the kernel.
 */
export async function openYuvConversion(
  device: GPUDevice,
  shaders: ShaderSource,
  target: ColorConversionTarget,
): Promise<YuvConversion> {
  const conversion = await createColorConversion(device, shaders, fromPlanes, target);
  const planes = openYuvPlanes(device);
  return {
    load: (picture) => planes.load(picture),
    encode: (encoder) => conversion.encode(encoder, planes),
    [Symbol.dispose]: () => planes[Symbol.dispose](),
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
