/** Writes to the disk what comes over the network, whole or not at all. */
import { open, rename, rm } from 'node:fs/promises';
import { NightglassError } from '#wire/nightglass-error.ts';
import { diskFailure, diskFull, FILE_MODE } from './clip-disk.ts';

export interface Room {
  /** Of one file, bytes. */
  readonly file: number;
  /** What all clips together may still take, bytes. */
  left(): number;
  /** Counts so many bytes as taken, or fewer as given back. */
  take(bytes: number): void;
  /** Bytes that may be written until the disk has no more than it is to keep free. */
  disk(): Promise<number>;
}

/** So often the disk is asked what room it has, bytes: others write to it too. */
const ASK_EVERY = 1024 * 1024;

/** What is added to a file's name while it comes. */
const HALF = '.part';

/** @throws NightglassError where so many bytes have no room: `clips/too-large`, `clips/no-room`, `clips/disk-full` */
export async function checkRoom(bytes: number, room: Room): Promise<void> {
  if (bytes > room.file) throw tooLarge(room.file);
  if (bytes > room.left()) throw noRoom();
  if (bytes > (await room.disk())) throw diskFull();
}

/**
 * Resolves with the number of bytes, which are taken then, when all of them are on the disk under this path. Where they
 * are not, nothing of them is left or taken.
 * @throws as `checkRoom`, NightglassError `clips/disk-failed`, and what `body` throws
 */
export async function receiveFile(
  path: string,
  body: AsyncIterable<Uint8Array>,
  room: Room,
): Promise<number> {
  const half = path + HALF;
  let bytes = 0;
  try {
    const file = await open(half, 'w', FILE_MODE);
    try {
      let ask = 0;
      for await (const piece of body) {
        if (bytes + piece.length > room.file) throw tooLarge(room.file);
        if (piece.length > room.left()) throw noRoom();
        room.take(piece.length);
        bytes += piece.length;
        if (bytes >= ask) {
          if ((await room.disk()) < piece.length) throw diskFull();
          ask = bytes + ASK_EVERY;
        }
        await file.writeFile(piece);
      }
      // A disk may take the bytes and fail later: only this waits for the failure.
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(half, path);
    return bytes;
  } catch (error) {
    room.take(-bytes);
    await rm(half, { force: true }).catch(() => {});
    throw diskFailure(error);
  }
}

const tooLarge = (limit: number): NightglassError =>
  new NightglassError('clips/too-large', `a file of at most ${limit} bytes was expected, more came`);

const noRoom = (): NightglassError =>
  new NightglassError(
    'clips/no-room',
    'the clips on the server have taken all the room they may: delete some first',
  );
