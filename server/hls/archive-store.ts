/** One camera's segments as files in its folder: read at the start, written whole, and the oldest deleted in time. */
import { join } from 'node:path';
import { micros, type WallMicros, wallMicros } from '#wire/time.ts';
import { claim } from './archive-claim.ts';
import {
  type FolderIdentity,
  freeBytes,
  identityOf,
  makeFolder,
  makeHour,
  remove,
  removeEmptyHour,
  writeWhole,
} from './archive-disk.ts';
import { ArchiveIndex } from './archive-index.ts';
import { hourOf, initName, onDisk, placeOf, type Stored } from './archive-names.ts';
import { type Scanned, scan } from './archive-scan.ts';
import type { Pause } from './archive-state.ts';
import type { Segment } from './segment.ts';

const GIB = 1024 ** 3;
/** Recording that paused for want of room goes on with so much more than the floor, so that it does not flutter. */
const MARGIN = 1.05;

export interface ArchiveLimits {
  /** Older segments are deleted. */
  readonly hours: number;
  /** What all files may take, block by block; never passed. */
  readonly maxGiB: number;
  /** What must stay free on the disk. */
  readonly freeGiB: number;
}

/** One thing at a time: every method is to be awaited before the next is called. */
export class ArchiveStore {
  readonly #folder: string;
  readonly #limits: ArchiveLimits;
  readonly #now: () => WallMicros;
  #index = new ArchiveIndex();
  /** Of the folder that the index is of; nothing until one was read. */
  #identity: FolderIdentity | undefined;
  #claim: Disposable | undefined;
  #made = false;

  constructor(folder: string, limits: ArchiveLimits, now: () => WallMicros) {
    this.#folder = folder;
    this.#limits = limits;
    this.#now = now;
  }

  /** What is there; another object when the folder was read again. */
  get index(): ArchiveIndex {
    return this.#index;
  }

  /**
   * Reads the folder, the first time and whenever it is another than it was.
   * @returns what was found, where it was read
   * @throws Node's system error
   */
  async attend(): Promise<Scanned | undefined> {
    if (!this.#made) await makeFolder(this.#folder);
    this.#made = true;
    // A folder that was there and is not any more is not made anew: its disk may have been taken away.
    const identity = await identityOf(this.#folder);
    if (identity !== undefined && identity === this.#identity) return undefined;
    this.#identity = undefined;
    this.#index = new ArchiveIndex();
    this.release();
    if (identity === undefined) throw Object.assign(new Error('the folder is gone'), { code: 'ENOENT' });
    this.#claim = await claim(identity);
    const scanned = await scan(this.#folder);
    this.#index = scanned.index;
    this.#identity = identity;
    return scanned;
  }

  /** Lets another archive have the folder. */
  release(): void {
    this.#claim?.[Symbol.dispose]();
    this.#claim = undefined;
  }

  /**
   * Makes room for a segment and writes it, with its init segment where that is not there yet.
   * @param broken it does not follow on what was written before
   * @param waits recording paused for want of room
   * @returns why it was not written, if it was not
   * @throws Node's system error
   */
  async write(segment: Segment, broken: boolean, waits: boolean): Promise<Pause | undefined> {
    const { init, bytes } = segment;
    const needed = onDisk(bytes.byteLength) + onDisk(init.bytes.byteLength);
    if (needed > this.#limits.maxGiB * GIB)
      return { code: 'hls/disk-full', message: 'one segment alone is larger than the time-shift window' };
    await this.trim(needed);
    const floor = this.#limits.freeGiB * GIB;
    if (!(await this.#hasFree(needed + (waits ? floor * MARGIN : floor))))
      return { code: 'hls/disk-full', message: floorMessage(this.#limits.freeGiB) };
    const stored = this.#storedOf(segment, broken);
    await makeHour(this.#folder, stored);
    const itsInit = join(this.#folder, initName(init.id));
    if (!this.#index.hasInit(init.id) || (await identityOf(itsInit)) === undefined) {
      await writeWhole(itsInit, init.bytes);
      this.#index.addInit(init.id, init.bytes.byteLength);
    }
    await writeWhole(join(this.#folder, placeOf(stored)), bytes);
    this.#index.add(stored);
    return undefined;
  }

  /**
   * Deletes what is too old, then the oldest until so many bytes more are within the limit.
   * @throws Node's system error
   */
  async trim(bytes: number): Promise<void> {
    const tooOld = wallMicros(this.#now() - this.#limits.hours * 3600e6);
    const most = this.#limits.maxGiB * GIB - bytes;
    await this.#delete(
      () => this.#index.endedBefore(tooOld) ?? (this.#index.bytes > most ? this.#index.oldest() : undefined),
    );
  }

  /**
   * Whether so many bytes are free on the disk. Where they are not, the oldest segments are deleted that make them so;
   * none is where all of them would not do.
   */
  async #hasFree(bytes: number): Promise<boolean> {
    const missing = bytes - (await freeBytes(this.#folder));
    if (missing <= 0) return true;
    const most = this.#index.bytes - missing;
    if (most < 0) return false;
    await this.#delete(() => (this.#index.bytes > most ? this.#index.oldest() : undefined));
    // A file that somebody reads frees nothing yet.
    return (await freeBytes(this.#folder)) >= bytes;
  }

  /** Deletes what `next` names until it names nothing, then init segments that nothing needs. */
  async #delete(next: () => Stored | undefined): Promise<void> {
    for (let stored = next(); stored !== undefined; stored = next()) {
      await remove(join(this.#folder, placeOf(stored)));
      this.#index.remove(stored);
      await removeEmptyHour(this.#folder, hourOf(stored.capturedAt));
    }
    for (const id of this.#index.unneeded()) {
      await remove(join(this.#folder, initName(id)));
      this.#index.removeInit(id);
    }
  }

  #storedOf(segment: Segment, broken: boolean): Stored {
    const { init, duration, units, bytes, discontinuity, independent } = segment;
    const capturedAt = wallMicros(Math.max(0, Math.round(segment.capturedAt)));
    return {
      capturedAt,
      duration: micros(Math.max(0, Math.round(duration))),
      run: this.#index.runFor(capturedAt),
      pictures: units,
      bytes: bytes.byteLength,
      init: init.id,
      discontinuity: discontinuity || broken,
      independent,
    };
  }
}

const floorMessage = (freeGiB: number): string =>
  freeGiB === 0
    ? 'the disk is full'
    : `the disk has not more free than the ${freeGiB} GiB that are to stay free`;
