/** What the archive does with its folder: whole files or none, never a file outside it. */
import { mkdir, open, rename, rmdir, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { HALF, hourOf, type Stored } from './archive-names.ts';

/** Recordings are for the server's own user. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Tells one folder from another at the same path: after an unmount there is another, or none. */
export type FolderIdentity = string;

/** Makes the folder where there is none. @throws Node's system error */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
}

/** Nothing where there is no folder. */
export async function identityOf(folder: string): Promise<FolderIdentity | undefined> {
  try {
    const { dev, ino } = await stat(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Bytes that this process may still write to the folder's disk. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Makes the folder of a segment's hour; the camera's own has to be there. */
export async function makeHour(folder: string, { capturedAt }: Stored): Promise<void> {
  await mkdir(join(folder, hourOf(capturedAt)), { mode: FOLDER_MODE }).catch((error) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

/**
 * Resolves when the bytes are on the disk under this path, all of them. Where they cannot be, nothing of them is left.
 * @throws Node's system error, e.g. ENOSPC
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const half = path + HALF;
  try {
    const file = await open(half, 'w', FILE_MODE);
    try {
      await file.writeFile(bytes);
      // A disk may take the bytes and fail later: only this waits for the failure.
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(half, path);
  } catch (error) {
    await unlink(half).catch(() => {});
    throw error;
  }
}

/** Takes a file away; one that is not there is no failure. */
export async function remove(path: string): Promise<void> {
  await unlink(path).catch((error) => {
    if (!isGone(error)) throw error;
  });
}

/** Takes the folder of an hour away if nothing is in it. */
export async function removeEmptyHour(folder: string, hour: string): Promise<void> {
  await rmdir(join(folder, hour)).catch(() => {});
}

/** The code of a system error, e.g. `ENOSPC`. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
}

const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
