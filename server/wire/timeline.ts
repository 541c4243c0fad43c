/** What a server tells of a camera's past: the spans it has, and whether it goes on recording. */
import type { ErrorCode } from './nightglass-error.ts';
import type { WallMicros } from './time.ts';

/** Wall clock, by the capture clock of the pictures; `to` is the end of the last picture. */
export interface Span {
  readonly from: WallMicros;
  readonly to: WallMicros;
}

/** How much of the past is kept: whichever is less. */
export interface TimeshiftWindow {
  readonly hours: number;
  readonly maxGiB: number;
}

export type RecordingState =
  | { readonly state: 'recording' }
  /** By itself it goes on when the cause is gone. What was recorded is there all the same. */
  | { readonly state: 'paused'; readonly code: ErrorCode; readonly message: string };

interface Told {
  /** The server's wall clock. */
  readonly now: WallMicros;
  /** What the whole past takes of the server's disk, bytes. */
  readonly bytes: number;
  /**
   * In order, none overlapping another. Holes shorter than half a second are not told; where there are very many, nor
   * are the shortest others.
   */
  readonly spans: readonly Span[];
}

/** The answer of `/api/cameras/<camera>/timeline`. */
export type Timeline = Told &
  (
    | (RecordingState & { readonly window: TimeshiftWindow })
    /** The camera has no `timeshift`. */
    | { readonly state: 'off'; readonly window: null }
  );
