/** What the recorder and its list of clips say, in plain English. */
import type { ClipEnd, Evidence, Shown } from '#wire/evidence.ts';
import type { PlaybackState } from '../playback-state.ts';
import type { RecordingState } from '../player-protocol.ts';

export const SHOWN_NAMES: Readonly<Record<Shown, string>> = {
  enhanced: 'Enhanced',
  'side-by-side': 'Side by side',
  original: 'Original',
};

/** Whether the camera's own units come to the page: the past and HLS are played by a `<video>`, which hands out none. */
export const originalComes = (playback: PlaybackState): boolean =>
  playback.mode === 'live' && playback.via === 'ws';

/** Why the original cannot be recorded now, and what can be done instead; empty where it can, and of a file. */
export function noOriginalText(playback: PlaybackState): string {
  if (playback.mode === 'live')
    return playback.via === 'ws'
      ? ''
      : 'The original cannot be recorded over HLS. Of a camera with a past it can be exported.';
  return playback.file ? '' : 'The original of the past is exported: mark a span with I and O.';
}

/** `0:07`, `12:34`, `1:02:03`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `640 kB`, `3.4 MB`, `1.2 GB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** What stands beside the button while it records. */
export function progressText(recording: Extract<RecordingState, { state: 'recording' }>): string {
  const { seconds, bytes, lost, part, pictures, shows } = recording;
  if (part === 0 && pictures === 0)
    return shows === 'original' ? 'Waiting for a key frame' : 'Waiting for a picture';
  return [
    clockText(seconds),
    sizeText(bytes),
    ...(lost > 0 ? [`${lost} ${lost === 1 ? 'picture' : 'pictures'} lost`] : []),
    ...(part > 1 ? [`part ${part}`] : []),
  ].join(' · ');
}

/** What is said when it has ended. */
export function endedText({ clips, failure }: Extract<RecordingState, { state: 'ended' }>): string {
  const kept = clips.length > 0;
  if (failure?.code === 'record/storage-full')
    return kept
      ? 'The browser has no more room. What was recorded until then is kept.'
      : 'The browser has no room for a recording. Delete clips, or free the disk.';
  if (failure) return `The recording ended: ${failure.message}${kept ? '. What was recorded is kept.' : '.'}`;
  if (!kept) return 'No picture came: nothing was recorded.';
  return clips.length === 1
    ? 'Recorded.'
    : `Recorded in ${clips.length} parts: the camera was away or changed meanwhile.`;
}

const ENDS: Partial<Readonly<Record<ClipEnd, string>>> = {
  'new-part': 'goes on in another part',
  'storage-full': 'ended because the browser had no more room',
  failed: 'ended because the recording failed',
};

/** What evidence says in short, which lists of clips go by. */
export type ClipFacts = Pick<Evidence, 'medium' | 'from' | 'to' | 'part' | 'end' | 'cutOff'> & {
  readonly files: readonly Pick<Evidence['files'][number], 'shows' | 'bytes' | 'pictures'>[];
};

/** One line about a clip: what it shows, how long and how large it is, and what is special about it. */
export function clipText({ medium, files, from, to, part, end, cutOff }: ClipFacts): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const lost = files[0]?.pictures.lost.encoder ?? 0;
  const ended = ENDS[end];
  return [
    files.map(({ shows }, index) => (index === 0 ? SHOWN_NAMES[shows] : shows)).join(' and '),
    medium === 'snapshot' ? 'snapshot' : clockText((to - from) / 1e6),
    sizeText(bytes),
    ...(part > 1 ? [`part ${part}`] : []),
    ...(lost > 0 ? [`${lost} pictures lost`] : []),
    ...(cutOff ? [] : ended ? [ended] : []),
  ].join(' · ');
}

/** The wall clock of a clip's first picture, as this machine tells the time. */
export const whenText = ({ from, captureClock }: Pick<Evidence, 'from' | 'captureClock'>): string =>
  captureClock === 'position'
    ? `from ${clockText(from / 1e6)}`
    : new Date(from / 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The wall clock from a clip's first picture to its last, as this machine tells the time; of a snapshot, when it was. */
export function spanText(clip: Pick<Evidence, 'medium' | 'from' | 'to' | 'captureClock'>): string {
  const { medium, from, to, captureClock } = clip;
  // A file that does not say when it was recorded.
  if (captureClock === 'position')
    return medium === 'snapshot'
      ? `at ${clockText(from / 1e6)}`
      : `${clockText(from / 1e6)} – ${clockText(to / 1e6)}`;
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  return medium === 'snapshot' ? format.format(from / 1000) : format.formatRange(from / 1000, to / 1000);
}

/** Said of a clip that was cut off. */
export const cutOffText = ({ to }: Pick<Evidence, 'to'>): string =>
  `A recording was cut off at ${new Date(to / 1000).toLocaleTimeString()}. What was written by then is here.`;
