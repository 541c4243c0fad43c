/** Files that appear whole: written under another name beside their own, and renamed at the end. */
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Has `write` write a file of the given name, which takes the target's place when it is whole and goes when it is not.
 * What an ended process left under that name is overwritten.
 */
export async function whole(target: string, write: (file: string) => Promise<void>): Promise<void> {
  const file = join(dirname(target), `.${basename(target)}.unfinished`);
  try {
    await write(file);
    await rename(file, target);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}
