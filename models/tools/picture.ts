/** Pictures in files: read as plain RGB, written as PNG. */
import sharp, { type Sharp } from 'sharp';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A picture in memory: sRGB-encoded RGB, 8 bit, full range, 3 · width · height values, row by row. */
export interface Picture extends Size {
  readonly pixels: Uint8Array | Uint8ClampedArray;
}

/**
 * Reads a PNG, JPEG or WebP file, upright; alpha is left out and grey becomes RGB.
 * @throws sharp's error when the file is missing or broken
 */
export async function readPicture(file: string): Promise<Picture> {
  const { data, info } = await sharp(file, { failOn: 'error' })
    .autoOrient()
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: data };
}

/** A picture as sharp takes it, to be written or put on a sheet. */
export const asImage = ({ width, height, pixels }: Picture): Sharp =>
  sharp(pixels, { raw: { width, height, channels: 3 } });

/** Writes the picture as a PNG, whatever the file's name ends in. */
export async function writePicture(file: string, picture: Picture): Promise<void> {
  await asImage(picture).png().toFile(file);
}
