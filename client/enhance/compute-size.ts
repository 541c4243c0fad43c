/** At which size the network computes, and at which the picture is shown. */
import type { EnhancementMode } from '#wire/evidence.ts';

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The network takes any size in steps of this. */
const STEP = 8;
/** Up to here a camera's picture is super-resolved: a thin link, or a far away sub stream. */
const SMALL: Size = { width: 640, height: 360 };
/** Pixels from one size to the next larger one, about: fine enough to use the time there is, coarse enough to settle. */
const RATIO = 1.25;
/** Below this nothing could be recognised. */
const FEWEST_PIXELS = 10_000;

export const pixels = ({ width, height }: Size): number => width * height;

export const sameSize = (a: Size, b: Size): boolean => a.width === b.width && a.height === b.height;

/** The size on the canvas: twice a small camera's own, else the camera's own. */
export const shownSize = (camera: Size): Size => (isSmall(camera) ? scaled(camera, 2) : camera);

/** How a camera's picture is enhanced, in evidence's words. */
export const modeOf = (camera: Size): EnhancementMode => (isSmall(camera) ? 'super-resolve' : 'same-size');

/** The network's input at its best: a small camera's own size, else half of it; in steps of 8. */
export const fullComputeSize = (camera: Size): Size =>
  inSteps(isSmall(camera) ? camera : scaled(camera, 0.5));

/** `size`, made to lie within `limit` with its proportions kept; in steps of 8. */
export const withinSize = (size: Size, limit: Size): Size => {
  const scale = Math.min(1, limit.width / size.width, limit.height / size.height);
  const { width, height } = inSteps(scaled(size, scale));
  return { width: Math.min(width, limit.width), height: Math.min(height, limit.height) };
};

/** The sizes to choose from for a camera, smallest first; the last is `fullComputeSize`. */
export function computeSizes(camera: Size): readonly Size[] {
  const sizes = [fullComputeSize(camera)];
  for (let scale = 1; ; ) {
    scale /= Math.sqrt(RATIO);
    const size = inSteps(scaled(fullComputeSize(camera), scale));
    if (pixels(size) < FEWEST_PIXELS) return sizes;
    sizes.unshift(size);
  }
}

const isSmall = (camera: Size): boolean => pixels(camera) <= pixels(SMALL);

const scaled = ({ width, height }: Size, by: number): Size => ({ width: width * by, height: height * by });

const inSteps = ({ width, height }: Size): Size => ({ width: step(width), height: step(height) });

const step = (length: number): number => Math.max(STEP, Math.round(length / STEP) * STEP);
