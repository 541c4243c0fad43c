/** What the page and the player worker say to each other: messages, a tile's options, status and numbers. */
import type { Rendition, Want } from '#wire/control.ts';
import type { ExportGap, Shown } from '#wire/evidence.ts';
import type { ErrorCode } from '#wire/nightglass-error.ts';
import type { Micros, WallMicros } from '#wire/time.ts';
import type { Feed, FileClock } from './playback-state.ts';

/**
 * `auto`: our own engine (`wgsl`) on WebGPU where it is real, WASM where it is missing or only a software fallback.
 * `ort-webgpu`: onnxruntime's, to compare with.
 */
export type EngineChoice = 'auto' | 'wgsl' | 'ort-webgpu' | 'wasm' | 'off';

/** What runs in fact; `off` also where nothing could be made to run. */
export type Engine = 'wgsl' | 'ort-webgpu' | 'wasm' | 'off';

export interface TileOptions {
  readonly want: Want;
  /** The camera's smaller stream for a small tile; a camera that has none gives its full one. */
  readonly rendition: Rendition;
  readonly enhance: boolean;
  /** 0 = the camera's own picture, 1 = fully enhanced. */
  readonly strength: number;
  /** The share of the picture's width, from the left, that shows the camera's own picture; 0 = none. */
  readonly divider: number;
}

export type ToPlayer =
  | {
      readonly type: 'connect';
      /** `ws:` or `wss:` address of the server's socket. */
      readonly socket: string;
      /** Addresses of the folders that hold the models and onnxruntime's files, each with a trailing slash. */
      readonly models: string;
      readonly runtime: string;
      readonly engine: EngineChoice;
      /** The network to use and no other, by name; undefined: whichever fit. */
      readonly model: string | undefined;
      /** Averages noise away over time before the network, where our own engine runs it. */
      readonly denoise: boolean;
      /** By GPU and network: which kernels were the fastest here on an earlier visit. */
      readonly tunings: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'add';
      readonly tile: number;
      readonly camera: string;
      readonly canvas: OffscreenCanvas;
      readonly options: TileOptions;
      readonly feed: Feed;
      /** Present where it is a file of the page: the server is asked for nothing. */
      readonly fileClock?: FileClock;
    }
  | { readonly type: 'feed'; readonly tile: number; readonly feed: Feed }
  | ({ readonly type: 'picture'; readonly tile: number } & PagePicture)
  | { readonly type: 'options'; readonly tile: number; readonly options: TileOptions }
  /** A fresh canvas, answering `canvas-wanted`. */
  | { readonly type: 'canvas'; readonly tile: number; readonly canvas: OffscreenCanvas }
  | { readonly type: 'record'; readonly tile: number; readonly request: RecordRequest }
  | { readonly type: 'stop-recording'; readonly tile: number }
  | {
      readonly type: 'export';
      readonly tile: number;
      readonly camera: string;
      readonly request: ExportRequest;
    }
  /** What is done is kept. */
  | { readonly type: 'stop-export'; readonly tile: number }
  /** Keeps what the tile shows now; `title` is the camera's name for people. */
  | { readonly type: 'snapshot'; readonly tile: number; readonly title: string }
  | { readonly type: 'remove'; readonly tile: number }
  /** Rehearses a fault, so that recovery can be tried by a person or a test. */
  | { readonly type: 'rehearse'; readonly fault: 'lose-device' | 'lose-decoder' | 'drop-socket' };

export type FromPlayer =
  | { readonly type: 'status'; readonly tile: number; readonly status: TileStatus }
  | { readonly type: 'stats'; readonly tile: number; readonly stats: TileStats }
  /** The tile's canvas can no longer be drawn on (its context kind must change); the page makes another. */
  | { readonly type: 'canvas-wanted'; readonly tile: number }
  | { readonly type: 'recording'; readonly tile: number; readonly recording: RecordingState }
  | { readonly type: 'export'; readonly tile: number; readonly export: ExportState }
  | { readonly type: 'snapshot'; readonly tile: number; readonly outcome: SnapshotOutcome }
  /** To be kept for the next visit. */
  | { readonly type: 'tuned'; readonly key: string; readonly tuning: string }
  /** The WebSocket failed again and again, or is open (again). */
  | { readonly type: 'socket'; readonly works: boolean };

/** A frame that the page took off its `<video>`, transferred with the message. */
export interface PagePicture {
  readonly frame: VideoFrame;
  /** In the `<video>`'s own time. */
  readonly timestamp: Micros;
  readonly capturedAt: WallMicros;
  /** Another number than the picture before where time was jumped over. */
  readonly stretch: number;
}

/** What is to be recorded of a tile. */
export interface RecordRequest {
  readonly shows: Shown;
  /** Keeps the camera's own pictures beside the enhanced ones. */
  readonly keepOriginal: boolean;
  /** The camera's name for people. */
  readonly title: string;
}

interface RecordFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What is to be exported of a camera's past. */
export interface ExportRequest extends RecordRequest {
  /** By the timeline's clock; the pictures of both instants belong to it. */
  readonly span: { readonly from: WallMicros; readonly to: WallMicros };
  /** Of the camera: `past.m3u8`, without a query, and what tells of its past. */
  readonly addresses: { readonly playlist: string; readonly timeline: string };
}

/** What a tile's export is doing. */
export type ExportState =
  | { readonly state: 'idle' }
  | {
      readonly state: 'exporting';
      readonly shows: Shown;
      /** Pictures done, and about how many there will be; 0 while that is not known. */
      readonly pictures: number;
      readonly expected: number;
      readonly perSecond: number;
      readonly secondsLeft: number | null;
      readonly bytes: number;
    }
  | {
      readonly state: 'ended';
      /** What was kept, by ids. */
      readonly clips: readonly string[];
      readonly pictures: number;
      /** Where the span has no pictures. */
      readonly gaps: readonly ExportGap[];
      /** Before its end, by the person. */
      readonly stopped: boolean;
      /** Where it ended by itself before that. */
      readonly failure?: RecordFailure;
    };

/** What a tile's recording is doing. */
export type RecordingState =
  | { readonly state: 'idle' }
  | {
      readonly state: 'recording';
      readonly shows: Shown;
      /** Of pictures written, in all parts. */
      readonly seconds: number;
      readonly bytes: number;
      readonly pictures: number;
      /** Pictures that the encoder was too late for. */
      readonly lost: number;
      /** 0 before the first picture; more than 1 where the camera was away or changed meanwhile. */
      readonly part: number;
    }
  /** What was kept, by ids; `failure` where it ended by itself. */
  | { readonly state: 'ended'; readonly clips: readonly string[]; readonly failure?: RecordFailure };

export type SnapshotOutcome = { readonly id: string } | { readonly failure: RecordFailure };

/** What a tile is doing, in the states a person understands. */
export type TileStatus =
  | { readonly status: 'connecting' }
  | { readonly status: 'waiting-for-key' }
  | { readonly status: 'signed-out' }
  | { readonly status: 'unreachable'; readonly code: ErrorCode; readonly message: string }
  | { readonly status: 'unsupported'; readonly codec: string }
  /** `note` says in plain words why the picture is not enhanced although it should be; absent when all is well. */
  | { readonly status: 'playing'; readonly note?: string };

/** A tile's live numbers. Rates are over about the last two seconds, times are medians over the same. */
export interface TileStats {
  readonly camera: string;
  readonly codec: string;
  /** The camera's picture, pixels. */
  readonly width: number;
  readonly height: number;
  /** The picture on the canvas, pixels. */
  readonly shownWidth: number;
  readonly shownHeight: number;
  /** The network's input, pixels; 0 when it does not run. */
  readonly computeWidth: number;
  readonly computeHeight: number;
  readonly fpsIn: number;
  readonly fpsOut: number;
  /** Capture to canvas, by the server's clock; null until a picture was shown. */
  readonly ageMs: number | null;
  readonly enhanceMs: number | null;
  readonly engine: Engine;
  /** The GPU's name as the browser gives it, or the number of WASM threads. */
  readonly adapter: string;
  readonly model: string;
  /** Frames the page left out because a newer one had come; units the server left out; units no decoder took. */
  readonly droppedLate: number;
  readonly droppedByServer: number;
  readonly droppedUndecodable: number;
  readonly framesIn: number;
  readonly framesShown: number;
  readonly framesEnhanced: number;
  /** The timestamp of the picture on the canvas, µs since the stream opened; and its epoch. */
  readonly shownTimestamp: number;
  readonly shownEpoch: number;
  /** When the picture on the canvas was captured, by the server's clock; null until one was shown. */
  readonly shownCapturedAt: WallMicros | null;
  /** Milliseconds from the start of the page's script to the first picture; null until then. */
  readonly firstPictureMs: number | null;
  readonly reconnects: number;
}
