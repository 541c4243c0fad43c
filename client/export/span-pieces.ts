/** Fetches a span of the past, piece by piece, the next one while the one before is dealt with. */
import { type WallMicros, wallMicros } from '#wire/time.ts';
import { initConfig, type StoredConfig } from './init-config.ts';
import { fetchPast, pause } from './past-fetch.ts';
import { type PastSegment, readPastPlaylist } from './past-playlist.ts';
import type { ExportSpan, SpanPiece } from './span.ts';

export interface PastAddresses {
  /** `past.m3u8`, without a query. */
  readonly playlist: string;
  /** `/api/…/timeline` */
  readonly timeline: string;
}

/** A playlist spans at most this. µs */
const HOUR = 3600e6;
/** A segment is on the disk this long after it happened, at the latest. µs */
const GROWING = 10e6;
const LOOK_AGAIN_MS = 1000;

/**
 * A span that ends now is waited for until it is on the server's disk.
 * @throws what `fetchPast` throws, NightglassError `packets/malformed`
 */
export async function* spanPieces(
  addresses: PastAddresses,
  span: ExportSpan,
  signal: AbortSignal,
): AsyncGenerator<SpanPiece, void, undefined> {
  const inits = new Map<string, Promise<StoredConfig | undefined>>();
  const fetchPiece = async (segment: PastSegment): Promise<SpanPiece> => {
    const { init, address } = segment;
    if (!inits.has(init)) inits.set(init, fetchConfig(init, signal));
    const [bytes, config] = await Promise.all([fetchPast(address, signal), inits.get(init)]);
    return bytes && config ? { kind: 'segment', segment, config, bytes } : { kind: 'missing', segment };
  };
  let next: Promise<SpanPiece> | undefined;
  for await (const segment of spanSegments(addresses, span, signal)) {
    const before = next;
    next = fetchPiece(segment);
    // Whoever awaits it later is told; until then it is nobody's.
    next.catch(() => undefined);
    if (before) yield await before;
  }
  if (next) yield await next;
}

async function fetchConfig(init: string, signal: AbortSignal): Promise<StoredConfig | undefined> {
  const found = await fetchPast(init, signal);
  return found && (await initConfig(found));
}

/** The segments of all playlists of a span, each once. */
async function* spanSegments(
  addresses: PastAddresses,
  span: ExportSpan,
  signal: AbortSignal,
): AsyncGenerator<PastSegment, void, undefined> {
  let last: PastSegment | undefined;
  let from = span.from;
  for (;;) {
    const to = Math.min(from + HOUR, span.to + 1);
    const known = await playlistOf(addresses.playlist, from, to, signal);
    const seen = known.findLastIndex(({ address }) => address === last?.address);
    for (const [index, segment] of known.slice(seen + 1).entries()) {
      // What the last playlist ended with was deleted meanwhile: nobody knows what this one follows on.
      const lost = last !== undefined && seen === -1 && index === 0;
      yield lost ? { ...segment, discontinuity: true } : segment;
      last = segment;
    }
    const end = last ? last.from + last.duration : 0;
    if (to > span.to) {
      if (end > span.to || !(await mayStillGrow(addresses.timeline, span, signal))) return;
      await pause(LOOK_AGAIN_MS, signal);
    }
    // The last one is asked for again, to see what comes directly behind it.
    const advanced = Math.max(from, Math.min(to - 1, last?.from ?? to - 1));
    from = wallMicros(to > span.to || advanced > from ? advanced : to);
  }
}

async function playlistOf(
  address: string,
  from: WallMicros,
  to: number,
  signal: AbortSignal,
): Promise<readonly PastSegment[]> {
  const asked = `${address}?from=${from}&to=${to}`;
  const bytes = await fetchPast(asked, signal);
  return bytes ? readPastPlaylist(new TextDecoder().decode(bytes), asked) : [];
}

/** Whether pictures of the span's end may still be on their way to the disk. */
async function mayStillGrow(timeline: string, { to }: ExportSpan, signal: AbortSignal): Promise<boolean> {
  const { now, recording } = await timelineOf(timeline, to, signal);
  return recording && now < to + GROWING;
}

/** @throws what `fetchPast` throws */
async function timelineOf(timeline: string, from: number, signal: AbortSignal) {
  const bytes = await fetchPast(`${timeline}?from=${from}&to=${from + 1}`, signal);
  const { now, state } = JSON.parse(bytes ? new TextDecoder().decode(bytes) : '{}') as {
    now?: unknown;
    state?: unknown;
  };
  return { now: typeof now === 'number' ? now : 0, recording: state === 'recording' };
}

/** How much of a span is recorded, µs: for how long an export takes. @throws what `fetchPast` throws */
export async function recordedOf(timeline: string, span: ExportSpan, signal: AbortSignal): Promise<number> {
  const bytes = await fetchPast(`${timeline}?from=${span.from}&to=${span.to + 1}`, signal);
  const { spans } = JSON.parse(bytes ? new TextDecoder().decode(bytes) : '{}') as { spans?: unknown };
  if (!Array.isArray(spans)) return 0;
  return spans.reduce(
    (sum: number, { from, to }: ExportSpan) =>
      sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)),
    0,
  );
}
