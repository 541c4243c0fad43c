/** Pictures of one size through a network as the page does it: twice their size, or their own with their own detail. */
import { shownSize } from '../../client/enhance/compute-size.ts';
import { Enlarger } from '../../client/enhance/enlarge.ts';
import { tensorFromRgba } from '../../shaders/color-conversion.reference.ts';
import { nightShare, pictureFromSubpixels } from '../../shaders/pixel-shuffle.reference.ts';
import { filterInTime } from '../../shaders/temporal-filter.reference.ts';
import { GRID, type Model } from './model.ts';
import type { Size } from './picture.ts';

export const MODES = ['same-size', 'super-resolve'] as const;
export type Mode = (typeof MODES)[number];

export interface Look {
  /** Undefined: by the picture's size, as the page does. */
  readonly mode: Mode | undefined;
  /** 0 is the picture as it was, 1 the enhanced one. */
  readonly strength: number;
  /** Averages noise away over time before the network: for pictures that follow one another. */
  readonly denoise?: boolean;
}

/** Decides how much of the network's global decisions a picture takes from itself, by its level: the mean of its input, 0…1. */
export type Mix = (level: number) => number;

/** By itself, whatever came before. */
export const alone: Mix = () => 1;

export class FrameEnhancer {
  /** Of what comes out. */
  readonly size: Size;
  readonly #model: Model;
  readonly #from: Size;
  readonly #mode: Mode;
  readonly #strength: number;
  readonly #denoise: boolean;
  readonly #enlarger = new Enlarger();
  /** What the filter in time keeps from one picture to the next. */
  #history = new Float32Array(0);
  /** How much of the enhanced picture is wanted of the frame at hand. */
  #night = 1;

  constructor(model: Model, from: Size, { mode, strength, denoise = false }: Look) {
    this.#model = model;
    this.#from = from;
    this.#mode = mode ?? usualMode(from);
    this.#strength = strength;
    this.#denoise = denoise;
    this.size = this.#mode === 'super-resolve' ? { width: 2 * from.width, height: 2 * from.height } : from;
  }

  /** RGBA, 8 bit, opaque, in memory of its own. */
  async enhance(rgba: Uint8ClampedArray<ArrayBuffer>, mix: Mix): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const out =
      this.#mode === 'super-resolve' ? await this.#superResolve(rgba, mix) : await this.#sameSize(rgba, mix);
    const share = this.#strength * this.#night;
    if (share < 1) this.#blend(rgba, out, share);
    return out;
  }

  /** The network sees half the size, antialiased; the picture's own detail is carried over. */
  async #sameSize(rgba: Uint8ClampedArray<ArrayBuffer>, mix: Mix): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const from = this.#from;
    const { width, height } = halfOnGrid(from);
    const tensor = new Float32Array(3 * width * height);
    tensorFromRgba(rgba, from.width, from.height, tensor, width, height);
    const subpixels = await this.#run(tensor, { width, height }, mix);
    const out = new Uint8ClampedArray(from.width * from.height * 4);
    this.#enlarger.enlarge({ rgba, ...from }, { tensor, subpixels, width, height }, out);
    return out;
  }

  /** The network sees every pixel; past the right and lower edges, which are repeated, nothing is kept. */
  async #superResolve(
    rgba: Uint8ClampedArray<ArrayBuffer>,
    mix: Mix,
  ): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const width = onGrid(this.#from.width);
    const height = onGrid(this.#from.height);
    const tensor = planesOf(rgba, this.#from, { width, height });
    const subpixels = await this.#run(tensor, { width, height }, mix);
    const whole = new Uint8ClampedArray(width * height * 16);
    pictureFromSubpixels(subpixels, width, height, whole);
    if (this.size.width === 2 * width) return whole.subarray(0, this.size.width * this.size.height * 4);
    const out = new Uint8ClampedArray(this.size.width * this.size.height * 4);
    const row = this.size.width * 4;
    for (let y = 0; y < this.size.height; y++)
      out.set(whole.subarray(y * width * 8, y * width * 8 + row), y * row);
    return out;
  }

  /** The filter, where it is wanted, and the network. */
  #run(tensor: Float32Array, { width, height }: Size, mix: Mix): Promise<Float32Array> {
    const level = mean(tensor);
    const share = mix(level);
    this.#night = nightShare(level);
    if (this.#denoise) {
      if (this.#history.length === 0) this.#history = new Float32Array(5 * width * height);
      filterInTime(tensor, this.#history, width, height, share);
    }
    return this.#model.subpixels(tensor, width, height, share);
  }

  /** Mixes the picture as it was, scaled up where the other is larger, into the enhanced one. */
  #blend(rgba: Uint8ClampedArray<ArrayBuffer>, out: Uint8ClampedArray, share: number): void {
    if (this.#mode === 'same-size') {
      for (let at = 0; at < out.length; at++) out[at] = rgba[at]! + (out[at]! - rgba[at]!) * share;
      return;
    }
    const { width, height } = this.size;
    const own = new Float32Array(3 * width * height);
    tensorFromRgba(rgba, this.#from.width, this.#from.height, own, width, height);
    for (let at = 0; at < width * height; at++)
      for (let colour = 0; colour < 3; colour++) {
        const was = own[colour * width * height + at]! * 255;
        out[4 * at + colour] = was + (out[4 * at + colour]! - was) * share;
      }
  }
}

/** The page's choice. */
export const usualMode = (from: Size): Mode =>
  shownSize(from).width > from.width ? 'super-resolve' : 'same-size';

/** The page's size for a large camera, also for a small picture that is to keep its size. */
export function halfOnGrid({ width, height }: Size): Size {
  const half = (length: number): number => Math.max(GRID, Math.round(length / 2 / GRID) * GRID);
  return { width: half(width), height: half(height) };
}

/** A length that the network takes. */
export const onGrid = (length: number): number => Math.ceil(length / GRID) * GRID;

/** f32 NCHW [1,3,grid.height,grid.width], 0…1; the picture lies at the top left and its edges are repeated past it. */
function planesOf(rgba: Uint8ClampedArray, { width, height }: Size, grid: Size): Float32Array {
  const planes = new Float32Array(3 * grid.width * grid.height);
  let to = 0;
  for (let colour = 0; colour < 3; colour++)
    for (let y = 0; y < grid.height; y++) {
      const row = Math.min(y, height - 1) * width;
      for (let x = 0; x < grid.width; x++)
        planes[to++] = rgba[(row + Math.min(x, width - 1)) * 4 + colour]! / 255;
    }
  return planes;
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
