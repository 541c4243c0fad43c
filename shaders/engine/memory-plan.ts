/** Which tensors lie in the same memory: one begins where another was read for the last time. */
import type { Tensor } from './points.ts';
import { readBy, type Schedule } from './schedule.ts';

export interface MemoryPlan {
  /** Bytes of each piece of memory. */
  readonly pieces: readonly number[];
  /** The piece in which a tensor lies. */
  pieceOf(tensor: Tensor): number;
}

/** @param bytesOf size of a tensor @param outside tensors that lie in memory of their own, and need none of ours */
export function memoryPlan(
  { steps }: Schedule,
  bytesOf: (tensor: Tensor) => number,
  outside: (tensor: Tensor) => boolean,
): MemoryPlan {
  const lastRead = new Map<Tensor, number>();
  steps.forEach((step, at) => {
    for (const tensor of readBy(step)) lastRead.set(tensor, at);
  });
  const pieces: number[] = [];
  const places = new Map<Tensor, number>();
  const free = new Set<number>();
  steps.forEach((step, at) => {
    if ((step.kind === 'conv' || step.kind === 'points') && !outside(step.output)) {
      const piece = bestFit(pieces, free, bytesOf(step.output));
      free.delete(piece);
      pieces[piece] = Math.max(pieces[piece] ?? 0, bytesOf(step.output));
      places.set(step.output, piece);
    }
    for (const tensor of readBy(step)) if (lastRead.get(tensor) === at) free.add(places.get(tensor)!);
  });
  return { pieces, pieceOf: (tensor) => places.get(tensor)! };
}

/** The smallest free piece that is large enough, else the largest, which then grows, else a new one. */
function bestFit(pieces: readonly number[], free: ReadonlySet<number>, bytes: number): number {
  const bySize = [...free].sort((a, b) => pieces[a]! - pieces[b]!);
  return bySize.find((piece) => pieces[piece]! >= bytes) ?? bySize.at(-1) ?? pieces.length;
}
