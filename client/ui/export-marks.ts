/** The span of the past that a person marks, to export it. Pure. */
import type { WallMicros } from '#wire/time.ts';

export interface Marks {
  readonly in: WallMicros | undefined;
  readonly out: WallMicros | undefined;
}

export const NO_MARKS: Marks = { in: undefined, out: undefined };

/** Sets one mark; the other goes where it would lie on its wrong side. */
export function marked(marks: Marks, which: 'in' | 'out', at: WallMicros): Marks {
  const next = { ...marks, [which]: at };
  if (next.in === undefined || next.out === undefined || next.in <= next.out) return next;
  return { ...NO_MARKS, [which]: at };
}

/** Moves one mark that is there, no further than to the other. */
export function dragged(marks: Marks, which: 'in' | 'out', at: WallMicros): Marks {
  if (marks.in === undefined || marks.out === undefined) return marked(marks, which, at);
  const kept = which === 'in' ? Math.min(at, marks.out) : Math.max(at, marks.in);
  return { ...marks, [which]: kept as WallMicros };
}

/** Nothing where a mark is missing. */
export const spanOfMarks = (
  marks: Marks,
): { readonly from: WallMicros; readonly to: WallMicros } | undefined =>
  marks.in === undefined || marks.out === undefined ? undefined : { from: marks.in, to: marks.out };

/** The mark that a key sets. */
export const markOfKey = (key: string): 'in' | 'out' | undefined =>
  ({ i: 'in', o: 'out' })[key.toLowerCase()] as 'in' | 'out' | undefined;

export const marksChanged = (marks: Marks): CustomEvent<Marks> =>
  new CustomEvent('marks-changed', { detail: marks, bubbles: true, composed: true });

declare global {
  interface HTMLElementEventMap {
    'marks-changed': CustomEvent<Marks>;
  }
}
