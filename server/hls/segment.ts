/** What a camera's units become for HLS: init segments, parts and segments of fragmented MP4 (ISO/IEC 14496-12, CMAF). */
import type { VideoConfig } from '#wire/access-unit.ts';
import type { Micros, WallMicros } from '#wire/time.ts';

/** `ftyp` and `moov`: what a decoder must be given before the segments that name it. */
export interface Init {
  /** The first 16 hex digits of the SHA-256 of `bytes`. */
  readonly id: string;
  /** Of the key unit it was made for; `codec` as the camera's stream has it, e.g. `hev1.…` where `bytes` says `hvc1`. */
  readonly config: VideoConfig;
  readonly bytes: Uint8Array;
}

/** One fragment: `prft`, `moof` and `mdat`. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly duration: Micros;
  /** A key unit is in it. */
  readonly independent: boolean;
}

/** What is known of a segment once its first part is there. */
export interface SegmentStart {
  readonly init: Init;
  /** First of an epoch, or after a gap, or with another init: timestamps or pictures may jump before it. */
  readonly discontinuity: boolean;
  /** It begins with a key unit, so that playing can begin with it. */
  readonly independent: boolean;
  /** The capture wall clock of the first picture shown. */
  readonly capturedAt: WallMicros;
}

export interface Segment extends SegmentStart {
  readonly duration: Micros;
  /** Access units, and so pictures. */
  readonly units: number;
  /** All its parts, one after another. */
  readonly bytes: Uint8Array;
}

/** What a segmenter yields. A segment comes directly after its last part. */
export type SegmentItem =
  /** Before the first segment that names it. */
  | { readonly kind: 'init'; readonly init: Init }
  | {
      readonly kind: 'part';
      readonly part: Part;
      /** Of the segment the part belongs to, the same object for all its parts. */
      readonly start: SegmentStart;
      /** No part is meant to be longer; the same for the whole stream. */
      readonly target: Micros;
    }
  | { readonly kind: 'segment'; readonly segment: Segment };
