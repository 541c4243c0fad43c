/** What the server holds of a span → the units of exactly its pictures, with those they need before them, and its gaps. */
import type { ExportGap } from '#wire/evidence.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { type WallMicros, wallMicros } from '#wire/time.ts';
import { type StoredUnit, segmentUnits } from './segment-units.ts';
import { type ExportSpan, HOLE, type SpanItem, type SpanPiece, type SpanUnit } from './span.ts';

/** The timeline's clock counts milliseconds: a mark and its picture may be so far apart. Less than half a picture. µs */
const TOLERANCE = 2_000;
/** As many pictures as are ever decoded before one that is shown before them (H.264, H.265). */
const MOST_REORDERED = 16;

/** Each run begins with a key unit. Gaps come where they are, and the last one behind the last unit. */
export async function* spanUnits(
  pieces: AsyncIterable<SpanPiece>,
  span: ExportSpan,
): AsyncGenerator<SpanItem, void, undefined> {
  const holes = new Holes(span);
  let run: Run | undefined;
  let epoch = 0;
  for await (const piece of pieces) {
    const units = piece.kind === 'segment' ? readUnits(piece.bytes) : undefined;
    if (piece.kind === 'missing' || units === undefined) {
      holes.missed(piece.kind === 'missing' ? 'gone' : 'unreadable');
      run = undefined;
      continue;
    }
    if (piece.segment.discontinuity) run = undefined;
    run ??= new Run(span, ++epoch);
    for (const unit of units)
      for (const chosen of run.add({ ...unit, config: piece.config }, piece.segment.from)) {
        if (chosen.wanted) yield* holes.before(chosen);
        yield { kind: 'unit', unit: chosen };
      }
  }
  yield* holes.end();
}

function readUnits(bytes: Uint8Array): readonly StoredUnit[] | undefined {
  try {
    return segmentUnits(bytes);
  } catch (error) {
    if (error instanceof NightglassError) return undefined;
    throw error;
  }
}

/** Where time passes without pictures. */
class Holes {
  readonly #to: WallMicros;
  /** Until here there are pictures. */
  #end: WallMicros;
  #why: ExportGap['why'] = 'not-recorded';

  constructor({ from, to }: ExportSpan) {
    this.#end = from;
    this.#to = to;
  }

  missed(why: ExportGap['why']): void {
    this.#why = why;
  }

  *before({ capturedAt, duration }: StoredUnit): Generator<SpanItem, void, undefined> {
    yield* this.#until(capturedAt);
    // A clock that went back tells the same time twice: no time is missing then.
    this.#end = wallMicros(capturedAt + duration);
    this.#why = 'not-recorded';
  }

  *end(): Generator<SpanItem, void, undefined> {
    yield* this.#until(this.#to);
  }

  *#until(to: WallMicros): Generator<SpanItem, void, undefined> {
    if (to - this.#end > HOLE) yield { kind: 'gap', gap: { from: this.#end, to, why: this.#why } };
  }
}

type Candidate = StoredUnit & Pick<SpanUnit, 'config'>;

/** One run of units without a jump. Where the dates of two segments overlap a little, the pictures' own order counts. */
class Run {
  readonly #span: ExportSpan;
  readonly #epoch: number;
  /** From a key unit on, before the first picture of the span; nothing after it, or before the first key unit. */
  #before: Candidate[] | undefined = [];
  /** Behind the last picture of the span, as far as is known: needed if another still comes. */
  #after: Candidate[] = [];
  #first = Number.POSITIVE_INFINITY;
  #beyond = Number.POSITIVE_INFINITY;
  #over = false;

  constructor(span: ExportSpan, epoch: number) {
    this.#span = span;
    this.#epoch = epoch;
  }

  /** Gives what is now known to be needed. @param dated when the segment's first picture was captured */
  *add(unit: Candidate, dated: WallMicros): Generator<SpanUnit, void, undefined> {
    if (this.#over) return;
    const { timestamp, key } = unit;
    const at = dated + unit.offset;
    const begun = at >= this.#span.from - TOLERANCE || timestamp > this.#first;
    const ended = at > this.#span.to + TOLERANCE || timestamp > this.#beyond;
    if (begun) this.#first = Math.min(this.#first, timestamp);
    if (ended) this.#beyond = Math.min(this.#beyond, timestamp);
    if (this.#before !== undefined) {
      // Pictures that are shown before a key unit and decoded after it need the one before: it is kept until then.
      if (key && at <= this.#span.from + TOLERANCE) this.#before = [];
      if (!key && this.#before.length === 0) return;
      if (!begun) {
        this.#before.push(unit);
        return;
      }
    }
    if (ended) {
      this.#after.push(unit);
      this.#over = this.#after.length > MOST_REORDERED;
      return;
    }
    for (const needed of [...(this.#before ?? []), ...this.#after]) yield this.#chosen(needed, false);
    this.#before = undefined;
    this.#after = [];
    yield this.#chosen(unit, begun);
  }

  #chosen(unit: Candidate, wanted: boolean): SpanUnit {
    return { ...unit, wanted, epoch: this.#epoch };
  }
}
