/** One camera's media, for any number of viewers. */
import { type AccessUnit, sameConfig, type VideoConfig } from '#wire/access-unit.ts';
import type { CameraState } from '#wire/camera-state.ts';
import type { Want } from '#wire/control.ts';
import type { ErrorCode } from '#wire/nightglass-error.ts';
import { type Micros, micros, wallNow } from '#wire/time.ts';
import { DEFAULT_LIMITS, type QueueLimits, runningAfter } from './drop-policy.ts';
import { LastGop } from './last-gop.ts';
import { Reader, type ReaderCounters } from './reader.ts';
import type { ConfigItem, EndItem, Place, UnitItem } from './stream-item.ts';

export interface StreamOptions {
  /** Bytes of the last GOP that are kept for newcomers; of a larger one only the key unit is. 16 MiB. */
  readonly gopBytes?: number;
  /** What one reader may hold back, where its opener says nothing else. */
  readonly limits?: QueueLimits;
  /** A monotonic clock. */
  readonly now?: () => Micros;
}

export interface ReadOptions {
  readonly want: Want;
  readonly limits?: QueueLimits;
  /** False for a reader that nobody watches. */
  readonly viewer?: boolean;
}

type Counted = { -readonly [Name in keyof ReaderCounters]: ReaderCounters[Name] };

const DEFAULT_GOP_BYTES = 16 * 1024 * 1024;
const monotonic = (): Micros => micros(performance.now() * 1000);

/**
 * Numbers the units of a camera that comes and goes, and hands each to every reader: O(readers), without copying a
 * byte and without ever waiting for one of them.
 */
export class Stream {
  /** Told how many readers there are whenever that changes. */
  onReaders: (count: number) => void = () => {};
  /** Told when the last GOP has outgrown its limit: until a key unit comes, newcomers see a still picture. */
  onKeyWanted: () => void = () => {};
  readonly #readers = new Set<Reader>();
  /** Of the readers, those that nobody watches. */
  readonly #unwatched = new Set<Reader>();
  readonly #gop: LastGop;
  readonly #limits: QueueLimits;
  readonly #now: () => Micros;
  readonly #gone: Counted = { delivered: 0, dropped: 0, gaps: 0 };
  #state: CameraState = { state: 'idle', since: wallNow() };
  /** Of the last unit; zeros before the first. */
  #place: Place = { epoch: 0, group: 0, index: 0 };
  /** Of the epoch that runs; undefined until a key unit begins one. */
  #config: VideoConfig | undefined;
  #end: EndItem | undefined;
  #published = 0;
  #publishedAt: Micros;
  #running: Micros = micros(0);

  constructor({
    gopBytes = DEFAULT_GOP_BYTES,
    limits = DEFAULT_LIMITS,
    now = monotonic,
  }: StreamOptions = {}) {
    this.#gop = new LastGop(gopBytes);
    this.#limits = limits;
    this.#now = now;
    this.#publishedAt = now();
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Readers that somebody watches. */
  get viewers(): number {
    return this.#readers.size - this.#unwatched.size;
  }

  /** Units that were given to the readers. */
  get published(): number {
    return this.#published;
  }

  /** Of all readers since the start. */
  get counters(): ReaderCounters {
    const sum = { ...this.#gone };
    for (const reader of this.#readers) add(reader.counters, sum);
    return sum;
  }

  get state(): CameraState {
    return this.#state;
  }

  /** Tells every reader. A camera that is no longer live begins a new epoch when it comes back. */
  setState(state: CameraState): void {
    if (this.#state.state === 'live' && state.state !== 'live') this.discontinuity();
    this.#state = state;
    for (const reader of this.#readers) reader.tell(state);
  }

  /** Begins a new epoch with the next key unit; delta units before it are left out for everybody, and not counted. */
  discontinuity(): void {
    this.#config = undefined;
    this.#gop.clear();
  }

  /** Hands a unit to every reader. Never throws, never waits. After `end` it does nothing. */
  publish(unit: AccessUnit): void {
    if (this.#end !== undefined || (!unit.key && this.#config === undefined)) return;
    const discontinuity = this.#number(unit);
    const now = this.#now();
    this.#running = runningAfter(this.#running, micros(now - this.#publishedAt));
    this.#publishedAt = now;
    this.#published++;
    const item: UnitItem = {
      kind: 'unit',
      ...this.#place,
      unit,
      discontinuity,
      replay: false,
      publishedAt: now,
      runningAt: this.#running,
    };
    const config: ConfigItem | undefined = unit.key
      ? { kind: 'config', ...this.#place, config: unit.config }
      : undefined;
    const gop = this.#gop.add(item);
    for (const reader of this.#readers) reader.publish(item, config);
    if (gop === 'shed') this.onKeyWanted();
  }

  /** So many units were lost on the way from the camera; every reader is told at the next key unit, which must come next. */
  lose(units: number): void {
    if (this.#config === undefined) return;
    this.#gop.lose(units);
    for (const reader of this.#readers) reader.lose(units);
  }

  /** Opens a reader, which begins with the camera's state and, of a live camera, the last GOP. Whoever opens, disposes. */
  read({ want, limits = this.#limits, viewer = true }: ReadOptions): Reader {
    const reader = new Reader(want, limits, {
      replay: () => this.#gop.replay(),
      closed: () => this.#leave(reader),
    });
    this.#readers.add(reader);
    if (!viewer) this.#unwatched.add(reader);
    reader.tell(this.#state);
    if (this.#end !== undefined) reader.finish(this.#end);
    this.onReaders(this.#readers.size);
    return reader;
  }

  /** Ends the stream for all readers, now and later. The first end counts. */
  end(code: ErrorCode | 'closed', message: string): void {
    if (this.#end !== undefined) return;
    this.#end = { kind: 'end', ...this.#place, code, message };
    this.#gop.clear();
    for (const reader of this.#readers) reader.finish(this.#end);
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    this.#unwatched.delete(reader);
    add(reader.counters, this.#gone);
    this.onReaders(this.#readers.size);
  }

  /** Finds the unit's place, and whether it begins an epoch. */
  #number(unit: AccessUnit): boolean {
    const { epoch, group, index } = this.#place;
    if (!unit.key) {
      this.#place = { epoch, group, index: next(index) };
      return false;
    }
    const begins = this.#config === undefined || !sameConfig(this.#config, unit.config);
    this.#config = unit.config;
    this.#place = { epoch: begins ? next(epoch) : epoch, group: next(group), index: 0 };
    return begins;
  }
}

/** The numbers on the wire are u32. */
const next = (number: number): number => (number + 1) >>> 0;

function add(counters: ReaderCounters, sum: Counted): void {
  sum.delivered += counters.delivered;
  sum.dropped += counters.dropped;
  sum.gaps += counters.gaps;
}
