/** How far an export is, and how long it will take. */
import type { Shown } from '#wire/evidence.ts';
import type { SpanUnit } from './export/span.ts';
import type { ExportState } from './player-protocol.ts';

/** Often enough to be seen to move. */
const TELL_MS = 250;
/** The rate is over about the last so many milliseconds. */
const RATE_MS = 5000;

export class ExportProgress {
  readonly #shows: Shown;
  readonly #tell: (state: ExportState) => void;
  /** What is recorded of the span, µs; 0 while it is not known. */
  recorded = 0;
  /** Of all files. */
  bytes = 0;
  /** Pictures of the span whose units came, and how long they last. */
  #units = 0;
  #duration = 0;
  #positions = new WeakMap<SpanUnit, number>();
  #told = Number.NEGATIVE_INFINITY;
  #marks: { readonly at: number; readonly pictures: number }[] = [];

  constructor(shows: Shown, tell: (state: ExportState) => void) {
    this.#shows = shows;
    this.#tell = tell;
  }

  /** The unit of a picture of the span came. */
  came(unit: SpanUnit): void {
    this.#units++;
    this.#duration += unit.duration;
    this.#positions.set(unit, this.#units);
  }

  /** Which of the span's pictures it is, in decoding order, from 1. */
  position(unit: SpanUnit): number {
    return this.#positions.get(unit) ?? this.#units;
  }

  /** So many are done. Told now and then only. */
  tell(pictures: number): void {
    const now = performance.now();
    if (now - this.#told < TELL_MS) return;
    this.#told = now;
    this.#marks = [...this.#marks.filter(({ at }) => now - at < RATE_MS), { at: now, pictures }];
    const [first] = this.#marks;
    const seconds = first ? (now - first.at) / 1000 : 0;
    const perSecond = first && seconds > 0 ? (pictures - first.pictures) / seconds : 0;
    const expected = this.#expected(pictures);
    const secondsLeft = perSecond > 0 && expected > 0 ? (expected - pictures) / perSecond : null;
    const { bytes } = this;
    this.#tell({ state: 'exporting', shows: this.#shows, pictures, expected, perSecond, secondsLeft, bytes });
  }

  /** About how many there will be; 0 while it is not known. */
  #expected(pictures: number): number {
    if (this.#units === 0 || this.recorded === 0) return 0;
    const each = this.#duration / this.#units;
    return Math.max(pictures, Math.round(this.recorded / each));
  }
}
