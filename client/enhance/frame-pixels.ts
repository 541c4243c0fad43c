/** A frame's pixels on the CPU. */
import type { Size } from './compute-size.ts';

export interface FramePixels extends Size {
  /** RGBA, 8 bit, sRGB-encoded; good until the next `read` of the same reader. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** More pixels than this are too much work on a CPU ten times a second: larger frames are halved until they fit. */
const MOST_PIXELS = 1_000_000;

/** Reads frames into one piece of memory, which changes only with the frames' size. */
export class FramePixelReader {
  #rgba = new Uint8ClampedArray(0);
  #canvas: OffscreenCanvas | undefined;

  /** The visible part of the frame, which stays the caller's. */
  async read(frame: VideoFrame): Promise<FramePixels> {
    const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
    let pixels = await this.#copy(frame, width, height);
    while (pixels.width * pixels.height > MOST_PIXELS) pixels = halved(pixels);
    return pixels;
  }

  async #copy(frame: VideoFrame, width: number, height: number): Promise<FramePixels> {
    if (this.#rgba.length !== width * height * 4) this.#rgba = new Uint8ClampedArray(width * height * 4);
    try {
      await frame.copyTo(this.#rgba, { format: 'RGBA', layout: [{ offset: 0, stride: width * 4 }] });
      return { rgba: this.#rgba, width, height };
    } catch {
      // Browsers that copy planes only (WebCodecs: conversion is optional): slower, the same pixels.
      return { rgba: this.#draw(frame, width, height), width, height };
    }
  }

  #draw(frame: VideoFrame, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
    this.#canvas ??= new OffscreenCanvas(width, height);
    if (this.#canvas.width !== width || this.#canvas.height !== height)
      Object.assign(this.#canvas, { width, height });
    const context = this.#canvas.getContext('2d', { alpha: false, willReadFrequently: true })!;
    context.drawImage(frame, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data as Uint8ClampedArray<ArrayBuffer>;
  }
}

/** The means of 2 × 2 pixels, over the picture they are made of; an odd last row or column is left out. */
export function halved({ rgba, width, height }: FramePixels): FramePixels {
  const packed = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
  const half = { width: width >> 1, height: height >> 1 };
  let to = 0;
  for (let y = 0; y < half.height; y++) {
    let from = 2 * y * width;
    for (let x = 0; x < half.width; x++) {
      const a = packed[from]!;
      const b = packed[from + 1]!;
      const c = packed[from + width]!;
      const d = packed[from + width + 1]!;
      // Two channels at a time, with eight bits of room between them for the sum; half a step for rounding.
      const even = (a & 0xff00ff) + (b & 0xff00ff) + (c & 0xff00ff) + (d & 0xff00ff) + 0x020002;
      const odd = ((a >>> 8) & 0xff) + ((b >>> 8) & 0xff) + ((c >>> 8) & 0xff) + ((d >>> 8) & 0xff) + 2;
      packed[to++] = 0xff000000 | ((even >>> 2) & 0xff00ff) | ((odd << 6) & 0xff00);
      from += 2;
    }
  }
  return { rgba: new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, to * 4), ...half };
}
