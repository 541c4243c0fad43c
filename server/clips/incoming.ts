/** Clips on their way to the server: a folder that nothing is listed from, and that no restart keeps. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NightglassError } from '#wire/nightglass-error.ts';
import { codeOf, diskFailure, FOLDER_MODE } from './clip-disk.ts';
import { checkRoom, type Room, receiveFile } from './receive-file.ts';

/** Who began so many has some of them finished or given up first. */
const MOST_CLIPS = 32;
/** A clip of which nothing more came for so long is given up. */
const GIVEN_UP_MS = 3_600_000;

interface Begun {
  /** Bytes by the file's name. */
  readonly files: Map<string, number>;
  touched: number;
}

export class Incoming {
  readonly folder: string;
  readonly #now: () => number;
  readonly #begun = new Map<string, Begun>();
  readonly #held = new Set<string>();

  /** @param now milliseconds, which ages are counted by */
  constructor(folder: string, now: () => number) {
    this.folder = folder;
    this.#now = now;
  }

  /** Makes the folder anew: what a server before left unfinished goes. @throws Node's system error */
  async clear(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { mode: FOLDER_MODE });
  }

  pathOf(id: string): string {
    return join(this.folder, id);
  }

  /** The names of the files that came for a clip. */
  filesOf(id: string): readonly string[] {
    return [...(this.#begun.get(id)?.files.keys() ?? [])];
  }

  /** What the files that came for a clip take. */
  bytesOf(id: string): number {
    return [...(this.#begun.get(id)?.files.values() ?? [])].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** One at a time works on a clip. @throws NightglassError `clips/busy` */
  hold(id: string): Disposable {
    if (this.#held.has(id)) throw new NightglassError('clips/busy', 'this clip is being worked on already');
    this.#held.add(id);
    return { [Symbol.dispose]: () => void this.#held.delete(id) };
  }

  /** Takes a file of a clip that is held. One of that name before it goes. @throws as `receiveFile`, `clips/busy` */
  async receive(id: string, name: string, { body, declared }: Upload, room: Room): Promise<void> {
    await checkRoom(declared ?? 0, room);
    const begun = this.#begin(id);
    begun.touched = this.#now();
    const bytes = await this.#received(id, name, body, room);
    room.take(-(begun.files.get(name) ?? 0));
    begun.files.set(name, bytes);
    begun.touched = this.#now();
  }

  /** A held clip is not incoming any more: its files went elsewhere, and still take their room. */
  handedOver(id: string): void {
    this.#begun.delete(id);
  }

  /** Removes what came of a clip that is held. */
  async drop(id: string, room: Room): Promise<void> {
    for (const bytes of this.#begun.get(id)?.files.values() ?? []) room.take(-bytes);
    this.#begun.delete(id);
    await rm(this.pathOf(id), { recursive: true, force: true }).catch(() => {});
  }

  /** Removes what nothing more came of for an hour. */
  async sweep(room: Room): Promise<void> {
    for (const [id, { touched }] of this.#begun) {
      if (this.#held.has(id) || this.#now() - touched < GIVEN_UP_MS) continue;
      using _ = this.hold(id);
      await this.drop(id, room);
    }
  }

  #begin(id: string): Begun {
    const begun = this.#begun.get(id) ?? { files: new Map(), touched: 0 };
    if (!this.#begun.has(id) && this.#begun.size >= MOST_CLIPS)
      throw new NightglassError('clips/busy', 'too many clips are on their way; try again later');
    this.#begun.set(id, begun);
    return begun;
  }

  async #received(id: string, name: string, body: Upload['body'], room: Room): Promise<number> {
    try {
      return await receiveFile(join(await this.#folderOf(id), name), body, room);
    } catch (error) {
      // A clip of which nothing came does not count among those that were begun.
      if (this.filesOf(id).length === 0) await this.drop(id, room);
      throw error;
    }
  }

  async #folderOf(id: string): Promise<string> {
    const path = this.pathOf(id);
    try {
      // Not the folders above it: where they are gone, so is the disk they were on.
      await mkdir(path, { mode: FOLDER_MODE });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw diskFailure(error);
    }
    return path;
  }
}

/** A file as it comes. */
export interface Upload {
  readonly body: AsyncIterable<Uint8Array>;
  /** How many bytes there will be, where that was said. */
  readonly declared?: number;
}
