/** The clips of this browser, for the page: what there is, its files, and what is to be deleted. */
import { type Evidence, readEvidence } from '#wire/evidence.ts';
import type { FromRecorder, ToRecorder } from './record-messages.ts';
import { CLIPS_FOLDER } from './shelf-names.ts';
import { startRecordWorker } from './tile-recorder.ts';

export interface ShelvedClip {
  readonly id: string;
  readonly evidence: Evidence;
}

/** All whole clips, the newest first. Those that are being recorded are left out. */
export async function listClips(): Promise<readonly ShelvedClip[]> {
  const clips: ShelvedClip[] = [];
  const folder = await clipsFolder();
  if (!folder) return clips;
  for await (const [id, entry] of folder.entries()) {
    const evidence = await evidenceOf(entry as FileSystemDirectoryHandle, id).catch(() => undefined);
    if (evidence) clips.push({ id, evidence });
  }
  return clips.sort((a, b) => b.evidence.from - a.evidence.from);
}

/** Finishes what pages before left unfinished. Gives how many clips that were. */
export async function recoverClips(): Promise<number> {
  const folder = await clipsFolder();
  if (!folder) return 0;
  const before = (await listClips()).length;
  const worker = startRecordWorker();
  await new Promise<void>((resolve) => {
    worker.addEventListener('message', ({ data }: MessageEvent<FromRecorder>) => {
      if (data.type === 'ended') resolve();
    });
    worker.addEventListener('error', () => resolve());
    worker.postMessage({ type: 'recover' } satisfies ToRecorder);
  });
  worker.terminate();
  return (await listClips()).length - before;
}

/** A clip's files, its JSON the last: what is to be saved together. They are read from the disk as they are saved. */
export async function filesOf({ id, evidence }: ShelvedClip): Promise<readonly File[]> {
  const folder = await (await clipsFolder())?.getDirectoryHandle(id);
  if (!folder) throw new Error(`there is no clip ${id}`);
  const names = [...evidence.files.map(({ name }) => name), `${id}.json`];
  return Promise.all(names.map(async (name) => (await folder.getFileHandle(name)).getFile()));
}

export async function deleteClip(id: string): Promise<void> {
  await (await clipsFolder())?.removeEntry(id, { recursive: true });
}

async function clipsFolder(): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(CLIPS_FOLDER);
  } catch {
    // Nothing was ever recorded here, or the browser keeps no files for this page.
    return undefined;
  }
}

async function evidenceOf(folder: FileSystemDirectoryHandle, id: string): Promise<Evidence> {
  const file = await (await folder.getFileHandle(`${id}.json`)).getFile();
  return readEvidence(await file.text());
}
