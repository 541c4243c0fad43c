/** What the page's elements ask of the clips that this browser keeps. */
import type { Evidence } from '#wire/evidence.ts';

export interface ShelvedClip {
  readonly id: string;
  readonly evidence: Evidence;
}

export interface ClipShelf {
  /** The newest first; those that are being recorded are left out. */
  list(): Promise<readonly ShelvedClip[]>;
  /** Finishes what was left unfinished when a page was closed; gives how many clips that were. */
  recover(): Promise<number>;
  /** The clip's files, and its JSON. */
  files(clip: ShelvedClip): Promise<readonly File[]>;
  delete(id: string): Promise<void>;
}
