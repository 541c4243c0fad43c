/** Which files are to be enhanced, and what each becomes. */
import { constants, statSync } from 'node:fs';
import { access, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, parse } from 'node:path';
import { reasonOf } from './command.ts';
import { isPictureName, pictureNames } from './picture-names.ts';

export interface Work {
  readonly kind: 'picture' | 'video';
  readonly name: string;
  readonly source: string;
  readonly target: string;
}

const VIDEOS = new Set(
  [
    'mp4',
    'm4v',
    'mov',
    'mkv',
    'webm',
    'avi',
    'ts',
    'mts',
    'm2ts',
    'mpg',
    'mpeg',
    'flv',
    'wmv',
    '3gp',
    'asf',
  ].map((name) => `.${name}`),
);

/**
 * Pictures first, each kind by its names; the folder of the targets is there afterwards.
 * @throws Error of one sentence that names the option
 */
export async function findWorks(from: string, to: string): Promise<readonly Work[]> {
  const entry = statSync(from, { throwIfNoEntry: false });
  if (!entry) {
    const what = isPictureName(from) || isVideoName(from) ? 'file' : 'folder';
    throw new Error(`--in: there is no ${what} ${from}`);
  }
  if (!entry.isDirectory()) return [await single(from, to)];
  const pictures = await pictureNames(from);
  const videos = (await readdir(from, { withFileTypes: true }))
    .filter((file) => isVideoName(file.name) && !file.isDirectory())
    .map(({ name }) => name)
    .sort();
  if (pictures.length + videos.length === 0)
    throw new Error(`There are no PNG, JPEG or WebP pictures and no videos in ${from}`);
  await makeFolder(to);
  if ((await realpath(from)) === (await realpath(to)))
    throw new Error('--out: another folder than that of --in was expected, so that nothing is lost');
  return [...pictures, ...videos].map((name) => workOf(from, name, to));
}

/** Whether the target is there, whole, and not older than its source. */
export async function isFinished({ source, target }: Work): Promise<boolean> {
  const made = await stat(target).catch(() => undefined);
  return made !== undefined && made.mtimeMs >= (await stat(source)).mtimeMs;
}

const isVideoName = (name: string): boolean => VIDEOS.has(extname(name).toLowerCase());

/** A file that is no picture by its name is taken for a video: ffmpeg knows more of them than a list. */
async function single(from: string, to: string): Promise<Work> {
  const work = workOf(dirname(from), basename(from), to);
  const ending = extname(work.target);
  const isFolder = extname(to) === '' || (await stat(to).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder && extname(to).toLowerCase() !== ending)
    throw new Error(`--out: a folder or a name that ends in ${ending} was expected, ${to} came`);
  const named = isFolder ? work : { ...work, target: to };
  await makeFolder(dirname(named.target));
  if ((await realpath(from)) === (await realpath(named.target).catch(() => undefined)))
    throw new Error('--out: another file than that of --in was expected, so that nothing is lost');
  return named;
}

function workOf(folder: string, name: string, to: string): Work {
  const kind = isPictureName(name) ? 'picture' : 'video';
  const target = join(to, `${parse(name).name}.${kind === 'picture' ? 'png' : 'mp4'}`);
  return { kind, name, source: join(folder, name), target };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new Error(`--out: ${folder} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}
