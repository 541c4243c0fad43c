/** What to do about an error that hls.js does not get over by itself (its API.md, "Fatal Error Recovery"). Pure. */
import type { Trouble } from '../playback-state.ts';

/** What is known of a fatal error. */
export interface FatalError {
  /** hls.js's own names of its kinds of errors. */
  readonly type: string;
  readonly details: string;
  /** Of the HTTP answer, where there was one. */
  readonly status: number | undefined;
  readonly message: string;
}

export type Recovery =
  /** The decoder is given the media anew. */
  | { readonly way: 'reset-media' }
  /** The playlist is opened anew, after a pause. `trouble` is told meanwhile. */
  | { readonly way: 'reopen'; readonly trouble: Trouble };

/** A second media error so soon after the first means that resetting was no help. Milliseconds. */
const SOON_MS = 5000;

/** @param sinceReset milliseconds since the media were last reset */
export function recoveryFrom(error: FatalError, sinceReset: number): Recovery {
  const { type, status, details, message } = error;
  if (status === 401) return { way: 'reopen', trouble: { status: 'signed-out' } };
  if (status === 404)
    return reopen('socket/unknown-camera', `the server has no such playlist or segment (${details})`);
  if (type === 'networkError') return reopen('socket/lost', message);
  if (details === 'manifestIncompatibleCodecsError' || details === 'bufferIncompatibleCodecsError')
    return { way: 'reopen', trouble: { status: 'unsupported', codec: codecIn(message) } };
  if (type === 'mediaError' && sinceReset > SOON_MS) return { way: 'reset-media' };
  return reopen('decode/failed', `${details}: ${message}`);
}

const reopen = (
  code: 'socket/lost' | 'socket/unknown-camera' | 'decode/failed',
  message: string,
): Recovery => ({
  way: 'reopen',
  trouble: { status: 'unreachable', code, message },
});

const codecIn = (message: string): string =>
  /\b(?:hvc1|hev1|av01|vp09|avc1)\.[\w.]+/.exec(message)?.[0] ?? 'hvc1';
