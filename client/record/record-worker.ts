/** The worker of one recording: encodes, writes and hashes, so that the worker of the pictures never waits for a disk. */
import '../dispose-symbols.ts';
import { alone, openClips, recoverClip } from './clip-folder.ts';
import type { FromRecorder, ToRecorder } from './record-messages.ts';
import { failureOf, Recording } from './recording.ts';
import { storeSnapshot } from './snapshot.ts';

const PROGRESS_MS = 250;

const tell = (message: FromRecorder): void => postMessage(message);

let recording: Recording | undefined;
let told = Number.NEGATIVE_INFINITY;
/** One message is dealt with after the other. */
let last: Promise<void> = Promise.resolve();
let ended = false;

addEventListener('message', ({ data }: MessageEvent<ToRecorder>) => {
  last = last.then(() => deal(data));
});

async function deal(message: ToRecorder): Promise<void> {
  if (ended) return drop(message);
  try {
    await handle(message);
  } catch (error) {
    console.warn(error);
    drop(message);
    const { end, failure } = failureOf(error);
    const clips = (await recording?.stop(end).catch(() => [])) ?? [];
    close({ type: 'ended', clips, failure });
  }
}

async function handle(message: ToRecorder): Promise<void> {
  switch (message.type) {
    case 'open':
      recording = new Recording(message.request, message.rate);
      await openClips();
      return;
    case 'picture':
      await recording?.picture(message.frame, message.facts);
      return taken(true, 0);
    case 'unit':
      await recording?.unit(message.data, message.facts);
      return taken(false, message.data.length);
    case 'gap':
      recording?.gap(message.gap);
      return;
    case 'stop':
      return close({ type: 'ended', clips: (await recording?.stop(message.end)) ?? [] });
    case 'snapshot':
      return close({ type: 'ended', clips: [await storeSnapshot(await openClips(), message)] });
    case 'recover':
      return close({ type: 'ended', clips: await recoverAll() });
  }
}

/** Looks at every folder whose clip is not whole. */
async function recoverAll(): Promise<string[]> {
  const clips = await openClips();
  const found: string[] = [];
  for await (const [id, entry] of clips.entries()) {
    if (entry.kind !== 'directory') continue;
    const names: string[] = [];
    for await (const name of (entry as FileSystemDirectoryHandle).keys()) names.push(name);
    if (names.includes(`${id}.json`) && !names.includes('journal')) continue;
    found.push(id);
  }
  for (const id of found) await alone(() => recoverClip(clips, id)).catch((error) => console.warn(id, error));
  return found;
}

function taken(picture: boolean, bytes: number): void {
  tell({ type: 'taken', picture, bytes });
  const now = performance.now();
  if (!recording || now - told < PROGRESS_MS) return;
  told = now;
  tell({ type: 'progress', progress: recording.progress });
}

function close(message: FromRecorder): void {
  ended = true;
  if (recording) tell({ type: 'progress', progress: recording.progress });
  tell(message);
}

/** A frame that nobody took is closed here: closing one twice does nothing. */
function drop(message: ToRecorder): void {
  if (message.type === 'picture') message.frame.close();
}
