/** What is said of an export, in plain English. */
import type { ExportGap } from '#wire/evidence.ts';
import type { ExportState } from '../player-protocol.ts';
import { clockText, sizeText } from './recorder-text.ts';

/** More gaps than these are counted, not listed. */
const LISTED = 2;

/** `120 of about 500 pictures · 42 a second · 0:09 left`. */
export function exportText(state: Extract<ExportState, { state: 'exporting' }>): string {
  const { pictures, expected, perSecond, secondsLeft, bytes } = state;
  if (pictures === 0) return 'Waiting for the first picture';
  return [
    `${pictures}${expected > 0 ? ` of about ${expected}` : ''} pictures`,
    `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} a second`,
    ...(secondsLeft === null ? [] : [`${clockText(secondsLeft)} left`]),
    ...(bytes > 0 ? [sizeText(bytes)] : []),
  ].join(' · ');
}

/** What is said when it has ended. */
export function exportedText(state: Extract<ExportState, { state: 'ended' }>): string {
  const { clips, pictures, gaps, stopped, failure } = state;
  const kept = clips.length > 0;
  const count = `${pictures} ${pictures === 1 ? 'picture' : 'pictures'}`;
  if (failure?.code === 'hls/nothing-recorded') return 'Nothing of that time is recorded any more.';
  const said = [endText()];
  if (gaps.length > 0) said.push(missingText(gaps));
  return said.join(' ');

  function endText(): string {
    if (failure?.code === 'record/storage-full')
      return kept
        ? `The browser has no more room: the first ${count} of the span are kept.`
        : 'The browser has no room for this clip. Delete clips, or free the disk.';
    if (failure) return `The export ended: ${failure.message}.${kept ? ` The first ${count} are kept.` : ''}`;
    if (stopped) return kept ? `Stopped: the first ${count} of the span are kept.` : 'Stopped.';
    if (!kept) return 'No picture of the span could be read.';
    return clips.length === 1 ? `Exported ${count}.` : `Exported ${count} in ${clips.length} parts.`;
  }
}

const REASONS: Readonly<Record<ExportGap['why'], string>> = {
  'not-recorded': 'was not recorded',
  gone: 'had been deleted by the server',
  unreadable: 'could not be read',
};

/** Where a clip has no pictures of the span it was exported of. @param count of all gaps, of which `gaps` are the first */
export function missingText(gaps: readonly ExportGap[], count = gaps.length): string {
  const listed = gaps.slice(0, LISTED).map((gap) => `${gapText(gap)} ${REASONS[gap.why]}`);
  const more = count - listed.length;
  return `Missing: ${[...listed, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')}.`;
}

/** By the viewer's clock, with the days where there are two. */
function gapText({ from, to }: ExportGap): string {
  const day = (at: number) => new Date(at / 1000).toDateString();
  const days = day(from) === day(to) ? {} : ({ dateStyle: 'medium' } as const);
  const text = (at: number) =>
    new Date(at / 1000).toLocaleString(undefined, { timeStyle: 'medium', ...days });
  return `${text(from)} to ${text(to)}`;
}
