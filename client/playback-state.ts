/** What the page, the parts that play HLS and the worker say to each other of where a tile's pictures come from. */
import type { WallMicros } from '#wire/time.ts';
import type { TileStatus } from './player-protocol.ts';

/** Who gives a tile its pictures: the worker's own socket, or the page, which plays HLS. */
export type Feed =
  | { readonly from: 'socket' }
  /** `trouble` says why no picture comes, where that is so. */
  | { readonly from: 'page'; readonly trouble?: Trouble };

export type Trouble = Extract<TileStatus, { status: 'unreachable' | 'unsupported' | 'signed-out' }>;

/** A file that is shown like a camera. */
export interface FileSource {
  /** Plays in a `<video>` here. */
  readonly file: Blob;
  /** Wall clock of its first picture, where the file says when it was begun. */
  readonly startedAt: WallMicros | undefined;
}

/** From a file's first picture to its end. */
export interface FileSpan {
  readonly from: WallMicros;
  readonly to: WallMicros;
  readonly clock: FileClock;
}

/** What a file's times are: the wall clock that it says, or its own position from 0:00 on. */
export type FileClock = 'file' | 'position';

/** `auto`: the WebSocket where it and WebCodecs work, HLS where they do not. */
export type Via = 'auto' | 'ws' | 'hls';

/** The way that the live picture takes in fact. */
export type LiveVia = Exclude<Via, 'auto'>;

/** How fast the past plays; 1 = as it was. */
export type Rate = 0.25 | 0.5 | 1 | 2 | 4 | 8;

/** What a tile shows: what happens now, or what was. */
export type PlaybackState =
  | { readonly mode: 'live'; readonly via: LiveVia }
  | {
      readonly mode: 'past';
      /** The capture of the picture that is shown, or that was asked for last and is on its way. */
      readonly at: WallMicros;
      readonly playing: boolean;
      readonly rate: Rate;
      /** Goes back by itself, from key picture to key picture; it is not `playing` then. */
      readonly rewinding?: boolean;
      /** Of a file, once it is known: there is nothing before and after it. */
      readonly file?: FileSpan;
    };

/** As it is at first, until a tile tells otherwise. */
export const LIVE: PlaybackState = { mode: 'live', via: 'ws' };

/** What a person can ask of a tile's time. */
export interface PlaybackControl {
  /** Shows the picture of this instant, or the next one after it; playing goes on if it was playing. */
  seek(at: WallMicros): void;
  play(): void;
  /** From live, the picture that is shown stands still. */
  pause(): void;
  /** Stands still on the next or the one before. */
  step(by: 1 | -1): void;
  /** Goes back from key picture to key picture, some four a second, until something else is asked or there is no more. */
  rewind(): void;
  setRate(rate: Rate): void;
  goLive(): void;
}
