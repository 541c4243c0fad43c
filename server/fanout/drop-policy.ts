/** When a viewer's queue is cut, and where: decisions about bytes and time, apart from the queue itself. */
import { type Micros, micros } from '#wire/time.ts';
import type { QueuedItem } from './stream-item.ts';

/** What one viewer may hold back before units are dropped for it. */
export interface QueueLimits {
  /** Bytes of units that wait. What is replayed to a newcomer is the stream's own memory and does not count. */
  readonly bytes: number;
  /** How long a unit may wait in the queue. */
  readonly age: Micros;
  /** How long after it was handed over a unit may be shown; sees the kernel's buffers, which the queue does not. */
  readonly lag: Micros;
}

/**
 * 8 MiB is 16 s of a 4 Mbit/s camera: it guards memory, the age guards the picture. 2 s in the queue and 2.5 s beyond
 * it are where a live picture stops being live, and more than the hiccups of a radio link.
 */
export const DEFAULT_LIMITS: QueueLimits = {
  bytes: 8 * 1024 * 1024,
  age: micros(2_000_000),
  lag: micros(2_500_000),
};

export interface Backlog {
  readonly bytes: number;
  /** Since when the oldest unit waits, µs; 0 while a newcomer's replay is being sent. */
  readonly age: Micros;
  /** For how long the viewer has owed a picture, µs; 0 for one that acknowledges nothing. */
  readonly lag: Micros;
}

export type Overrun = 'bytes' | 'age' | 'lag';

/** Which limit is passed, if any. Lag is named first: it asks for the deepest cut. */
export function overrun(backlog: Backlog, limits: QueueLimits): Overrun | undefined {
  if (backlog.lag > limits.lag) return 'lag';
  if (backlog.bytes > limits.bytes) return 'bytes';
  if (backlog.age > limits.age) return 'age';
  return undefined;
}

/** The part of a queue that is kept: from a config (or its key unit) on, up to but not including `to`. */
export interface Kept {
  readonly from: number;
  readonly to: number;
}

/**
 * What to keep of a queue that passed a limit; where nothing is kept, the viewer waits for the next key unit.
 *
 * - A key unit that has just come is kept whatever its size, or a camera with large ones would never be seen.
 * - On lag the newest key unit is kept alone: the link is full of what was sent already, and only sending less empties
 *   it, but a viewer that falls behind for good must still see a picture now and then.
 * - Otherwise the newest GOP is kept where that ends the overrun, so that a short GOP costs a blink and not a wait.
 */
export function keepOf(queue: readonly QueuedItem[], cause: Overrun, limits: QueueLimits, now: Micros): Kept {
  const key = queue.findLastIndex((item) => item.kind === 'unit' && item.unit.key);
  if (key === -1) return NOTHING;
  // A key unit's config goes before it, unless it has been taken already.
  const from = Math.max(0, key - 1);
  if (key === queue.length - 1) return { from, to: queue.length };
  const to = cause === 'lag' ? key + 1 : queue.length;
  const kept = queue.slice(from, to);
  const fits = bytesWaiting(kept) <= limits.bytes && waitedFor(kept, now) <= limits.age;
  return fits ? { from, to } : NOTHING;
}

const NOTHING: Kept = { from: 0, to: 0 };

/** Bytes that count against the limit. */
export const bytesWaiting = (queue: readonly QueuedItem[]): number =>
  queue.reduce((sum, item) => sum + countedBytes(item), 0);

export const countedBytes = (item: QueuedItem): number =>
  item.kind === 'unit' && !item.replay ? item.unit.data.byteLength : 0;

/** How long the oldest unit has waited since it was published. */
export function waitedFor(queue: readonly QueuedItem[], now: Micros): Micros {
  const oldest = queue.find((item) => item.kind === 'unit');
  return micros(oldest === undefined ? 0 : now - oldest.publishedAt);
}

/**
 * The camera's running time after `pause` µs without a unit. A pause counts as at most a second: a camera that stalls
 * gives a viewer nothing to show, and is no reason to call the viewer slow.
 */
export const runningAfter = (running: Micros, pause: Micros): Micros =>
  micros(running + Math.min(pause, 1_000_000));
