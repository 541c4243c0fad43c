/** Keeps a snapshot: PNG files, and the evidence beside them. For workers. */
import { type EvidenceFile, spanOf } from '#wire/evidence.ts';
import { ClipFile } from './clip-file.ts';
import { alone, JOURNAL, removeJournal, writeEvidence } from './clip-folder.ts';
import { clipId } from './clip-id.ts';
import type { ToRecorder } from './record-messages.ts';
import { openSyncFile } from './sync-file.ts';

/** @returns the id of the folder it lies in. @throws NightglassError `record/storage-full`; nothing is kept then */
export async function storeSnapshot(
  clips: FileSystemDirectoryHandle,
  { request, pictures, facts }: Extract<ToRecorder, { type: 'snapshot' }>,
): Promise<string> {
  const id = clipId(request.camera.name, facts.capturedAt);
  const { folder, journal } = await alone(async () => {
    const made = await clips.getDirectoryHandle(id, { create: true });
    return { folder: made, journal: await openSyncFile(made, JOURNAL, { create: true }) };
  });
  try {
    const files: EvidenceFile[] = [];
    const { capturedAt } = facts;
    for (const { shows, png, width, height } of pictures) {
      const name = `${id}-${shows}.png`;
      const file = new ClipFile(await openSyncFile(folder, name, { create: true }));
      try {
        file.append(new Uint8Array(await png.arrayBuffer()));
      } finally {
        // Closed in any case; hashing what little there is costs nothing.
        const { bytes } = file;
        const sha256 = file.close();
        const enhanced = shows === 'enhanced' && facts.enhanced ? 1 : 0;
        const counts = { source: 1, kept: 1, enhanced, lost: { server: 0, late: 0, encoder: 0 } };
        const span = { from: capturedAt, to: capturedAt };
        files.push({ name, shows, bytes, sha256, codec: 'png', width, height, ...span, pictures: counts });
      }
    }
    const { enhanced, strength, model, modelSha256, engine, adapter, mode } = facts;
    const how = { enhanced, strength, model, modelSha256, engine, adapter, ...(mode && { mode }) };
    await writeEvidence(folder, {
      kind: 'nightglass.evidence',
      version: 1,
      medium: 'snapshot',
      nightglass: request.version,
      camera: request.camera,
      part: 1,
      ...spanOf(files),
      captureClock: facts.captureClock,
      enhancement: [{ from: capturedAt, ...how }],
      end: 'stopped',
      cutOff: false,
      files,
    });
    journal.close();
    await removeJournal(folder);
    return id;
  } catch (error) {
    journal.close();
    await clips.removeEntry(id, { recursive: true }).catch(() => undefined);
    throw error;
  }
}
