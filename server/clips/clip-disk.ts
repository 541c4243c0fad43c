/** What the clips' store does with its disk, and what its failures are called. */
import { open, statfs } from 'node:fs/promises';
import { NightglassError } from '#wire/nightglass-error.ts';

/** Clips are for the server's own user. */
export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

/** Bytes that this process may still write to the folder's disk. @throws NightglassError `clips/disk-failed` */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    throw diskFailure(error);
  }
}

/** Resolves when the names in the folder are on the disk, where the file system can do that. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** The code of a system error, e.g. `ENOSPC`. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
}

export const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));

/** Gives a failure of the disk its name; any other comes back as it is. */
export function diskFailure(cause: unknown): unknown {
  const { syscall } = (cause ?? {}) as { syscall?: unknown };
  const code = codeOf(cause);
  // A system call's failure: everything else is a fault of ours, or one that has its name.
  if (cause instanceof NightglassError || typeof syscall !== 'string') return cause;
  if (FULL.has(code)) return diskFull(cause);
  return new NightglassError('clips/disk-failed', `the folder of the clips failed (${code})`, { cause });
}

export const diskFull = (cause?: unknown): NightglassError =>
  new NightglassError('clips/disk-full', 'the disk of the clips has too little room left for this', {
    cause,
  });

const FULL = new Set(['ENOSPC', 'EDQUOT']);
