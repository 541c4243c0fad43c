/** The convolutions' weights in the order in which the kernels read them. */
import type { NetworkFiles } from './card.ts';
import type { Convolution } from './layers.ts';
import { quadsOf } from './points.ts';

/** Where a layer's numbers begin. */
export interface WeightPlace {
  /** Matrices of 4x4: [out quad][in quad][row][column], each by columns: in channel, then out channel. */
  readonly weights: number;
  /** Quads: [out quad]. */
  readonly bias: number;
}

/** Channels that a layer does not have are 0. */
export interface PackedWeights {
  readonly weights: Float32Array<ArrayBuffer>;
  readonly biases: Float32Array<ArrayBuffer>;
  placeOf(layer: Convolution): WeightPlace;
}

export function packedWeights({ card, weights }: NetworkFiles): PackedWeights {
  const places = new Map<string, WeightPlace>();
  const matrices: Float32Array[] = [];
  const biases: Float32Array[] = [];
  let place: WeightPlace = { weights: 0, bias: 0 };
  for (const layer of card.layers) {
    if (layer.op !== 'conv') continue;
    const matrix = reordered(layer, weights);
    const bias = new Float32Array(quadsOf(layer.channels) * 4);
    if (layer.bias) bias.set(weights.subarray(layer.bias.offset / 4, layer.bias.offset / 4 + layer.channels));
    places.set(layer.output, place);
    matrices.push(matrix);
    biases.push(bias);
    place = { weights: place.weights + matrix.length / 16, bias: place.bias + bias.length / 4 };
  }
  return {
    weights: joined(matrices, place.weights * 16),
    biases: joined(biases, place.bias * 4),
    placeOf: ({ output }) => places.get(output)!,
  };
}

function joined(parts: readonly Float32Array[], length: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return values;
}

function reordered({ weight, kernel, channels }: Convolution, weights: Float32Array): Float32Array {
  const columns = weight.shape[1]!;
  const [outs, ins, taps] = [quadsOf(channels), quadsOf(columns), kernel * kernel];
  const out = new Float32Array(outs * ins * taps * 16);
  for (let o = 0; o < channels; o++)
    for (let i = 0; i < columns; i++)
      for (let tap = 0; tap < taps; tap++) {
        const quad = (((o >> 2) * ins + (i >> 2)) * taps + tap) * 4 + (i & 3);
        out[quad * 4 + (o & 3)] = weights[weight.offset / 4 + (o * columns + i) * taps + tap]!;
      }
  return out;
}

/** f32 to f16, rounded to nearest; weights are small and finite. */
export function halves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  return Uint16Array.from(values, (value) => {
    // Adding and taking away a number 2^13 times as large rounds to f16's precision, subnormals included.
    const magnitude = Math.abs(value);
    const step = 2 ** (Math.max(-14, Math.floor(Math.log2(magnitude || 1))) - 10);
    float[0] = Math.min(65504, Math.round(magnitude / step) * step);
    const exponent = (bits[0]! >>> 23) - 127 + 15;
    const half =
      exponent <= 0 ? Math.round(float[0] * 2 ** 24) : (exponent << 10) | ((bits[0]! >>> 13) & 0x3ff);
    return half | (value < 0 ? 0x8000 : 0);
  });
}
