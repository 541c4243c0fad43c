/** The pictures that lie in a folder. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.webp']);

export const isPictureName = (name: string): boolean => PICTURES.has(extname(name).toLowerCase());

/** The names of the PNG, JPEG and WebP files in a folder (or that a link in it leads to), sorted. */
export async function pictureNames(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter(isPictureName).sort();
  const areFolders = await Promise.all(names.map((name) => isFolder(join(folder, name))));
  return names.filter((_, at) => !areFolders[at]);
}

/** A link to nowhere is no folder: whoever opens it names it. */
const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
