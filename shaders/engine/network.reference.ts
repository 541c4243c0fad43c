/** The network in plain loops, layer by layer: what the engine's kernels have to compute. */
import type { NetworkFiles } from './card.ts';
import type { Convolution, Elementwise, Layer, Matmul, Operand, Place } from './layers.ts';

export interface NetworkInputs {
  readonly width: number;
  readonly height: number;
  /** f32 NCHW [1,3,height,width], sRGB-encoded RGB, 0…1. */
  readonly image: Float32Array;
  /** f32 [K]. */
  readonly fusionPrevious: Float32Array;
  readonly fusionMix: number;
}

export interface NetworkOutputs {
  /** f32 NCHW [1,12,height,width], before the pixel shuffle. */
  readonly subpixels: Float32Array;
  /** f32 [K], the weights used. */
  readonly fusion: Float32Array;
  /** Every layer's output by its name: NCHW, or a vector. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

/** @param stored what becomes of a convolution's weight, and of a number of a picture between two layers, where it is stored as f16 */
export function computed(
  { card, weights }: NetworkFiles,
  inputs: NetworkInputs,
  stored?: (value: number) => number,
): NetworkOutputs {
  const { width, height } = inputs;
  const tensors = new Map<string, Float32Array>([
    ['image', inputs.image],
    ['fusion_previous', inputs.fusionPrevious],
    ['fusion_mix', Float32Array.of(inputs.fusionMix)],
  ]);
  const size = (divisor: number): Size => [Math.ceil(width / divisor), Math.ceil(height / divisor)];
  const divisors = new Map<string, number | null>([['image', 1]]);
  const values = (operand: Operand): Float32Array =>
    typeof operand === 'number' ? Float32Array.of(operand) : tensors.get(operand)!;
  const at = (place: Place): Float32Array =>
    weights.subarray(place.offset / 4, place.offset / 4 + place.shape.reduce((a, b) => a * b));
  const kept = (values: Float32Array): Float32Array => (stored ? values.map(stored) : values);

  const run = (layer: Layer): Float32Array => {
    const pixels = layer.divisor === null ? 1 : size(layer.divisor).reduce((a, b) => a * b);
    const input = values(layer.inputs[0]!);
    switch (layer.op) {
      case 'conv':
        return convolved(
          layer,
          input,
          [size(layer.divisor! / layer.stride), size(layer.divisor!)],
          [kept(at(layer.weight)), layer.bias && at(layer.bias)],
        );
      case 'matmul':
        return multiplied(layer, input, at);
      case 'pool':
        return means(input, layer.channels);
      case 'upsample':
        return doubled(input, size(layer.divisor! * 2), size(layer.divisor!), layer.channels);
      case 'reciprocal':
        return input.map((value) => 1 / value);
      case 'slice':
        return input.slice(layer.start, layer.start + layer.channels);
      case 'concat':
        return Float32Array.from(layer.inputs.flatMap((part) => [...values(part)]));
      default: {
        const isVector = layer.inputs.map((side) => typeof side === 'number' || divisors.get(side) == null);
        return combined(layer, layer.inputs.map(values), isVector, pixels);
      }
    }
  };
  for (const layer of card.layers) {
    const output = run(layer);
    const isStored = layer.divisor !== null && layer.output !== 'subpixels';
    tensors.set(layer.output, isStored ? kept(output) : output);
    divisors.set(layer.output, layer.divisor);
  }
  return { subpixels: tensors.get('subpixels')!, fusion: tensors.get('fusion')!, tensors };
}

/** Width and height. */
type Size = readonly [number, number];

type Weights = (place: Place) => Float32Array;

const activated = (value: number, slope: number): number => (value < 0 ? value * slope : value);

function convolved(
  layer: Convolution,
  input: Float32Array,
  [[w, h], [width, height]]: readonly [Size, Size],
  [weight, bias]: readonly [Float32Array, Float32Array | null],
) {
  const { kernel, stride, channels } = layer;
  const columns = layer.weight.shape[1]!;
  const edge = (kernel - 1) / 2;
  const out = new Float32Array(channels * width * height);
  for (let o = 0; o < channels; o++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let sum = bias ? bias[o]! : 0;
        for (let ky = 0; ky < kernel; ky++)
          for (let kx = 0; kx < kernel; kx++) {
            const row = y * stride + ky - edge;
            const column = x * stride + kx - edge;
            if (row < 0 || row >= h || column < 0 || column >= w) continue;
            for (let i = 0; i < columns; i++)
              sum +=
                weight[((o * columns + i) * kernel + ky) * kernel + kx]! * input[(i * h + row) * w + column]!;
          }
        out[(o * height + y) * width + x] = activated(sum, layer.slope);
      }
  return out;
}

function multiplied(layer: Matmul, input: Float32Array, at: Weights): Float32Array {
  const weight = at(layer.weight);
  const bias = layer.bias && at(layer.bias);
  return Float32Array.from({ length: layer.channels }, (_, row) => {
    let sum = bias ? bias[row]! : 0;
    for (let i = 0; i < input.length; i++) sum += weight[row * input.length + i]! * input[i]!;
    return activated(sum, layer.slope);
  });
}

function means(input: Float32Array, channels: number): Float32Array {
  const pixels = input.length / channels;
  return Float32Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let at = 0; at < pixels; at++) sum += input[channel * pixels + at]!;
    return sum / pixels;
  });
}

function doubled(input: Float32Array, [w, h]: Size, [width, height]: Size, channels: number): Float32Array {
  const out = new Float32Array(channels * width * height);
  for (let channel = 0; channel < channels; channel++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        out[(channel * height + y) * width + x] = input[(channel * h + (y >> 1)) * w + (x >> 1)]!;
  return out;
}

/** A vector goes with every pixel of its channel, one of a single channel with every channel. */
function combined(
  { op, channels }: Elementwise,
  sides: readonly Float32Array[],
  isVector: readonly boolean[],
  pixels: number,
): Float32Array {
  const side = (which: 0 | 1, channel: number, pixel: number): number => {
    const values = sides[which]!;
    if (!isVector[which]) return values[channel * pixels + pixel]!;
    return values.length === 1 ? values[0]! : values[channel]!;
  };
  return Float32Array.from({ length: channels * pixels }, (_, index) => {
    const channel = Math.floor(index / pixels);
    const a = side(0, channel, index % pixels);
    const b = side(1, channel, index % pixels);
    return op === 'add' ? a + b : op === 'sub' ? a - b : a * b;
  });
}
