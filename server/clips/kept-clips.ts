/** The clips in the folder, as their evidence describes them. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cameraInId, cameraOfClip, clipFileKind } from '#wire/clip-name.ts';
import type { Evidence, ExportGap } from '#wire/evidence.ts';
import type { KeptClip } from '#wire/kept-clip.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { readEvidenceFile } from './verify-evidence.ts';

/** A recording is one file or two; more of them make a list long. */
const MOST_FILES = 4;
/** Of an exported span, more gaps than these are counted alone. */
const MOST_GAPS = 3;
/** What is held in memory of one clip, characters of JSON. */
const MOST_TEXT = 8192;

export interface Kept {
  readonly clip: KeptClip;
  /** What all its files take. */
  readonly bytes: number;
}

/** The clips that are whole; `damaged` is told of the others. @throws Node's system error */
export async function readKept(
  folder: string,
  damaged: (id: string, error: unknown) => void,
): Promise<Kept[]> {
  const clips: Kept[] = [];
  for (const id of await readdir(folder)) {
    if (cameraOfClip(id) === undefined) continue;
    try {
      clips.push(await readOne(join(folder, id), id));
    } catch (error) {
      damaged(id, error);
    }
  }
  return clips;
}

async function readOne(folder: string, id: string): Promise<Kept> {
  const present = await readdir(folder);
  const clip = keptClip(id, await readEvidenceFile(join(folder, `${id}.json`)), present);
  let taken = 0;
  for (const name of present) {
    const { size } = await lstat(join(folder, name));
    taken += size;
    const recorded = clip.files.find((file) => file.name === name)?.bytes ?? size;
    // Sizes alone: hashing every clip at each start would take too long.
    if (size !== recorded)
      throw new NightglassError('clips/altered', `${name} has another size than was recorded`);
  }
  return { clip, bytes: taken };
}

/**
 * @param present the names of the files that are there
 * @throws NightglassError `clips/bad-evidence`, `clips/missing-file` where evidence and files are not those of one clip
 */
export function keptClip(id: string, evidence: Evidence, present: readonly string[]): KeptClip {
  const { camera, medium, part, from, to, utc, captureClock, end, cutOff } = evidence;
  const { gaps = [] } = evidence.exported ?? {};
  const missing = { gaps: gaps.slice(0, MOST_GAPS).map(gapFields), count: gaps.length };
  const poster = present.find((name) => clipFileKind(id, name) === 'poster');
  const files = evidence.files.map(({ name, shows, bytes, codec, width, height, pictures }) => ({
    ...{ name, shows, bytes, codec, width, height, pictures },
  }));
  const clip: KeptClip = {
    ...{ id, camera, medium, part, from, to, utc, captureClock, end, cutOff, files },
    ...(poster === undefined ? {} : { poster }),
    ...(gaps.length === 0 ? {} : { missing }),
  };
  const names = new Set(files.map(({ name }) => name));
  if (cameraInId(camera.name) !== cameraOfClip(id)) throw bad(`${id} is no clip of ${camera.name}`);
  if (names.size !== files.length || names.size > MOST_FILES)
    throw bad(`it names a file twice, or more than ${MOST_FILES}`);
  if (JSON.stringify(clip).length > MOST_TEXT) throw bad('its texts are too long');
  for (const name of names) {
    if (clipFileKind(id, name) !== 'media') throw bad(`${name} is no name for a file of ${id}`);
    if (!present.includes(name))
      throw new NightglassError('clips/missing-file', `the evidence names ${name}, which did not come`);
  }
  const extra = present.find((name) => clipFileKind(id, name) === 'media' && !names.has(name));
  if (extra !== undefined) throw bad(`it does not name ${extra}, which came`);
  return clip;
}

/** Without what else somebody may have written there. */
const gapFields = ({ from, to, why }: ExportGap): ExportGap => ({ from, to, why });

const bad = (what: string): NightglassError =>
  new NightglassError('clips/bad-evidence', `this evidence does not fit the clip: ${what}`);

/** The newest first, and always in the same order. */
export const newestFirst = (a: KeptClip, b: KeptClip): number =>
  b.from - a.from || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
