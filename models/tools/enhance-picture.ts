/** One picture through a network: on its grid, out of its sub-pixels, and back to its own size. */
import { pictureFromSubpixels } from '../../shaders/pixel-shuffle.reference.ts';
import { alone, FrameEnhancer, type Look } from './enhance-frame.ts';
import { halve } from './halve.ts';
import { GRID, type Model } from './model.ts';
import type { Picture, Size } from './picture.ts';

export interface Enhanced {
  /** What the network saw: the picture itself, or half of it. */
  readonly seen: Picture;
  readonly enhanced: Picture;
}

/** With `downsample` 1 the enhanced picture has twice the picture's size; with 2, halved first, it has the same size. */
export async function enhancePicture(model: Model, picture: Picture, downsample: 1 | 2): Promise<Enhanced> {
  const seen = downsample === 2 ? halve(picture) : picture;
  const grid = { width: onGrid(seen.width), height: onGrid(seen.height) };
  const subpixels = await model.subpixels(toPlanes(seen, grid), grid.width, grid.height);
  const rgba = new Uint8ClampedArray(grid.width * grid.height * 16);
  pictureFromSubpixels(subpixels, grid.width, grid.height, rgba);
  const size = downsample === 2 ? picture : { width: 2 * seen.width, height: 2 * seen.height };
  return { seen, enhanced: cropped(rgba, 2 * grid.width, size) };
}

/** The picture as the page would show it, by itself. */
export async function enhanceAsShown(model: Model, picture: Picture, look: Look): Promise<Picture> {
  const { width, height, pixels } = picture;
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let at = 0; at < width * height; at++)
    for (let colour = 0; colour < 3; colour++) rgba[4 * at + colour] = pixels[3 * at + colour]!;
  const enhancer = new FrameEnhancer(model, picture, look);
  const enhanced = await enhancer.enhance(rgba, alone);
  return cropped(enhanced, enhancer.size.width, enhancer.size);
}

const onGrid = (size: number): number => Math.ceil(size / GRID) * GRID;

/** f32 NCHW [1,3,grid.height,grid.width], 0…1; the picture lies at the top left and its edges are repeated past it. */
function toPlanes({ width, height, pixels }: Picture, grid: Size): Float32Array {
  const planes = new Float32Array(3 * grid.width * grid.height);
  let to = 0;
  for (let colour = 0; colour < 3; colour++)
    for (let y = 0; y < grid.height; y++) {
      const row = Math.min(y, height - 1) * width;
      for (let x = 0; x < grid.width; x++)
        planes[to++] = pixels[(row + Math.min(x, width - 1)) * 3 + colour]! / 255;
    }
  return planes;
}

/** The top left of RGBA pixels that are `stride` wide, without their alpha. */
function cropped(rgba: Uint8ClampedArray, stride: number, { width, height }: Size): Picture {
  const pixels = new Uint8ClampedArray(3 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let colour = 0; colour < 3; colour++)
        pixels[(y * width + x) * 3 + colour] = rgba[(y * stride + x) * 4 + colour]!;
  return { width, height, pixels };
}
