/** What stands on the canvas, in plain loops: the specification of `present.wgsl`. */
import { LUMA } from './pixel-shuffle.reference.ts';
import { cubic, type Taps, taps } from './resample.reference.ts';

/** The detail transfer never takes the picture for brightened more than this. */
export const GAIN_CAP = 8;

/** A difference from the smoothed dark picture that may be noise, as a share of full range: two 8-bit steps. */
export const CORING = 2 / 255;

/** 8 bit, sRGB-encoded, row by row from the top. */
export interface RgbaPicture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray;
}

export interface EnhancedRgba extends RgbaPicture {
  /** [height / 2, width / 2, 2]: the luma the network was given, and the mean luma it made of it. */
  readonly guide: Float32Array;
  /** How much of it is wanted: 1 at night, 0 by day. */
  readonly night: number;
}

/** How the two pictures are shown together. */
export interface PresentSettings {
  /** 0 = the camera's own picture, 1 = the enhanced one, as far as it is night. */
  readonly strength: number;
  /** The share of the width, from the left, that shows the camera's own picture; a white line lies on it inside 0..1. */
  readonly divider: number;
  /** How much of the camera's own fine detail is carried over to the enhanced picture, 0..1. */
  readonly detail: number;
}

/** The first column that is not the camera's own, and how many columns on either side of it are the line. */
export function dividerColumns(divider: number, width: number): { divider: number; line: 0 | 1 } {
  return { divider: Math.round(divider * width), line: divider > 0 && divider < 1 ? 1 : 0 };
}

/** Writes the canvas (`width` x `height`, RGBA, opaque) into `out`. Without `enhanced` it is the camera's own picture. */
export function presented(
  camera: RgbaPicture,
  enhanced: EnhancedRgba | undefined,
  settings: PresentSettings,
  out: Uint8ClampedArray,
  width: number,
  height: number,
): void {
  const { divider, line } = enhanced ? dividerColumns(settings.divider, width) : { divider: width, line: 0 };
  const cameraAt = scaler(camera, width, height);
  const enhancedAt = enhanced && scaler(enhanced, width, height);
  const own = new Float64Array(3);
  const bright = new Float64Array(3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = (y * width + x) * 4;
      out[pixel + 3] = 255;
      if (x >= divider - line && x < divider + line) {
        out.fill(255, pixel, pixel + 3);
        continue;
      }
      cameraAt(x, y, own);
      let added = 0;
      if (enhanced && enhancedAt && x >= divider) {
        enhancedAt(x, y, bright);
        if (settings.detail > 0) {
          const [darkLuma, brightLuma] = guideAt(enhanced, (x + 0.5) / width, (y + 0.5) / height);
          added = settings.detail * missingDetail(luma(own), luma(bright), darkLuma, brightLuma);
        }
      }
      const share = enhanced && x >= divider ? settings.strength * enhanced.night : 0;
      for (let colour = 0; colour < 3; colour++) {
        out[pixel + colour] = 255 * (own[colour]! * (1 - share) + unit(bright[colour]! + added) * share);
      }
    }
  }
}

/** The camera's fine detail times the local gain, less what the enhanced picture already has, less what may be noise. */
export function missingDetail(camera: number, enhanced: number, dark: number, bright: number): number {
  const gain = Math.min(bright / Math.max(dark, 1 / 255), GAIN_CAP);
  const missing = gain * (camera - dark) - (enhanced - bright);
  return Math.sign(missing) * Math.max(Math.abs(missing) - gain * CORING, 0);
}

function luma(rgb: Float64Array): number {
  return LUMA[0] * rgb[0]! + LUMA[1] * rgb[1]! + LUMA[2] * rgb[2]!;
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** Reads a picture as if it had the given size: Catmull-Rom, exact at its own size; 0..1. */
function scaler(picture: RgbaPicture, width: number, height: number) {
  const columns: Taps = taps(picture.width, width, cubic);
  const rows: Taps = taps(picture.height, height, cubic);
  return (x: number, y: number, rgb: Float64Array): void => {
    rgb.fill(0);
    for (let j = 0; j < rows.count[y]!; j++) {
      for (let i = 0; i < columns.count[x]!; i++) {
        const weight = rows.weights[y * rows.stride + j]! * columns.weights[x * columns.stride + i]!;
        const at = ((rows.first[y]! + j) * picture.width + columns.first[x]! + i) * 4;
        for (let colour = 0; colour < 3; colour++)
          rgb[colour]! += (weight * picture.rgba[at + colour]!) / 255;
      }
    }
    for (let colour = 0; colour < 3; colour++) rgb[colour] = unit(rgb[colour]!);
  };
}

/** The guide at (u, v), 0..1 over the picture: bilinear between its pixels' centres, edges repeated. */
function guideAt(enhanced: EnhancedRgba, u: number, v: number): readonly [number, number] {
  const width = enhanced.width / 2;
  const height = enhanced.height / 2;
  const x = u * width - 0.5;
  const y = v * height - 0.5;
  const sum: [number, number] = [0, 0];
  for (let dy = 0; dy < 2; dy++) {
    for (let dx = 0; dx < 2; dx++) {
      const weight = (1 - Math.abs(Math.floor(x) + dx - x)) * (1 - Math.abs(Math.floor(y) + dy - y));
      const column = Math.min(width - 1, Math.max(0, Math.floor(x) + dx));
      const row = Math.min(height - 1, Math.max(0, Math.floor(y) + dy));
      sum[0] += weight * enhanced.guide[2 * (row * width + column)]!;
      sum[1] += weight * enhanced.guide[2 * (row * width + column) + 1]!;
    }
  }
  return sum;
}
