/**
 * `npm run bench -- denoise [--clips DIR] [--frames 50] [--model base]`: what averaging noise over time before the network does to
 * its output. On the demo clip beside its truth, and on the daylight clips of DIR (`intel_*.mp4` of models/README.md's data folder, any
 * .mp4 that is bright) darkened frame by frame with new sensor noise in each, as models/steadiness.py does it.
 */
import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { parseArgs } from 'node:util';
import { fusionMix, type Moment } from '../../client/enhance/fusion-mix.ts';
import { psnr } from '../../models/tools/metrics.ts';
import { type Model, openModel } from '../../models/tools/model.ts';
import { readFacts } from '../../models/tools/video/facts.ts';
import { tensorFromRgba } from '../../shaders/color-conversion.reference.ts';
import { pictureFromSubpixels } from '../../shaders/pixel-shuffle.reference.ts';
import { filterInTime } from '../../shaders/temporal-filter.reference.ts';
import { noise } from '../shaders/noise.ts';
import { DEMO_CLIP, DEMO_TRUTH, ffmpeg } from '../support/clip.ts';
import { exposureFor, nightTensor, normalFrom } from './night.ts';

/** The network's input, and the truth's size. */
const INPUT = { width: 320, height: 176 };
const OUTPUT = { width: 640, height: 352 };
const VALUES = 3 * OUTPUT.width * OUTPUT.height;
/** A pixel is still where the truth deviates by no more than this over time, 8-bit steps: as in models/steadiness.py. */
const STILL = 2;
/** Clips of fewer 8-bit steps than this on average are dark already. */
const DAYLIGHT = 50;
const SEED = 20261121;

interface Clip {
  readonly name: string;
  /** The network's inputs, f32 NCHW. */
  readonly inputs: readonly Float32Array[];
  /** RGB, 8 bit. */
  readonly truths: readonly Uint8Array[];
  /** µs from a frame to the next. */
  readonly step: number;
}

interface Figures {
  /** dB, means over the frames; of the whole picture and of what is not still. */
  readonly psnr: number;
  readonly moving: number;
  /** By how much the picture is lighter than the truth on average, 8-bit steps. */
  readonly lighter: number;
  /** The deviation over time of a pixel in the still region, 8-bit steps, root mean square. */
  readonly flicker: number;
  /** Of filtering one frame in plain loops. */
  readonly filterMs: number;
  readonly networkMs: number;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      clips: { type: 'string' },
      frames: { type: 'string', default: '50' },
      model: { type: 'string', default: 'base' },
    },
  });
  await using model = await openModel(values.model);
  const rows = [];
  for (const open of sources(values.clips)) {
    const clip = await open(Number(values.frames));
    if (!clip) continue;
    const still = stillPixels(clip.truths);
    const off = await measured(model, clip, still, false);
    const on = await measured(model, clip, still, true);
    const share = still.reduce((sum, is) => sum + is, 0) / still.length;
    const row = { clip: clip.name, frames: clip.inputs.length, still: share, off, on };
    rows.push(row);
    console.info(line(row));
  }
  console.table(rows.map(line));
  console.info(JSON.stringify({ denoise: rows }));
}

function sources(folder: string | undefined): readonly ((frames: number) => Promise<Clip | undefined>)[] {
  const names = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.mp4'));
  return [demoClip, ...names.sort().map((name) => (frames: number) => darkened(join(folder!, name), frames))];
}

/** The middle of the demo camera's picture, of which the network sees half the size as on the page. */
async function demoClip(frames: number): Promise<Clip> {
  const middle = `crop=${OUTPUT.width}:${OUTPUT.height}`;
  const [dark, truths] = [
    await framesOf(DEMO_CLIP, middle, frames),
    await framesOf(DEMO_TRUTH, middle, frames),
  ];
  const rgba = new Uint8ClampedArray(4 * OUTPUT.width * OUTPUT.height);
  const inputs = dark.map((rgb) => {
    for (let at = 0; at < VALUES; at++) rgba[4 * Math.floor(at / 3) + (at % 3)] = rgb[at]!;
    const tensor = new Float32Array(3 * INPUT.width * INPUT.height);
    tensorFromRgba(rgba, OUTPUT.width, OUTPUT.height, tensor, INPUT.width, INPUT.height);
    return tensor;
  });
  return { name: 'demo', inputs, truths, step: 40_000 };
}

/** Undefined where the clip is dark itself, and so no truth. */
async function darkened(path: string, frames: number): Promise<Clip | undefined> {
  const { duration, frames: count } = await readFacts(path, new AbortController().signal);
  const scale = `scale=${OUTPUT.width}:360:flags=area,crop=${OUTPUT.width}:${OUTPUT.height}`;
  const truths = await framesOf(path, scale, frames);
  const mean = truths.reduce((sum, truth) => sum + meanOf(truth), 0) / truths.length;
  if (!(mean >= DAYLIGHT)) return undefined;
  const normal = normalFrom(noise(SEED));
  const exposure = exposureFor(mean);
  const inputs = truths.map((truth) => nightTensor(truth, OUTPUT, exposure, normal));
  return {
    name: parse(path).name,
    inputs,
    truths,
    step: duration && count ? (duration / count) * 1e6 : 40_000,
  };
}

async function framesOf(path: string, filter: string, frames: number): Promise<readonly Uint8Array[]> {
  const raw = ['-frames:v', String(frames), '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'];
  const bytes = await ffmpeg(['-i', path, '-vf', filter, '-fps_mode', 'passthrough', ...raw]);
  return Array.from({ length: bytes.length / VALUES }, (_, at) =>
    bytes.subarray(at * VALUES, (at + 1) * VALUES),
  );
}

async function measured(model: Model, clip: Clip, still: Uint8Array, filter: boolean): Promise<Figures> {
  const history = new Float32Array(5 * INPUT.width * INPUT.height);
  const rgba = new Uint8ClampedArray(4 * OUTPUT.width * OUTPUT.height);
  const pixels = new Uint8Array(VALUES);
  const [wholes, parts, lighter]: [number[], number[], number[]] = [[], [], []];
  const [filterTimes, networkTimes]: [number[], number[]] = [[], []];
  const over = new Variance();
  let before: Moment | undefined;
  for (const [at, input] of clip.inputs.entries()) {
    const tensor = input.slice();
    const moment: Moment = { timestamp: at * clip.step, stretch: 0, level: meanOf(input) };
    const mix = fusionMix(before, moment);
    before = moment;
    const began = performance.now();
    if (filter) filterInTime(tensor, history, INPUT.width, INPUT.height, mix);
    const running = performance.now();
    filterTimes.push(running - began);
    const subpixels = await model.subpixels(tensor, INPUT.width, INPUT.height, mix);
    networkTimes.push(performance.now() - running);
    pictureFromSubpixels(subpixels, INPUT.width, INPUT.height, rgba);
    for (let value = 0; value < VALUES; value++)
      pixels[value] = rgba[4 * Math.floor(value / 3) + (value % 3)]!;
    const truth = clip.truths[at]!;
    wholes.push(psnr({ ...OUTPUT, pixels }, { ...OUTPUT, pixels: truth }));
    parts.push(movingPsnr(pixels, truth, still));
    lighter.push(meanOf(pixels) - meanOf(truth));
    over.add(pixels);
  }
  return {
    psnr: meanOf(wholes),
    moving: meanOf(parts),
    lighter: meanOf(lighter),
    flicker: Math.sqrt(over.meanWhere(still)),
    filterMs: meanOf(filterTimes),
    networkMs: meanOf(networkTimes),
  };
}

function movingPsnr(pixels: Uint8Array, truth: Uint8Array, still: Uint8Array): number {
  let [sum, count] = [0, 0];
  for (let at = 0; at < VALUES; at++) {
    if (still[Math.floor(at / 3)]) continue;
    sum += (pixels[at]! - truth[at]!) ** 2;
    count++;
  }
  return -10 * Math.log10(sum / count / 255 ** 2);
}

/** 1 where no colour of the pixel changes. */
function stillPixels(truths: readonly Uint8Array[]): Uint8Array {
  const over = new Variance();
  for (const truth of truths) over.add(truth);
  const variances = over.values();
  return Uint8Array.from({ length: VALUES / 3 }, (_, pixel) =>
    [0, 1, 2].every((colour) => variances[3 * pixel + colour]! <= STILL ** 2) ? 1 : 0,
  );
}

/** Of every value over the frames. */
class Variance {
  readonly #sums = new Float64Array(VALUES);
  readonly #squares = new Float64Array(VALUES);
  #frames = 0;

  add(pixels: Uint8Array): void {
    this.#frames++;
    for (let at = 0; at < VALUES; at++) {
      this.#sums[at]! += pixels[at]!;
      this.#squares[at]! += pixels[at]! ** 2;
    }
  }

  values(): Float64Array {
    return this.#sums.map((sum, at) => this.#squares[at]! / this.#frames - (sum / this.#frames) ** 2);
  }

  meanWhere(marked: Uint8Array): number {
    return meanOf(this.values().filter((_, at) => marked[Math.floor(at / 3)]));
  }
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum / values.length;
}

interface Row {
  readonly clip: string;
  readonly frames: number;
  /** The share of the picture that is still. */
  readonly still: number;
  readonly off: Figures;
  readonly on: Figures;
}

const line = ({ clip, frames, still, off, on }: Row) => ({
  clip,
  frames,
  'still, %': Math.round(100 * still),
  'PSNR off': off.psnr.toFixed(2),
  'PSNR on': on.psnr.toFixed(2),
  'moving off': off.moving.toFixed(2),
  'moving on': on.moving.toFixed(2),
  'lighter off': off.lighter.toFixed(2),
  'lighter on': on.lighter.toFixed(2),
  'flicker off': off.flicker.toFixed(2),
  'flicker on': on.flicker.toFixed(2),
  'filter, ms': on.filterMs.toFixed(1),
  'network, ms': off.networkMs.toFixed(1),
});
