/** What a tile's recorder and its worker say to each other. */
import type { VideoConfig } from '#wire/access-unit.ts';
import type { ClipEnd, EnhancementMode, EvidenceClock, ExportGap, Shown } from '#wire/evidence.ts';
import type { ErrorCode } from '#wire/nightglass-error.ts';
import type { WallMicros } from '#wire/time.ts';

/** What is to be recorded, and of what. */
export interface ClipRequest {
  readonly shows: Shown;
  /** Keeps the camera's own pictures in a file beside the enhanced ones. */
  readonly keepOriginal: boolean;
  readonly camera: { readonly name: string; readonly title: string };
  /** The version of this page. */
  readonly version: string;
  /** What was asked for, where the clip is exported from the past. */
  readonly span?: { readonly from: WallMicros; readonly to: WallMicros };
}

/** What made an enhanced picture; empty where none did. */
export interface Maker {
  readonly engine: string;
  readonly adapter: string;
  readonly model: string;
  readonly modelSha256: string;
  /** Absent where none did. */
  readonly mode?: EnhancementMode;
}

/** Of a shown picture, besides its pixels. */
export interface PictureFacts extends Maker {
  readonly timestamp: number;
  readonly epoch: number;
  /** Another number than the picture before: there was a jump between them. */
  readonly stretch: number;
  readonly capturedAt: WallMicros;
  readonly captureClock: EvidenceClock;
  readonly enhanced: boolean;
  readonly strength: number;
  /** Counts since the tile was opened. */
  readonly decoded: number;
  readonly late: number;
  readonly droppedByServer: number;
  /** Pictures of this recording that were not handed over, because those before them were not encoded yet. */
  readonly leftOut: number;
}

/** With a `description` the unit's NAL units stand behind their lengths, and are stored as they are; else it is Annex B. */
export type RecordedConfig = Pick<VideoConfig, 'codec' | 'codedWidth' | 'codedHeight'> & {
  readonly description?: Uint8Array;
};

/** An access unit as the camera sent it. */
export interface UnitFacts {
  readonly key: boolean;
  readonly timestamp: number;
  readonly epoch: number;
  readonly capturedAt: WallMicros;
  readonly captureClock: EvidenceClock;
  readonly config: RecordedConfig;
  /** Units of this recording that were lost before it, at least. */
  readonly lost: number;
}

export interface SnapshotPicture {
  readonly shows: 'enhanced' | 'original';
  readonly png: Blob;
  readonly width: number;
  readonly height: number;
}

export type ToRecorder =
  | { readonly type: 'open'; readonly request: ClipRequest; readonly rate: number }
  | { readonly type: 'picture'; readonly frame: VideoFrame; readonly facts: PictureFacts }
  | { readonly type: 'unit'; readonly data: Uint8Array; readonly facts: UnitFacts }
  /** Of the span that is exported, this is missing. */
  | { readonly type: 'gap'; readonly gap: ExportGap }
  | { readonly type: 'stop'; readonly end: ClipEnd }
  | {
      readonly type: 'snapshot';
      readonly request: ClipRequest;
      readonly pictures: readonly SnapshotPicture[];
      readonly facts: PictureFacts;
    }
  /** Finishes what pages before left unfinished. */
  | { readonly type: 'recover' };

export type FromRecorder =
  /** A picture, or a unit of so many bytes, is dealt with. */
  | { readonly type: 'taken'; readonly picture: boolean; readonly bytes: number }
  | { readonly type: 'progress'; readonly progress: Progress }
  /** The last message. Clips by their ids; `failure` where it ended by itself. */
  | {
      readonly type: 'ended';
      readonly clips: readonly string[];
      readonly failure?: { readonly code: ErrorCode; readonly message: string };
    };

export interface Progress {
  /** Of pictures written, in all parts. */
  readonly seconds: number;
  readonly bytes: number;
  readonly pictures: number;
  /** Lost because the encoder was late. */
  readonly lost: number;
  /** 0 before the first picture. */
  readonly part: number;
}
