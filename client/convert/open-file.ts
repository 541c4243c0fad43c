/** A file of any recorder → one that the browser's own `<video>` plays. */
import { type Converter, FILE_LIMIT_BYTES, type Progress, refuseTooLarge } from './ffmpeg.ts';
import { playable } from './jobs.ts';

export interface OpenedFile {
  /** Plays in a `<video>` here. */
  readonly file: File;
  /** What it was made of, where the browser could not play that: ffmpeg's name of its codec. */
  readonly converted: string | undefined;
  /** When the file says its recording began; µs since 1970-01-01T00:00:00Z. */
  readonly startedAt: number | undefined;
}

/**
 * Gives the file itself where the browser plays it, else an MP4 made of it. @throws NightglassError `convert/…`; the
 * signal's reason when it aborts
 */
export async function openFile(
  file: File,
  converter: Converter,
  progress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<OpenedFile> {
  // What the browser surely does not play is refused before anything of it is read.
  if (file.size > FILE_LIMIT_BYTES && document.createElement('video').canPlayType(file.type) === '')
    refuseTooLarge([file]);
  if (await plays(file, signal)) return { file, converted: undefined, startedAt: undefined };
  const { codec, seconds, createdAt } = await converter.probe(file, progress, signal);
  const clip = { file, seconds, name: withoutExtension(file.name) };
  const moved = await converter.run(playable(clip, codec), progress, signal);
  if (codec !== 'h264' || (await plays(moved, signal)))
    return { file: moved, converted: codec, startedAt: createdAt };
  // H.264 of a kind that this browser does not decode, or that AVI stamped badly.
  const encoded = await converter.run(playable(clip, 'other'), progress, signal);
  return { file: encoded, converted: codec, startedAt: createdAt };
}

/** Whether a `<video>` here shows a picture of it; asked of the element itself, which knows best. */
async function plays(file: File, signal: AbortSignal): Promise<boolean> {
  const video = document.createElement('video');
  const address = URL.createObjectURL(file);
  video.muted = true;
  video.preload = 'auto';
  try {
    return await new Promise<boolean>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      video.addEventListener('loadeddata', () => resolve(video.videoWidth > 0), { once: true });
      video.addEventListener('error', () => resolve(false), { once: true });
      video.src = address;
    });
  } finally {
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(address);
  }
}

const withoutExtension = (name: string): string => name.replace(/\.[^.]*$/, '') || 'clip';
