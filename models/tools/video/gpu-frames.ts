/** A video's pictures wholly by our own kernels: planes go to the GPU, the picture to be coded comes back, one submit each. */
import { fusionMix, type Moment } from '../../../client/enhance/fusion-mix.ts';
import { tunedNetwork } from '../../../client/enhance/wgsl-tuning.ts';
import { createColorConversion } from '../../../shaders/color-conversion.ts';
import { openNetwork } from '../../../shaders/engine/network.ts';
import { PLAIN, type Tuning } from '../../../shaders/engine/tuning.ts';
import { openPixelShuffle } from '../../../shaders/pixel-shuffle.ts';
import { openPresent } from '../../../shaders/present.ts';
import { openTemporalFilter } from '../../../shaders/temporal-filter.ts';
import type { YuvPicture } from '../../../shaders/yuv-picture.ts';
import { fromPlanes, openYuvPlanes } from '../../../shaders/yuv-planes.ts';
import { halfOnGrid, type Look, onGrid, usualMode } from '../enhance-frame.ts';
import type { GpuParts } from '../model.ts';
import type { Size } from '../picture.ts';
import { openReadback } from '../readback.ts';
import { fileTunings } from '../tuning-file.ts';
import { planesColours } from './colours.ts';
import type { VideoFacts } from './facts.ts';
import type { Frames } from './frames.ts';

/** On which the kernels are tried: as on the page, with more time, because a video takes longer than a visit. */
const TRIAL = { width: 480, height: 272, longestMs: 20_000 };

/**
 * Opens the buffers and compiles the kernels; disposing it destroys them, the device stays.
 * @throws Error of one sentence where the GPU has no room for the size
 */
export async function openGpuFrames(parts: GpuParts, facts: VideoFacts, look: Look): Promise<Frames> {
  const { device } = parts.dawn;
  const tuning = await tuningFor(parts);
  const sizes = sizesFor(facts, look);
  const owned: Disposable[] = [];
  const dispose = () => {
    for (const part of owned.splice(0)) part[Symbol.dispose]();
  };
  // That a buffer is too large, WebGPU says here and nowhere else.
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const opened = await openSteps(parts, tuning, sizes, look, owned).catch((reason: unknown) => ({ reason }));
  const objections = [await device.popErrorScope(), await device.popErrorScope()];
  const objection = objections.find((error) => error !== null);
  if (objection || 'reason' in opened) {
    dispose();
    const { width, height } = sizes.target;
    if (objection)
      throw new Error(`the GPU has no room for ${width}x${height}, --engine ort has: ${objection.message}`);
    throw (opened as { readonly reason: unknown }).reason;
  }
  const colors = planesColours(facts);
  const { picture, out, detail } = sizes;
  let before: Moment | undefined;
  return {
    size: out,
    takes: 'yuv420p',
    enhance(bytes, timestamp) {
      // Nothing jumps within a span; the engine sees cuts itself, and so does the filter.
      const moment: Moment = { timestamp, stretch: 0, level: undefined };
      const mix = fusionMix(before, moment);
      before = moment;
      const { planes, conversion, filter, network, shuffle, present, readback } = opened;
      planes.load({ ...pictureOf(bytes, facts, picture), colors });
      network.setMix(mix);
      const encoder = device.createCommandEncoder();
      conversion.encode(encoder, planes);
      filter?.encode(encoder, mix);
      network.encode(encoder);
      shuffle.encode(encoder, network.level);
      const { strength } = look;
      const target = readback.texture;
      present.encode(encoder, { picture: planes, enhanced: shuffle, target, strength, divider: 0, detail });
      return readback.submit(encoder);
    },
    [Symbol.dispose]: dispose,
  };
}

async function tuningFor({ dawn, files, shaders }: GpuParts): Promise<Tuning> {
  const { device, adapter: name, software } = dawn;
  if (software) return PLAIN;
  const { tuning } = await tunedNetwork({ device, name, software }, shaders, files, fileTunings(), TRIAL);
  return tuning;
}

interface Sizes {
  /** What is uploaded: the picture, with its last column and row repeated where it is smaller. */
  readonly picture: Size;
  /** The network's input. */
  readonly compute: Size;
  /** What is drawn, and how much of it, from the top left, comes out. */
  readonly target: Size;
  readonly out: Size;
  /** How much of the picture's own detail is carried over. */
  readonly detail: 0 | 1;
}

/** As `FrameEnhancer` does it: twice the size of the whole grid, cut, or the picture's own size. */
function sizesFor({ width, height }: VideoFacts, { mode = usualMode({ width, height }) }: Look): Sizes {
  const own = { width, height };
  if (mode === 'same-size')
    return { picture: own, compute: halfOnGrid(own), target: own, out: own, detail: 1 };
  const grid = { width: onGrid(width), height: onGrid(height) };
  const twice = (size: Size): Size => ({ width: 2 * size.width, height: 2 * size.height });
  return { picture: grid, compute: grid, target: twice(grid), out: twice(own), detail: 0 };
}

async function openSteps(
  { dawn, files, shaders }: GpuParts,
  tuning: Tuning,
  { compute, target, out }: Sizes,
  { denoise }: Look,
  owned: Disposable[],
) {
  const { device } = dawn;
  const own = <Part extends Disposable>(part: Part): Part => {
    owned.push(part);
    return part;
  };
  const network = own(await openNetwork(device, shaders, files, { ...compute, tuning }));
  const { tensor, subpixels } = network;
  const planes = own(openYuvPlanes(device));
  const conversion = await createColorConversion(device, shaders, fromPlanes, { ...compute, tensor });
  const filter = denoise ? own(await openTemporalFilter(device, shaders, { ...compute, tensor })) : undefined;
  const shuffle = own(await openPixelShuffle(device, shaders, { ...compute, tensor, subpixels }));
  const readback = own(openReadback(device, target, out));
  const present = own(await openPresent(device, shaders, fromPlanes, readback.texture.format));
  return { planes, conversion, filter, network, shuffle, present, readback };
}

/** The decoder's planes as a picture of this size, whose last column and row are repeated where it is smaller. */
function pictureOf(
  bytes: Uint8ClampedArray<ArrayBuffer>,
  from: Size,
  { width, height }: Size,
): Omit<YuvPicture, 'colors'> {
  const half = (size: Size): Size => ({ width: (size.width + 1) >> 1, height: (size.height + 1) >> 1 });
  const to = { width, height };
  const shapes = [[from, to] as const, [half(from), half(to)] as const, [half(from), half(to)] as const];
  const whole = new Uint8Array(shapes.reduce((sum, [, plane]) => sum + plane.width * plane.height, 0));
  const planes: { readonly offset: number; readonly stride: number }[] = [];
  let [read, offset] = [0, 0];
  for (const [own, plane] of shapes) {
    for (let y = 0; y < plane.height; y++) {
      const row = read + Math.min(y, own.height - 1) * own.width;
      const at = offset + y * plane.width;
      whole.set(bytes.subarray(row, row + own.width), at);
      whole.fill(bytes[row + own.width - 1]!, at + own.width, at + plane.width);
    }
    planes.push({ offset, stride: plane.width });
    read += own.width * own.height;
    offset += plane.width * plane.height;
  }
  return { format: 'I420', width, height, bytes: whole, planes };
}
