/** What can be computed at one pixel from that pixel alone: it costs no memory, and moves into the kernel that needs it. */
import type { Convolution, Operand } from './layers.ts';

/** A picture between two kernels: quads of channels, one after the other, each row by row. */
export interface Tensor {
  readonly name: string;
  readonly channels: number;
  readonly divisor: number;
}

export type Points =
  | { readonly kind: 'image' }
  /** `doubled`: the tensor is half as large, and each of its pixels stands for four. */
  | { readonly kind: 'load'; readonly tensor: Tensor; readonly doubled: boolean }
  /** What the kernel has just computed, in registers. */
  | { readonly kind: 'given'; readonly channels: number }
  /** 1x1. */
  | { readonly kind: 'conv'; readonly input: Points; readonly layer: Convolution }
  | { readonly kind: 'combine'; readonly op: 'add' | 'sub' | 'mul'; readonly a: Side; readonly b: Side }
  | { readonly kind: 'concat'; readonly parts: readonly Points[] };

/** One side of a sum or product: pixels, or a vector or number that is the same at every pixel. */
export type Side = { readonly points: Points } | { readonly vector: Operand };

export function channelsOf(points: Points): number {
  switch (points.kind) {
    case 'image':
      return 3;
    case 'load':
      return points.tensor.channels;
    case 'given':
      return points.channels;
    case 'conv':
      return points.layer.channels;
    case 'combine':
      return Math.max(...sidesOf(points).map((side) => ('points' in side ? channelsOf(side.points) : 1)));
    case 'concat':
      return points.parts.reduce((sum, part) => sum + channelsOf(part), 0);
  }
}

export const quadsOf = (channels: number): number => Math.ceil(channels / 4);

const sidesOf = (points: Points & { kind: 'combine' }): readonly Side[] => [points.a, points.b];

/** Calls `visit` with everything these points are made of, themselves last. */
export function walk(points: Points, visit: (part: Points) => void): void {
  if (points.kind === 'conv') walk(points.input, visit);
  if (points.kind === 'concat') for (const part of points.parts) walk(part, visit);
  if (points.kind === 'combine')
    for (const side of sidesOf(points)) if ('points' in side) walk(side.points, visit);
  visit(points);
}

export function tensorsOf(points: Points): ReadonlySet<Tensor> {
  const tensors = new Set<Tensor>();
  walk(points, (part) => part.kind === 'load' && tensors.add(part.tensor));
  return tensors;
}

/** The names of the vectors that these points need. */
export function vectorsOf(points: Points): ReadonlySet<string> {
  const vectors = new Set<string>();
  walk(points, (part) => {
    if (part.kind !== 'combine') return;
    for (const side of sidesOf(part))
      if ('vector' in side && typeof side.vector === 'string') vectors.add(side.vector);
  });
  return vectors;
}

/** Multiplications with their additions for one pixel. */
export function macsOf(points: Points): number {
  let macs = 0;
  walk(points, (part) => {
    if (part.kind === 'conv') macs += channelsOf(part.input) * part.layer.channels;
  });
  return macs;
}
