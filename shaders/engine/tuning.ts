/** How a convolution is cut into invocations and workgroups: found by trying, because every GPU has its own answer. */
import { F16, F16_STORAGE, F32, type Precision } from './precision.ts';

/** What one invocation keeps in registers, and how many make a workgroup. */
export interface TileShape {
  /** Pixels of the output per invocation. */
  readonly px: number;
  readonly py: number;
  /** Invocations of a workgroup. */
  readonly lanesX: number;
  readonly lanesY: number;
  /** Rows of the 3x3 that are written out: 1 makes a third of the code, 3 reads pixels less often. */
  readonly rows: 1 | 3;
}

export interface Tuning {
  readonly name: string;
  readonly precision: Precision;
  /** What happens at single pixels before a convolution is computed into workgroup memory, not into a tensor. */
  readonly tiles: boolean;
  readonly shape: TileShape;
  /** Quads of output channels per invocation, at most. */
  readonly outQuads: number;
  /** An invocation gets fewer pixels where there would be fewer invocations than this. */
  readonly leastInvocations: number;
}

/** Sums that an invocation may keep: quads, of 16 bytes each. */
const MOST_SUMS = 24;

/** Always right, on a software adapter the best: little code, no barriers, and few reads for each multiplication. */
export const PLAIN: Tuning = {
  name: 'plain',
  precision: F32,
  tiles: false,
  shape: { px: 4, py: 1, lanesX: 8, lanesY: 8, rows: 1 },
  outQuads: 4,
  leastInvocations: 0,
};

/** Cuts that are worth a try on a GPU. Fewer pixels an invocation where the picture is small: a GPU wants thousands of them. */
const SHAPES: readonly Omit<Tuning, 'precision'>[] = [
  {
    name: 'wide',
    tiles: false,
    shape: { px: 4, py: 1, lanesX: 8, lanesY: 8, rows: 3 },
    outQuads: 2,
    leastInvocations: 32_768,
  },
  {
    name: 'square',
    tiles: false,
    shape: { px: 2, py: 2, lanesX: 8, lanesY: 8, rows: 3 },
    outQuads: 3,
    leastInvocations: 32_768,
  },
  {
    name: 'tiles',
    tiles: true,
    shape: { px: 2, py: 1, lanesX: 8, lanesY: 8, rows: 3 },
    outQuads: 4,
    leastInvocations: 32_768,
  },
  {
    name: 'large tiles',
    tiles: true,
    shape: { px: 2, py: 2, lanesX: 8, lanesY: 8, rows: 3 },
    outQuads: 4,
    leastInvocations: 16_384,
  },
];

/** All that a device of these features can be asked for, the most cautious first. */
export function tuningsFor(features: { has(feature: string): boolean }): readonly Tuning[] {
  const precisions = features.has('shader-f16') ? [F32, F16_STORAGE, F16] : [F32];
  const all = precisions.flatMap((precision) =>
    SHAPES.map((shape) => ({ ...shape, precision, name: `${shape.name} ${precision.name}` })),
  );
  return [PLAIN, ...all];
}

export interface ConvolutionSize {
  readonly width: number;
  readonly height: number;
  readonly stride: 1 | 2;
  readonly inQuads: number;
  readonly outQuads: number;
  /** The input is computed in workgroup memory, and all output channels in one invocation. */
  readonly tiled: boolean;
  /** What follows the convolution needs all its channels at once. */
  readonly whole: boolean;
}

export interface Cut extends TileShape {
  readonly out: number;
}

/**
 * The shape for one convolution: that of the tuning, made smaller until its sums fit into registers and its tile into
 * `workgroupBytes`; undefined where not even the smallest tile fits.
 */
export function cutFor(
  tuning: Tuning,
  size: ConvolutionSize,
  workgroupBytes: number,
  quadBytes: number,
): Cut | undefined {
  const out = size.tiled || size.whole ? size.outQuads : largestDivisor(size.outQuads, tuning.outQuads);
  let shape = tuning.shape;
  const invocations = (): number =>
    Math.ceil(size.width / shape.px) * Math.ceil(size.height / shape.py) * (size.outQuads / out);
  while (
    shape.px * shape.py > 1 &&
    (shape.px * shape.py * out > MOST_SUMS || invocations() < tuning.leastInvocations)
  )
    shape = shape.py > 1 ? { ...shape, py: shape.py / 2 } : { ...shape, px: shape.px / 2 };
  while (size.tiled && tileBytes(shape, size, quadBytes) > workgroupBytes) {
    if (shape.py > 1) shape = { ...shape, py: shape.py / 2 };
    else if (shape.px > 1) shape = { ...shape, px: shape.px / 2 };
    else if (shape.lanesY > 4) shape = { ...shape, lanesY: shape.lanesY / 2 };
    else if (shape.lanesX > 4) shape = { ...shape, lanesX: shape.lanesX / 2 };
    else return undefined;
  }
  return { ...shape, out };
}

/** Width and height of the window in the input that a workgroup of this shape reads. */
export const windowOf = ({ px, py, lanesX, lanesY }: TileShape, stride: 1 | 2) => ({
  width: (px * lanesX - 1) * stride + 3,
  height: (py * lanesY - 1) * stride + 3,
});

function tileBytes(shape: TileShape, { stride, inQuads }: ConvolutionSize, quadBytes: number): number {
  const { width, height } = windowOf(shape, stride);
  return width * height * inQuads * quadBytes;
}

function largestDivisor(of: number, most: number): number {
  let divisor = Math.min(of, most);
  while (of % divisor !== 0) divisor--;
  return divisor;
}
