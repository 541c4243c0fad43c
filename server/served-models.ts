/** Which networks a folder holds, so that a page knows what it may choose from. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Names of the sub-folders that hold a card, sorted; none where there is no such folder.
 * @param offered where not all of them are to be offered
 */
export async function servedModels(folder: string, offered?: readonly string[]): Promise<readonly string[]> {
  const installed = await readdir(folder).catch(() => []);
  const names = installed.filter((name) => offered?.includes(name) ?? true);
  const cards = names.map((name) => stat(join(folder, name, 'card.json')).catch(() => undefined));
  const found = await Promise.all(cards);
  return names.filter((_, index) => found[index]?.isFile()).sort();
}
