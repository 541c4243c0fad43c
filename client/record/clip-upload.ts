/** Sends a clip of this browser to the server, where everyone who may see its camera finds it. */
import type { KeptClips } from '#wire/kept-clip.ts';
import { ERROR_CODES, NightglassError } from '#wire/nightglass-error.ts';
import { filesOf, type ShelvedClip } from './clip-shelf.ts';

/**
 * Resolves when the server has the clip; one that it had before is not sent again.
 * @param server base address, with a trailing slash
 * @param progress told which share of the bytes is sent, 0…1
 * @throws NightglassError with the server's code, `socket/lost` where the connection broke
 */
export async function keepOnServer(
  server: URL,
  clip: ShelvedClip,
  progress: (share: number) => void,
): Promise<void> {
  const files = await filesOf(clip);
  await checkRoom(server, files);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  try {
    for (const file of await withPoster(clip, files)) {
      const send = new URL(`api/clips/${clip.id}/${file.name}`, server);
      await put(send, file, (sent) => progress(Math.min(1, (before + sent) / total)));
      before += file.size;
    }
  } catch (error) {
    if (error instanceof NightglassError && error.code === 'clips/exists') return;
    throw error;
  }
}

/** Asked first: who sends too much is cut off, and a browser does not read why. */
async function checkRoom(server: URL, files: readonly File[]): Promise<void> {
  const answer = await fetch(new URL('api/clips', server), { cache: 'no-store' }).catch((cause) => {
    throw lost(cause);
  });
  if (!answer.ok) throw failureOf(answer.status, await answer.text());
  const { room } = (await answer.json()) as KeptClips;
  const largest = Math.max(...files.map(({ size }) => size));
  if (largest > room.file)
    throw new NightglassError('clips/too-large', `the server takes files of at most ${mib(room.file)} MiB`);
  if (files.reduce((sum, { size }) => sum + size, 0) > room.all)
    throw new NightglassError('clips/no-room', `the server has room for ${mib(room.all)} MiB more of clips`);
}

/** The evidence stays the last: with it the clip is there. */
async function withPoster(clip: ShelvedClip, files: readonly File[]): Promise<readonly File[]> {
  // Loaded when a clip is kept: it brings a reader of MP4 files with it.
  const { posterOf } = await import('./clip-poster.ts');
  const poster = await posterOf(clip.evidence, files);
  return poster ? [poster, ...files] : files;
}

/** By XMLHttpRequest: `fetch` does not tell how much it has sent. */
function put(to: URL, file: File, sent: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener('progress', ({ loaded }) => sent(loaded));
    request.addEventListener('load', () => {
      if (request.status < 300) resolve();
      else reject(failureOf(request.status, request.responseText));
    });
    request.addEventListener('error', () => reject(lost()));
    request.open('PUT', to);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.send(file);
  });
}

function failureOf(status: number, body: string): NightglassError {
  try {
    const { code, message } = JSON.parse(body) as { code?: unknown; message?: unknown };
    const known = ERROR_CODES.find((one) => one === code);
    if (known) return new NightglassError(known, String(message));
  } catch {
    // A proxy in between answers in a language of its own.
  }
  return new NightglassError('http/failed', `the server answered with ${status}`);
}

const lost = (cause?: unknown): NightglassError =>
  new NightglassError('socket/lost', 'the connection to the server broke', { cause });

const mib = (bytes: number): number => Math.floor(bytes / 1024 / 1024);
