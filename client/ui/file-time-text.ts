/** Where one is in a file: its wall clock where the file says when it was begun, else its position. */
import type { WallMicros } from '#wire/time.ts';
import type { PlaybackState } from '../playback-state.ts';
import { positionText, wallClockText } from './wall-clock-text.ts';

/** `0:07.48 of 1:02`, or `14:03:21.50` with its day; nothing before the file's length is known. */
export function fileTimeText(playback: PlaybackState): string {
  if (playback.mode === 'live' || !playback.file) return '';
  const { from, to, clock } = playback.file;
  if (clock === 'file') return wallClockText(playback.at, (Date.now() * 1000) as WallMicros);
  return `${positionText(playback.at - from, true)} of ${positionText(to - from)}`;
}
