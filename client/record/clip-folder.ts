/** Where clips lie on the browser's private disk (OPFS): one folder for each, under one of ours. For workers. */
import { type EvidenceFacts, type EvidenceFile, sealed, spanOf } from '#wire/evidence.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { hashCut, sha256OfText } from './clip-file.ts';
import { readJournal } from './journal.ts';
import { CLIPS_FOLDER } from './shelf-names.ts';
import { openSyncFile } from './sync-file.ts';

export const JOURNAL = 'journal';

/** @throws NightglassError `record/no-storage` */
export async function openClips(): Promise<FileSystemDirectoryHandle> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(CLIPS_FOLDER, { create: true });
  } catch (cause) {
    throw new NightglassError('record/no-storage', `the browser keeps no files for this page: ${cause}`, {
      cause,
    });
  }
}

/** Seals what is known of a clip and puts it beside the clip's files: from then on the clip is whole. */
export async function writeEvidence(folder: FileSystemDirectoryHandle, facts: EvidenceFacts): Promise<void> {
  const text = JSON.stringify(sealed(facts, sha256OfText), null, 2);
  const file = await openSyncFile(folder, `${folder.name}.json`, { create: true });
  try {
    file.truncate(0);
    file.write(new TextEncoder().encode(`${text}\n`), { at: 0 });
    file.flush();
  } finally {
    file.close();
  }
}

/** Removes the journal, which is closed: the clip's evidence is written. */
export async function removeJournal(folder: FileSystemDirectoryHandle): Promise<void> {
  await folder.removeEntry(JOURNAL).catch(() => undefined);
}

/** Runs while no other page opens a clip or looks for unfinished ones: a folder is one of the two only with its journal. */
export const alone = <Outcome>(task: () => Promise<Outcome>): Promise<Outcome> =>
  navigator.locks.request(CLIPS_FOLDER, task) as Promise<Outcome>;

/**
 * Finishes a clip that a page left unfinished: cuts its files to what was written whole, and says so in its evidence.
 * A folder in which nothing was recorded yet is removed. One that another tab is recording into is left alone.
 */
export async function recoverClip(clips: FileSystemDirectoryHandle, id: string): Promise<void> {
  const folder = await clips.getDirectoryHandle(id);
  let journal: Awaited<ReturnType<typeof openSyncFile>>;
  try {
    journal = await openSyncFile(folder, JOURNAL, { create: false });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError')
      await clips.removeEntry(id, { recursive: true });
    return;
  }
  try {
    const draft = readJournal(journal);
    const files: EvidenceFile[] = [];
    for (const file of draft?.files ?? []) {
      const found = await openSyncFile(folder, file.name, { create: false });
      try {
        if (file.bytes > 0) files.push({ ...file, sha256: hashCut(found, file.bytes) });
      } finally {
        found.close();
      }
    }
    if (draft && files.length > 0)
      await writeEvidence(folder, { ...draft, ...spanOf(files), files, end: 'cut-off', cutOff: true });
    journal.close();
    if (draft && files.length > 0) await removeJournal(folder);
    else await clips.removeEntry(id, { recursive: true });
  } finally {
    journal.close();
  }
}
