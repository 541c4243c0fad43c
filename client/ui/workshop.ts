/** What the page's elements ask of whoever cuts and converts clips. */
import type { Shown } from '#wire/evidence.ts';
import type { ShelvedClip } from './clip-shelf.ts';
import type { OpenProgress } from './open-video.ts';

/** When a file's pictures begin; seconds in a `<video>`'s own time. Whoever opened it disposes of it. */
export interface PictureClock extends Disposable {
  at(seconds: number): Promise<number | undefined>;
  after(seconds: number): Promise<number | undefined>;
  before(seconds: number): Promise<number | undefined>;
  end(): Promise<number>;
}

export type ClipFormat = 'mp4' | 'webm' | 'gif' | 'sheet';

/** Pictures from the one that begins at `from` to the one that begins at `last`; seconds from the file's first picture on. */
export interface ClipSpan {
  readonly from: number;
  readonly last: number;
  /** The end of the last one. */
  readonly end: number;
}

export interface MakeRequest {
  readonly clip: ShelvedClip;
  /** Which of the clip's files is worked on. */
  readonly shows: Shown;
  /** Everything, where undefined. */
  readonly span: ClipSpan | undefined;
  /** Writes the camera's name and the clock into the pictures. */
  readonly label: boolean;
  /** Puts the original to the left of the enhanced file; the clip has both. */
  readonly beside: boolean;
  readonly format: ClipFormat;
}

export interface Workshop {
  /** Nothing where the file's index cannot be read. */
  pictures(file: Blob): Promise<PictureClock | undefined>;
  /** Gives what was made, and its evidence as JSON. Rejects with words for people, or with the signal's reason. */
  make(
    request: MakeRequest,
    progress: (progress: OpenProgress) => void,
    signal: AbortSignal,
  ): Promise<readonly File[]>;
}
