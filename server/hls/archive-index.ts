/** Which segments a camera's archive has, in memory: in the order they were recorded, and by capture time. */
import type { WallMicros } from '#wire/time.ts';
import { endOf, nameOf, onDisk, type Stored, storedOf } from './archive-names.ts';
import { ArchiveRun } from './archive-run.ts';

/**
 * A capture clock that goes back begins another run: what was recorded stays as it was said, and the same wall clock
 * is told twice, one run after the other.
 */
export class ArchiveIndex {
  /** By number, which is the order they were recorded in. Never an empty one, but maybe the last. */
  #runs: ArchiveRun[] = [];
  readonly #inits = new Map<string, { readonly id: string; segments: number; bytes: number }>();
  #bytes = 0;

  /** What all files take of the disk, init segments with them. */
  get bytes(): number {
    return this.#bytes;
  }

  get segments(): number {
    return this.#runs.reduce((sum, { length }) => sum + length, 0);
  }

  /** The number of the run that a new segment belongs to. */
  runFor(capturedAt: WallMicros): number {
    const run = this.#runs.at(-1);
    const last = run?.last;
    if (run === undefined) return 0;
    return last === undefined || capturedAt > last.capturedAt ? run.number : run.number + 1;
  }

  /** @returns false, having done nothing, where it does not come after the others of its run */
  add(stored: Stored): boolean {
    // One string for an id, however many segments name it.
    const init = this.#inits.get(stored.init) ?? { id: stored.init, segments: 0, bytes: 0 };
    if (!this.#runOf(stored.run).append({ ...stored, init: init.id })) return false;
    init.segments++;
    this.#inits.set(init.id, init);
    this.#bytes += onDisk(stored.bytes);
    return true;
  }

  /** Takes note that an init segment of so many bytes is stored. */
  addInit(id: string, bytes: number): void {
    const init = this.#inits.get(id) ?? { id, segments: 0, bytes: 0 };
    this.#bytes += onDisk(bytes) - onDisk(init.bytes);
    this.#inits.set(id, { ...init, bytes });
  }

  /** Forgets an init segment that no segment needs. */
  removeInit(id: string): void {
    this.#bytes -= onDisk(this.#inits.get(id)?.bytes ?? 0);
    this.#inits.delete(id);
  }

  hasInit(id: string): boolean {
    return (this.#inits.get(id)?.bytes ?? 0) > 0;
  }

  /** Init segments that no segment needs. */
  unneeded(): string[] {
    return [...this.#inits.values()].filter(({ segments }) => segments === 0).map(({ id }) => id);
  }

  /** The one recorded first of all. */
  oldest(): Stored | undefined {
    return this.#runs[0]?.first;
  }

  /** One that ended before this instant, if there is any. */
  endedBefore(instant: WallMicros): Stored | undefined {
    return this.#runs.find(({ first }) => first !== undefined && endOf(first) < instant)?.first;
  }

  /** Forgets a segment, which is the first of its run. */
  remove({ run: number, init: id, bytes }: Stored): void {
    const run = this.#runs.find((one) => one.number === number);
    run?.shift();
    // The last run stays, so that its number is not given to another.
    this.#runs = this.#runs.filter((one, index) => one.length > 0 || index === this.#runs.length - 1);
    const init = this.#inits.get(id);
    if (init !== undefined) init.segments--;
    this.#bytes -= onDisk(bytes);
  }

  /** The segment of this file name, if it is there. */
  named(name: string): Stored | undefined {
    const asked = storedOf(name);
    const run = asked && this.#runs.find(({ number }) => number === asked.run);
    const stored = run?.has(asked!.capturedAt);
    return stored !== undefined && nameOf(stored) === name ? stored : undefined;
  }

  /** Those that overlap the span `from` ≤ t < `to`, each run in the order of its capture times. */
  overlapping(from: WallMicros, to: WallMicros): Iterable<Stored>[] {
    return this.#runs.map((run) => run.overlapping(from, to));
  }

  /** The same in one row, with what must be decoded before the first of each run. */
  playable(from: WallMicros, to: WallMicros): Stored[] {
    return this.#runs.flatMap((run) => {
      const segments = [...run.overlapping(from, to)];
      return segments[0] === undefined ? [] : [...run.before(segments[0]), ...segments];
    });
  }

  #runOf(number: number): ArchiveRun {
    const known = this.#runs.findLast((run) => run.number === number);
    if (known !== undefined) return known;
    const run = new ArchiveRun(number);
    this.#runs.push(run);
    this.#runs.sort((a, b) => a.number - b.number);
    return run;
  }
}
