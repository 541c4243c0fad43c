/** The layers of a network, as its card lists them. */

/** Where numbers lie in `weights.bin`: f32, little-endian. */
export interface Place {
  /** Bytes. */
  readonly offset: number;
  readonly shape: readonly number[];
}

/** An earlier layer's output, one of the network's inputs, or a number. */
export type Operand = string | number;

export interface Output {
  readonly output: string;
  readonly channels: number;
  /** The tensor is ceil(width / divisor) x ceil(height / divisor); null: a vector. */
  readonly divisor: number | null;
}

export interface Weighted {
  readonly weight: Place;
  readonly bias: Place | null;
  /** The output is max(value, slope * value): 1 for no activation, 0 for ReLU. */
  readonly slope: number;
}

/** Zeros lie around the picture of a 3x3 convolution. */
export interface Convolution extends Output, Weighted {
  readonly op: 'conv';
  readonly inputs: readonly [string];
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
}

export interface Matmul extends Output, Weighted {
  readonly op: 'matmul';
  readonly inputs: readonly [string];
}

export interface Elementwise extends Output {
  readonly op: 'add' | 'sub' | 'mul';
  /** A vector of one channel, and a number, go with every channel of the other. */
  readonly inputs: readonly [Operand, Operand];
}

export interface Unary extends Output {
  /** `pool` is the mean over the picture, `upsample` doubles it by repeating pixels. */
  readonly op: 'pool' | 'upsample' | 'reciprocal';
  readonly inputs: readonly [string];
}

export interface Slice extends Output {
  readonly op: 'slice';
  readonly inputs: readonly [string];
  /** The first channel. */
  readonly start: number;
}

export interface Concat extends Output {
  readonly op: 'concat';
  readonly inputs: readonly string[];
}

export type Layer = Convolution | Matmul | Elementwise | Unary | Slice | Concat;
