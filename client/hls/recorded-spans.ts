/** Asks the server what of the past it holds. */
import type { WallMicros } from '#wire/time.ts';
import type { Trouble } from '../playback-state.ts';
import type { WallSpan } from './past-window.ts';

export type Recorded =
  | { readonly outcome: 'spans'; readonly spans: readonly WallSpan[] }
  | { readonly outcome: 'failed'; readonly trouble: Trouble };

/** A year: longer than any window. µs */
const LONG = 365 * 86_400e6;

/** What is recorded from `at` on. Never throws: a server that is away is an expected condition. @param timeline the camera's `/api/…/timeline` */
export async function recordedFrom(timeline: URL, at: WallMicros, signal: AbortSignal): Promise<Recorded> {
  try {
    const address = new URL(timeline);
    address.search = `from=${at}&to=${at + LONG}`;
    const response = await fetch(address, { signal, cache: 'no-store' });
    if (response.status === 401) return { outcome: 'failed', trouble: { status: 'signed-out' } };
    if (!response.ok) return failed(`the server answered with ${response.status}`);
    const { spans } = (await response.json()) as { spans?: unknown };
    if (!Array.isArray(spans) || !spans.every(isSpan)) return failed('the server sent no timeline');
    return { outcome: 'spans', spans };
  } catch {
    return failed('the server does not answer');
  }
}

const isSpan = (value: Partial<WallSpan> | null): value is WallSpan =>
  Number.isFinite(value?.from) && Number.isFinite(value?.to);

const failed = (message: string): Recorded => ({
  outcome: 'failed',
  trouble: { status: 'unreachable', code: 'socket/lost', message },
});
