/** What is exported: a span of the past, and what of it is missing. */
import type { ExportGap } from '#wire/evidence.ts';
import type { WallMicros } from '#wire/time.ts';
import type { StoredConfig } from './init-config.ts';
import type { PastSegment } from './past-playlist.ts';
import type { StoredUnit } from './segment-units.ts';

/** Wall clock of the timeline; the pictures of both instants belong to it. */
export interface ExportSpan {
  readonly from: WallMicros;
  readonly to: WallMicros;
}

/** What the server holds of a span, in the order it is played. */
export type SpanPiece =
  | {
      readonly kind: 'segment';
      readonly segment: PastSegment;
      readonly config: StoredConfig;
      readonly bytes: Uint8Array;
    }
  /** A segment that was told and is not to be had. */
  | { readonly kind: 'missing'; readonly segment: PastSegment };

/** Of a span, in decoding order. */
export interface SpanUnit extends StoredUnit {
  readonly config: StoredConfig;
  /** Counts the runs without a jump, from 1. */
  readonly epoch: number;
  /** False: it is only needed to decode others. */
  readonly wanted: boolean;
}

export type SpanItem =
  | { readonly kind: 'unit'; readonly unit: SpanUnit }
  | { readonly kind: 'gap'; readonly gap: ExportGap };

/** Holes shorter than this are jitter of clocks, and not told. µs */
export const HOLE = 500_000;
