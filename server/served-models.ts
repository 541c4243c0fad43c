/** Which networks a folder holds, so that a page knows what it may choose from. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of the sub-folders that hold a card, sorted; none where there is no such folder. */
export async function servedModels(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const cards = names.map((name) => stat(join(folder, name, 'card.json')).catch(() => undefined));
  const found = await Promise.all(cards);
  return names.filter((_, index) => found[index]?.isFile()).sort();
}
