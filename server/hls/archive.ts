/** One camera's time-shift window: takes segments as they come, and gives the past back. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { type Micros, type WallMicros, wallMicros, wallNow } from '#wire/time.ts';
import type { Span } from '#wire/timeline.ts';
import { initName, initOf, placeOf } from './archive-names.ts';
import { pastPlaylist } from './archive-playlist.ts';
import { ArchiveQueue } from './archive-queue.ts';
import { spansOf } from './archive-spans.ts';
import { type ArchiveLog, type ArchiveState, ArchiveStatus, type Pause, pauseOf } from './archive-state.ts';
import { type ArchiveLimits, ArchiveStore } from './archive-store.ts';
import { NOTHING_HANDED_ON } from './handed-on.ts';
import type { Segment } from './segment.ts';

/** What is too old goes even while the camera is silent. */
const TRIM_EVERY_MS = 60_000;
/** A disk that hangs does not hold up the end of the server. */
const CLOSE_WITHIN_MS = 5000;

/**
 * The owner of its folder: no other archive may have it, in this server or another. A disk that fails throws nothing
 * here: the state says so, and recording goes on by itself.
 */
export class Archive implements AsyncDisposable {
  readonly folder: string;
  readonly limits: ArchiveLimits;
  /** Resolves when the folder was read, or could not be. Until then nothing of the past is known. */
  readonly ready: Promise<void>;
  readonly #store: ArchiveStore;
  readonly #status: ArchiveStatus;
  readonly #queue = new ArchiveQueue();
  readonly #trimming: NodeJS.Timeout;
  #closed = false;
  /** A segment was not taken: what comes next does not follow on. */
  #missed = false;
  /** The same of what was taken and could not be written, and of all that was written before the start. */
  #broken = true;

  private constructor(folder: string, limits: ArchiveLimits, log: ArchiveLog, now: () => WallMicros) {
    this.folder = folder;
    this.limits = limits;
    this.#store = new ArchiveStore(folder, limits, now);
    this.#status = new ArchiveStatus(log, folder);
    this.ready = this.trim();
    this.#trimming = setInterval(() => this.trim(), TRIM_EVERY_MS);
    this.#trimming.unref();
  }

  /**
   * Begins to read the folder, which is made where there is none; segments may be added at once.
   * @param now the wall clock that ages are counted by
   */
  static open(folder: string, limits: ArchiveLimits, log: ArchiveLog, now = wallNow): Archive {
    return new Archive(folder, limits, log, now);
  }

  get state(): ArchiveState {
    return this.#status.state;
  }

  /** What all its files take of the disk, bytes. */
  get bytes(): number {
    return this.#store.index.bytes;
  }

  /** Segments that came and are not in the past, since the start, and their sum. */
  get leftOut(): { readonly segments: number; readonly time: Micros } {
    return { segments: this.#status.leftOut, time: this.#status.leftOutTime };
  }

  /** Stops taking segments, and waits for those that were taken, but not for ever. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#trimming);
    this.#closed = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_WITHIN_MS);
    });
    await Promise.race([this.#queue.push(0, async () => {}), late]);
    clearTimeout(timer);
    this.#store.release();
  }

  /**
   * Resolves when the segment is on the disk, and so in the past, or is left out, which the state tells. Not to be
   * waited for: a disk that is too slow must not hold up the camera. Never rejects.
   */
  async add(segment: Segment): Promise<void> {
    if (this.#closed) return;
    const bytes = segment.bytes.byteLength;
    if (!this.#queue.admits(bytes)) {
      this.#missed = true;
      this.#leaveOut(segment, { code: 'hls/disk-slow', message: 'the disk is slower than the camera' });
      return;
    }
    const missed = this.#missed;
    this.#missed = false;
    await this.#queue.push(bytes, () => this.#record(segment, missed));
  }

  /** The spans of wall clock that are covered, of segments that overlap `from` ≤ t < `to`. */
  spans(from = wallMicros(0), to = wallMicros(Number.MAX_SAFE_INTEGER)): Span[] {
    return spansOf(this.#store.index.overlapping(from, to));
  }

  /**
   * A finished playlist of the segments that overlap `from` ≤ t < `to`, with what must be decoded before them. Its
   * files are in the folder `past/` beside it.
   * @throws NightglassError `hls/nothing-recorded`
   */
  playlist(from: WallMicros, to: WallMicros, carried = NOTHING_HANDED_ON): string {
    const segments = this.#store.index.playable(from, to);
    if (segments.length === 0)
      throw new NightglassError('hls/nothing-recorded', 'nothing of that time is recorded');
    return pastPlaylist(segments, 'past/', carried);
  }

  /** Where a file of a playlist lies within `folder`; nothing for any other name. */
  file(name: string): string | undefined {
    const { index } = this.#store;
    const init = initOf(name);
    if (init !== undefined) return index.hasInit(init) ? initName(init) : undefined;
    const stored = index.named(name);
    return stored && placeOf(stored);
  }

  /** The name of the init segment that a segment of a playlist needs; nothing for any other name. */
  initFor(name: string): string | undefined {
    const stored = this.#store.index.named(name);
    return stored && initName(stored.init);
  }

  /** Deletes what is too old or too much. Never rejects. */
  trim(): Promise<void> {
    return this.#queue.push(0, async () => {
      try {
        await this.#attend();
        await this.#store.trim(0);
      } catch (error) {
        this.#status.paused(pauseOf(error), error);
      }
    });
  }

  async #record(segment: Segment, missed: boolean): Promise<void> {
    const waits = this.#pausedFor('hls/disk-full');
    const broken = missed || this.#broken;
    this.#broken = true;
    try {
      await this.#attend();
      const pause = await this.#store.write(segment, broken, waits);
      if (pause !== undefined) return this.#leaveOut(segment, pause);
    } catch (error) {
      return this.#leaveOut(segment, pauseOf(error), error);
    }
    this.#broken = false;
    // A disk that was too slow is not while anything else waits for it.
    const caughtUp = this.#queue.bytes === segment.bytes.byteLength;
    if (caughtUp || !this.#pausedFor('hls/disk-slow')) this.#status.recorded();
  }

  async #attend(): Promise<void> {
    const scanned = await this.#store.attend();
    if (scanned !== undefined) this.#status.found(scanned);
  }

  #leaveOut({ duration }: Segment, pause: Pause, cause?: unknown): void {
    this.#status.leaveOut(duration);
    this.#status.paused(pause, cause);
  }

  #pausedFor(code: Pause['code']): boolean {
    const { state } = this;
    return state.state === 'paused' && state.code === code;
  }
}
