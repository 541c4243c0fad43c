/** A network of a few layers, one of each kind, with weights of noise: its kernels compile in a moment. */
import { createHash } from 'node:crypto';
import { noise } from '../noise.ts';

export interface SmallNetwork {
  /** As `card.json` says it; a test may break it. */
  readonly card: Record<string, unknown> & { layers: Record<string, unknown>[] };
  readonly weights: ArrayBuffer;
}

export function smallNetwork(): SmallNetwork {
  const next = noise(7);
  const numbers: number[] = [];
  const place = (...shape: number[]) => {
    const offset = 4 * numbers.length;
    for (let i = shape.reduce((a, b) => a * b); i > 0; i--) numbers.push(next() - 0.5);
    return { offset, shape };
  };
  const conv = (
    output: string,
    input: string,
    [channels, columns]: [number, number],
    [kernel, stride]: [number, number],
    divisor: number,
    activation = 'none',
  ) => ({
    ...{ op: 'conv', output, inputs: [input], channels, divisor, kernel, stride, activation, slope: 0.1 },
    ...{ weight: place(channels, columns, kernel, kernel), bias: place(channels) },
  });
  const layers = [
    conv('view', 'image', [4, 3], [1, 1], 1, 'relu'),
    { op: 'pool', output: 'mean', inputs: ['view'], channels: 4, divisor: null },
    {
      ...{ op: 'matmul', output: 'decided', inputs: ['mean'], channels: 8, divisor: null },
      ...{ weight: place(8, 4), bias: place(8), activation: 'leaky_relu', slope: 0.1 },
    },
    { op: 'mul', output: 'now', inputs: ['fusion_mix', 'decided'], channels: 8, divisor: null },
    { op: 'sub', output: 'rest', inputs: [1, 'fusion_mix'], channels: 1, divisor: null },
    { op: 'mul', output: 'then', inputs: ['rest', 'fusion_previous'], channels: 8, divisor: null },
    { op: 'add', output: 'fusion', inputs: ['now', 'then'], channels: 8, divisor: null },
    { op: 'slice', output: 'scales', inputs: ['fusion'], channels: 4, divisor: null, start: 3 },
    { op: 'reciprocal', output: 'inverse', inputs: ['scales'], channels: 4, divisor: null },
    conv('coarse', 'view', [8, 4], [3, 2], 2, 'leaky_relu'),
    { op: 'upsample', output: 'fine', inputs: ['coarse'], channels: 8, divisor: 1 },
    { op: 'mul', output: 'scaled', inputs: ['view', 'inverse'], channels: 4, divisor: 1 },
    { op: 'concat', output: 'both', inputs: ['fine', 'scaled'], channels: 12, divisor: 1 },
    conv('head', 'both', [12, 12], [3, 1], 1),
    conv('subpixels', 'head', [12, 12], [1, 1], 1),
  ];
  const weights = Float32Array.from(numbers).buffer;
  const sha256 = createHash('sha256').update(new Uint8Array(weights)).digest('hex');
  return {
    card: {
      ...{ format: 1, name: 'small', fusionSize: 8, multipleOf: 8, macsPerInputPixel: 1000, layers },
      files: { 'weights.bin': { sha256, bytes: weights.byteLength } },
    },
    weights,
  };
}
