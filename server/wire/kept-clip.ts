/** The clips kept on the server, as it lists them. */
import type { Evidence, EvidenceFile, ExportGap } from './evidence.ts';

/** What its evidence says of a clip, in short: the rest is in its JSON. */
export interface KeptClip
  extends Pick<
    Evidence,
    'camera' | 'medium' | 'part' | 'from' | 'to' | 'utc' | 'captureClock' | 'end' | 'cutOff'
  > {
  readonly id: string;
  readonly files: readonly KeptFile[];
  /** The name of its small picture, where there is one. */
  readonly poster?: string;
  /** Present where it was exported from the past and something of the span is missing. */
  readonly missing?: MissingPast;
}

export interface MissingPast {
  /** The first of them. */
  readonly gaps: readonly ExportGap[];
  /** Of all. */
  readonly count: number;
}

export type KeptFile = Pick<
  EvidenceFile,
  'name' | 'shows' | 'bytes' | 'codec' | 'width' | 'height' | 'pictures'
>;

/** One page of `GET /api/clips`. */
export interface KeptClips {
  /** The newest first, of the cameras that the viewer may see. */
  readonly clips: readonly KeptClip[];
  /** What to give as `after` for those that follow; null where none do. */
  readonly next: string | null;
  /** What the server takes: of one file at most, and of all clips together from now on. Bytes. */
  readonly room: { readonly file: number; readonly all: number };
}
