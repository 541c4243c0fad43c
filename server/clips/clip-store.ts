/** The clips kept on this server: taken in whole with evidence that fits, listed, given back and deleted. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clipFileKind } from '#wire/clip-name.ts';
import { EVIDENCE_LIMIT } from '#wire/evidence.ts';
import type { KeptClip, KeptClips } from '#wire/kept-clip.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { codeOf, diskFailure, FOLDER_MODE, freeBytes, isGone, syncFolder } from './clip-disk.ts';
import { Incoming, type Upload } from './incoming.ts';
import { type Kept, keptClip, newestFirst, readKept } from './kept-clips.ts';
import type { Room } from './receive-file.ts';
import { readEvidenceFile, verifyEvidence } from './verify-evidence.ts';

/** All in bytes. */
export interface ClipLimits {
  /** Of one file. */
  readonly file: number;
  /** Of all clips together. */
  readonly all: number;
  /** What is left free on the disk. */
  readonly free: number;
}

export interface ClipLog {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
}

const POSTER_LIMIT = 2 * 1024 * 1024;
const MOST_CLIPS = 10_000;
const SWEEP_EVERY_MS = 600_000;

/** The owner of its folder: no other store may have it, in this server or another. */
export class ClipStore implements Disposable {
  readonly folder: string;
  readonly #limits: ClipLimits;
  readonly #log: ClipLog;
  readonly #incoming: Incoming;
  readonly #kept = new Map<string, Kept>();
  readonly #sweeping: NodeJS.Timeout;
  #loading: Promise<void> | undefined;
  /** What the clips take, those on their way too, bytes. */
  #taken = 0;

  private constructor(folder: string, limits: ClipLimits, log: ClipLog, now: () => number) {
    this.folder = folder;
    this.#limits = limits;
    this.#log = log;
    this.#incoming = new Incoming(join(folder, '.incoming'), now);
    this.#sweeping = setInterval(() => this.sweep(), SWEEP_EVERY_MS);
    this.#sweeping.unref();
  }

  /**
   * Begins to read the folder, which is made where there is none. One that cannot be read is tried again when it is
   * needed. @param now milliseconds, which the age of what was left unfinished is counted by
   */
  static open(folder: string, limits: ClipLimits, log: ClipLog, now = Date.now): ClipStore {
    const store = new ClipStore(folder, limits, log, now);
    store.ready().catch(() => {});
    return store;
  }

  /** Resolves when the folder was read. @throws NightglassError `clips/disk-failed`, `clips/disk-full` */
  ready(): Promise<void> {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = undefined;
      const { folder } = this;
      this.#log.warn({ folder, error }, 'the folder of the clips cannot be read');
      throw diskFailure(error);
    });
    return this.#loading;
  }

  find(id: string): KeptClip | undefined {
    return this.#kept.get(id)?.clip;
  }

  /** Of the clips that pass, so many that follow `after`, the newest first. */
  list(mayView: (camera: string) => boolean, after: Pick<KeptClip, 'from' | 'id'> | undefined, most: number) {
    const all = [...this.#kept.values()].map(({ clip }) => clip).filter(({ camera }) => mayView(camera.name));
    const rest = all
      .sort(newestFirst)
      .filter((clip) => after === undefined || newestFirst(clip, after as KeptClip) > 0);
    return { clips: rest.slice(0, most), more: rest.length > most };
  }

  /** What may come, as far as is known now: the disk may have less. Bytes. */
  get room(): KeptClips['room'] {
    return { file: this.#limits.file, all: Math.max(0, this.#limits.all - this.#taken) };
  }

  /** Where a kept clip's file lies, relative to the folder; nothing where the clip has no such file. */
  fileOf(id: string, name: string): string | undefined {
    const clip = this.find(id);
    const names = clip && [...clip.files.map((file) => file.name), `${id}.json`, clip.poster];
    return names?.includes(name) ? join(id, name) : undefined;
  }

  /**
   * Takes a file of a clip whose evidence comes later.
   * @throws NightglassError `clips/…`: `exists`, `busy`, `too-large`, `no-room`, `disk-full`, `disk-failed`; what `body` throws
   */
  async receive(id: string, name: string, upload: Upload): Promise<void> {
    await this.ready();
    using _ = this.#incoming.hold(id);
    this.#checkNew(id);
    const limit = clipFileKind(id, name) === 'poster' ? POSTER_LIMIT : this.#limits.file;
    await this.#incoming.receive(id, name, upload, this.#roomFor(limit));
  }

  /**
   * Takes the evidence of a clip, and lists the clip if its files are those of the evidence. If they are not, all that
   * came of it is gone. @param mayView asked of the camera that the evidence names
   * @throws as `receive`, and `clips/bad-evidence`, `clips/missing-file`, `clips/altered`, `clips/unsafe-path`
   */
  async keep(id: string, upload: Upload, mayView: (camera: string) => boolean): Promise<KeptClip> {
    await this.ready();
    using _ = this.#incoming.hold(id);
    this.#checkNew(id);
    const room = this.#roomFor(EVIDENCE_LIMIT);
    await this.#incoming.receive(id, `${id}.json`, upload, room);
    try {
      const clip = await this.#checked(id, mayView);
      const bytes = await this.#moveIn(id);
      this.#kept.set(id, { clip, bytes });
      this.#incoming.handedOver(id);
      this.#log.info({ clip: id }, 'clip kept');
      return clip;
    } catch (error) {
      await this.#incoming.drop(id, room);
      throw diskFailure(error);
    }
  }

  /** Deletes a clip; one that is not kept is no failure. @throws NightglassError `clips/busy`, `clips/disk-failed` */
  async delete(id: string): Promise<void> {
    await this.ready();
    using _ = this.#incoming.hold(id);
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    const gone = this.#incoming.pathOf(`${id}.deleted`);
    try {
      // Not listed from here on, however much of it can be removed.
      await rename(join(this.folder, id), gone);
    } catch (error) {
      if (!isGone(error)) throw diskFailure(error);
    }
    this.#kept.delete(id);
    this.#taken -= kept.bytes;
    this.#log.info({ clip: id }, 'clip deleted');
    await rm(gone, { recursive: true, force: true }).catch(() => {});
  }

  /** Removes what was left unfinished for an hour. Never rejects. */
  async sweep(): Promise<void> {
    await this.#incoming.sweep(this.#roomFor(0)).catch(() => {});
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeping);
  }

  async #load(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: FOLDER_MODE });
    await this.#incoming.clear();
    const kept = await readKept(this.folder, (id, error) =>
      this.#log.warn({ clip: id, error }, 'a clip is damaged and not listed'),
    );
    for (const one of kept) this.#kept.set(one.clip.id, one);
    this.#taken = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #checkNew(id: string): void {
    if (this.#kept.has(id)) throw exists();
    if (this.#kept.size >= MOST_CLIPS)
      throw new NightglassError(
        'clips/no-room',
        `the server keeps ${MOST_CLIPS} clips at most: delete some first`,
      );
  }

  async #checked(id: string, mayView: (camera: string) => boolean): Promise<KeptClip> {
    const json = join(this.#incoming.pathOf(id), `${id}.json`);
    const evidence = await readEvidenceFile(json);
    if (!mayView(evidence.camera.name))
      throw new NightglassError('http/not-found', `there is no camera named ${evidence.camera.name}`);
    const clip = keptClip(id, evidence, this.#incoming.filesOf(id));
    const { findings } = await verifyEvidence(json);
    const broken = findings.find(({ code }) => code !== undefined);
    if (broken?.code !== undefined) throw new NightglassError(broken.code, broken.text);
    return clip;
  }

  /** Makes the clip one of those that are kept, by one rename. Gives what it takes. */
  async #moveIn(id: string): Promise<number> {
    const from = this.#incoming.pathOf(id);
    await syncFolder(from);
    try {
      await rename(from, join(this.folder, id));
    } catch (error) {
      throw ['ENOTEMPTY', 'EEXIST'].includes(codeOf(error)) ? exists() : error;
    }
    await syncFolder(this.folder);
    return this.#incoming.bytesOf(id);
  }

  #roomFor(file: number): Room {
    return {
      file,
      left: () => this.#limits.all - this.#taken,
      take: (bytes) => {
        this.#taken += bytes;
      },
      disk: async () => (await freeBytes(this.folder)) - this.#limits.free,
    };
  }
}

const exists = (): NightglassError =>
  new NightglassError('clips/exists', 'this clip is on the server already');
