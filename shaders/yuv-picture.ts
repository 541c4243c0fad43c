/** A picture as decoders leave it, planes of 8-bit Y'CbCr with 4:2:0 chroma, and how its numbers become RGB. */

/** How luma and chroma were made of RGB, and what their eight bits stand for. */
export interface YuvColors {
  readonly matrix: keyof typeof LUMA_WEIGHTS;
  /** Y', Cb and Cr take 0..255; else Y' 16..235, Cb and Cr 16..240 (ITU-T H.273 §8.3, VideoFullRangeFlag). */
  readonly fullRange: boolean;
  /** Where a chroma sample stands in its 2x2 luma pixels. `left` is what H.264 and H.265 mean where they say nothing. */
  readonly siting?: keyof typeof SITING;
}

export interface YuvPicture {
  /** WebCodecs' names: planes Y, U, V, or Y and UV by turns. */
  readonly format: 'I420' | 'NV12';
  /** Pixels, any; chroma has half of them, rounded up. */
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Each plane's first byte in `bytes`, and the bytes from one row to the next: what `VideoFrame.copyTo` resolves with. */
  readonly planes: readonly { readonly offset: number; readonly stride: number }[];
  readonly colors: YuvColors;
}

/** KR and KB of ITU-R BT.601-7 §2.5.1, BT.709-6 §3.2 and BT.2020-2 table 4 (non-constant luminance): luma's weights of red and blue. */
export const LUMA_WEIGHTS = {
  bt601: { red: 0.299, blue: 0.114 },
  bt709: { red: 0.2126, blue: 0.0722 },
  bt2020: { red: 0.2627, blue: 0.0593 },
} as const;

/** ITU-T H.264 figure E-1, chroma sample types 0, 1 and 2: luma pixels from the top left one. */
export const SITING = {
  left: { x: 0, y: 0.5 },
  center: { x: 0.5, y: 0.5 },
  'top-left': { x: 0, y: 0 },
} as const;

export interface Plane {
  readonly offset: number;
  readonly stride: number;
  /** Samples, each of one byte, or of two where Cb and Cr stand by turns. */
  readonly width: number;
  readonly height: number;
  readonly sampleBytes: 1 | 2;
}

/** The planes, Y' first, checked. Throws a RangeError where they are too few, overlap their rows or end behind the bytes. */
export function planesOf({ format, width, height, bytes, planes }: YuvPicture): readonly Plane[] {
  const whole = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
  if (!(whole(width) && whole(height) && width > 0 && height > 0))
    throw new RangeError(`a picture has at least one pixel, not ${width}x${height}`);
  const half = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  const luma = { width, height, sampleBytes: 1 } as const;
  const chroma = { ...half, sampleBytes: 1 } as const;
  const shapes = format === 'I420' ? [luma, chroma, chroma] : [luma, { ...half, sampleBytes: 2 } as const];
  if (planes.length !== shapes.length)
    throw new RangeError(`${format} has ${shapes.length} planes, not ${planes.length}`);
  return shapes.map((shape, index) => {
    const { offset, stride } = planes[index]!;
    const row = shape.width * shape.sampleBytes;
    const end = offset + stride * (shape.height - 1) + row;
    if (!(whole(offset) && whole(stride) && stride >= row && end <= bytes.length))
      throw new RangeError(
        `plane ${index} of a ${format} picture of ${width}x${height} at ${offset} with stride ${stride} ` +
          `does not fit ${bytes.length} bytes`,
      );
    return { offset, stride, ...shape };
  });
}
