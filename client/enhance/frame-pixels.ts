/** A frame's pixels on the CPU. */
import type { Size } from './compute-size.ts';

export interface FramePixels extends Size {
  /** RGBA, 8 bit, sRGB-encoded; good until the next `read` of the same reader. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** Reads frames into one piece of memory, which changes only with the frames' size. */
export class FramePixelReader {
  #rgba = new Uint8ClampedArray(0);
  #canvas: OffscreenCanvas | undefined;

  /** The visible part of the frame, which stays the caller's. */
  async read(frame: VideoFrame): Promise<FramePixels> {
    const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
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
