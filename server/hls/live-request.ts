/** What a client may ask of a live playlist (RFC 8216bis §6.2.5), and whether the window has come so far. */
import { NightglassError } from '#wire/nightglass-error.ts';
import type { LiveWindow } from './live-window.ts';
import { TARGET_SECONDS } from './segment-cutter.ts';

/** Delivery directives. */
export interface PlaylistRequest {
  /** The playlist is to hold this segment … */
  readonly number?: number;
  /** … or this part of it. */
  readonly part?: number;
  /** A delta update will do. */
  readonly delta: boolean;
}

/** A client that asks for more than this beyond the end has lost its way. */
const MOST_AHEAD = 2;
/** So long at most is an answer held, milliseconds: three target durations. */
export const HOLD_MS = 3 * TARGET_SECONDS * 1000;

/** @param query of the address. @throws NightglassError `http/bad-request` */
export function playlistRequest(query: URLSearchParams): PlaylistRequest {
  const number = wholeNumber(query, '_HLS_msn');
  const part = wholeNumber(query, '_HLS_part');
  if (number === undefined && part !== undefined)
    throw new NightglassError('http/bad-request', '_HLS_part without _HLS_msn says nothing');
  const delta = ['YES', 'v2'].includes(query.get('_HLS_skip') ?? '');
  return { ...(number === undefined ? {} : { number }), ...(part === undefined ? {} : { part }), delta };
}

/**
 * Whether the playlist holds what is asked for. A part beyond the last of a segment that has ended is the first of the
 * next.
 * @throws NightglassError `http/bad-request` for what is too far ahead
 */
export function reaches({ view }: LiveWindow, { number, part }: PlaylistRequest): boolean {
  if (number === undefined) return true;
  const { next, partTarget } = view;
  const mostParts = Math.ceil(3 / Math.min(1, Math.max((partTarget ?? 1e6) / 1e6, 0.01)));
  const tooFar = number > next.number - 1 + MOST_AHEAD;
  if (tooFar || (number === next.number && (part ?? 0) > next.part + mostParts))
    throw new NightglassError('http/bad-request', 'that is further ahead than the playlist will soon be');
  if (number >= next.number) return number === next.number && part !== undefined && part < next.part;
  if (part === undefined || number < next.number - 1) return true;
  // The last segment that ended, and maybe a part it never had.
  const last = view.segments.find((segment) => segment.number === number);
  return last === undefined || part < last.parts.length || next.part > 0;
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw new NightglassError('http/bad-request', `${name}: a whole number was expected`);
  return Number(text);
}
