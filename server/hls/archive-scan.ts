/** A camera's folder → the index of what is whole in it. Half-written files go, files of others stay. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { remove, removeEmptyHour } from './archive-disk.ts';
import { ArchiveIndex } from './archive-index.ts';
import { initOf, isHalf, isHour, placeOf, storedOf } from './archive-names.ts';

export interface Scanned {
  readonly index: ArchiveIndex;
  /** Files that were half-written or cut short, or lacked their init segment: they are deleted. */
  readonly broken: number;
  /** Names that are not the archive's, and how many there are: they are left alone. */
  readonly foreign: { readonly count: number; readonly first: string | undefined };
}

/**
 * Costs a look at every file. They are looked at one after another, an hour of them at a time, which is several times
 * faster than to ask for each by itself; in between the server does its other work.
 * @throws Node's system error
 */
export async function scan(folder: string): Promise<Scanned> {
  const index = new ArchiveIndex();
  let broken = 0;
  let count = 0;
  let first: string | undefined;
  const foreign = (name: string): void => {
    count++;
    first ??= name;
  };
  const drop = async (place: string): Promise<void> => {
    // On a disk that can only be read the past is there all the same.
    await remove(join(folder, place)).catch(() => {});
    broken++;
  };

  const hours: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const { name } = entry;
    const init = entry.isFile() ? initOf(name) : undefined;
    if (entry.isDirectory() && isHour(name)) hours.push(name);
    else if (entry.isFile() && isHalf(name)) await drop(name);
    else if (init === undefined) foreign(name);
    else {
      const bytes = await readFile(join(folder, name));
      if (createHash('sha256').update(bytes).digest('hex').startsWith(init))
        index.addInit(init, bytes.length);
      else await drop(name);
    }
  }
  // By name they are in the order of their capture times.
  for (const hour of hours.sort()) {
    const entries = readdirSync(join(folder, hour), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const place = `${hour}/${entry.name}`;
      const stored = entry.isFile() ? storedOf(entry.name) : undefined;
      if (entry.isFile() && isHalf(entry.name)) await drop(place);
      else if (stored === undefined || placeOf(stored) !== place) foreign(place);
      else if (!index.hasInit(stored.init) || lstatSync(join(folder, place)).size !== stored.bytes)
        await drop(place);
      else if (!index.add(stored)) foreign(place);
    }
    await removeEmptyHour(folder, hour);
    await nextTurn();
  }
  return { index, broken, foreign: { count, first } };
}
