/** Pictures in files, as the network takes and gives them. */
import sharp from 'sharp';
import { GRID } from './model.ts';

/** What the network takes: the picture on its grid, and the size of the picture that lies in it from the top left. */
export interface NetworkInput {
  /** f32 NCHW [1,3,gridHeight,gridWidth], sRGB-encoded RGB, 0…1; mirrored past the picture's right and bottom. */
  readonly image: Float32Array;
  readonly gridWidth: number;
  readonly gridHeight: number;
  readonly width: number;
  readonly height: number;
  /** The size of the picture in the file, upright. */
  readonly original: { readonly width: number; readonly height: number };
}

/**
 * Reads a PNG, JPEG or WebP file, upright and without alpha, made smaller by `downsample` (1 or 2; bicubic,
 * antialiased) and mirrored out to the network's grid.
 * @throws sharp's error when the file is missing or broken
 */
export async function readPicture(file: string, downsample: number): Promise<NetworkInput> {
  const upright = await sharp(file, { failOn: 'error' })
    .autoOrient()
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width: originalWidth, height: originalHeight, channels } = upright.info;
  const width = Math.ceil(originalWidth / downsample);
  const height = Math.ceil(originalHeight / downsample);
  const gridWidth = onGrid(width);
  const gridHeight = onGrid(height);
  const raw = { raw: { width: originalWidth, height: originalHeight, channels } };
  const resized = await sharp(upright.data, raw)
    .resize(width, height, { kernel: 'cubic', fit: 'fill' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { data } = await sharp(resized.data, { raw: { width, height, channels: resized.info.channels } })
    .extend({ right: gridWidth - width, bottom: gridHeight - height, extendWith: 'mirror' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    image: toPlanes(data, gridWidth * gridHeight, resized.info.channels),
    gridWidth,
    gridHeight,
    width,
    height,
    original: { width: originalWidth, height: originalHeight },
  };
}

/** Writes RGBA pixels as a PNG: the top-left `crop` of them, scaled to `size` where that differs. */
export async function writePicture(
  file: string,
  rgba: Uint8ClampedArray,
  stride: { readonly width: number; readonly height: number },
  crop: { readonly width: number; readonly height: number },
  size: { readonly width: number; readonly height: number },
): Promise<void> {
  const cropped = sharp(rgba, { raw: { ...stride, channels: 4 } }).extract({ left: 0, top: 0, ...crop });
  const sameSize = crop.width === size.width && crop.height === size.height;
  const scaled = sameSize
    ? cropped
    : cropped.resize(size.width, size.height, { kernel: 'cubic', fit: 'fill' });
  await scaled.removeAlpha().png().toFile(file);
}

const onGrid = (size: number): number => Math.ceil(size / GRID) * GRID;

function toPlanes(pixels: Uint8Array, count: number, channels: number): Float32Array {
  const planes = new Float32Array(3 * count);
  for (let channel = 0; channel < 3; channel++)
    for (let index = 0; index < count; index++)
      planes[channel * count + index] = pixels[index * channels + Math.min(channel, channels - 1)]! / 255;
  return planes;
}
