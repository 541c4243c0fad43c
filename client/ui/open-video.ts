/** What the page's elements ask of whoever makes a file playable. */
import type { FileSource } from '../playback-state.ts';

/** How far it is; `share` is 0…1, and 0 throughout where nobody knows how long the file is. */
export interface OpenProgress {
  readonly step: 'fetching' | 'converting';
  readonly share: number;
}

/** Rejects with what is wrong with the file, in words for people, or with the signal's reason. */
export type OpenVideo = (
  file: File,
  progress: (progress: OpenProgress) => void,
  signal: AbortSignal,
) => Promise<FileSource>;

/** A file that was opened, and stands among the cameras until it is closed. */
export interface OpenedVideo extends FileSource {
  /** Unlike any camera's name. */
  readonly name: string;
  /** The file's own name. */
  readonly title: string;
}

/** Asks the page for its file chooser. */
export const askForFile = (): CustomEvent => new CustomEvent('ask-file', { bubbles: true, composed: true });

/** Asks the page to close an opened file. */
export const closeFile = (name: string): CustomEvent<string> =>
  new CustomEvent('close-file', { detail: name, bubbles: true, composed: true });

/** Told before anything is read. */
export const LIMITS_TEXT =
  'MP4, MOV and WebM play as they are. AVI, MKV, Motion JPEG, H.265 and others are converted first, up to 2 GB. No file leaves this computer.';

/** Said while it works. */
export const FFMPEG_TEXT = 'Converted in this browser by ffmpeg (FFmpeg with x264, GPL-2.0-or-later).';
