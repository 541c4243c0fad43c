/** Whether an archive records, and what it could not: told in the log once per change. */
import type { ErrorCode } from '#wire/nightglass-error.ts';
import { type Micros, micros, type WallMicros, wallNow } from '#wire/time.ts';
import type { RecordingState } from '#wire/timeline.ts';
import { codeOf } from './archive-disk.ts';
import type { Scanned } from './archive-scan.ts';

/** A logger, as pino's. */
export interface ArchiveLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export type ArchiveState = RecordingState & { readonly since: WallMicros };

/** Why nothing is recorded. `message` is for viewers: it names no folder. */
export interface Pause {
  readonly code: Extract<ErrorCode, 'hls/disk-full' | 'hls/disk-failed' | 'hls/disk-slow'>;
  readonly message: string;
}

const NO_ROOM = ['ENOSPC', 'EDQUOT'];

/** What a failure of the disk means. */
export function pauseOf(error: unknown): Pause {
  const code = codeOf(error);
  if (NO_ROOM.includes(code))
    return { code: 'hls/disk-full', message: `the disk has no room for the time-shift window (${code})` };
  if (code === 'EBUSY')
    return { code: 'hls/disk-failed', message: 'another server records into the same folder (EBUSY)' };
  return { code: 'hls/disk-failed', message: `the disk of the time-shift window failed (${code})` };
}

export class ArchiveStatus {
  readonly #log: ArchiveLog;
  readonly #folder: string;
  #state: ArchiveState = { state: 'recording', since: wallNow() };
  /** Segments that came and were not recorded, since the start, and their sum. */
  leftOut = 0;
  leftOutTime: Micros = micros(0);
  /** Of those, how many had been told of when recording last went on. */
  #told = 0;

  constructor(log: ArchiveLog, folder: string) {
    this.#log = log;
    this.#folder = folder;
  }

  get state(): ArchiveState {
    return this.#state;
  }

  /** A segment is recorded. */
  recorded(): void {
    if (this.#state.state === 'recording') return;
    this.#state = { state: 'recording', since: wallNow() };
    const leftOut = this.leftOut - this.#told;
    this.#told = this.leftOut;
    this.#log.info({ folder: this.#folder, leftOut }, 'time-shift: recording goes on');
  }

  paused({ code, message }: Pause, cause?: unknown): void {
    const now = this.#state;
    if (now.state === 'paused' && now.code === code && now.message === message) return;
    this.#state = { state: 'paused', since: wallNow(), code, message };
    const fields = { folder: this.#folder, code, ...(cause === undefined ? {} : { cause: String(cause) }) };
    this.#log.warn(fields, `time-shift: recording pauses: ${message}`);
  }

  leaveOut(duration: Micros): void {
    this.leftOut++;
    this.leftOutTime = micros(this.leftOutTime + duration);
  }

  /** What was found in the folder that is not the archive's, or is no use. */
  found({ broken, foreign }: Pick<Scanned, 'broken' | 'foreign'>): void {
    const folder = this.#folder;
    if (broken > 0) this.#log.warn({ folder, files: broken }, 'time-shift: half-written files were deleted');
    const { count, first } = foreign;
    if (count === 0) return;
    this.#log.warn({ folder, files: count, first }, 'time-shift: files of others are left alone');
  }
}
