/** What a player element asks of the page: somebody to draw a camera on its canvas, and to say how it goes. */
import type { FileSource, PlaybackControl, PlaybackState, Via } from '../playback-state.ts';
import type {
  EngineChoice,
  ExportRequest,
  ExportState,
  RecordingState,
  RecordRequest,
  SnapshotOutcome,
  TileOptions,
  TileStats,
  TileStatus,
  ToPlayer,
} from '../player-protocol.ts';

export interface TileRequest {
  /** The server's base address, with a trailing slash. */
  readonly server: URL;
  /** The first tile of a server chooses for all of them: they share one worker. */
  readonly engine: EngineChoice;
  /** A network's name, where no other is to be used. */
  readonly model?: string | undefined;
  /** Averages noise away over time before the network. */
  readonly denoise: boolean;
  readonly via: Via;
  readonly camera: string;
  /** Shown in place of a camera; `camera` is what it is called in evidence then. */
  readonly file?: FileSource | undefined;
  /** Given away with the request. */
  readonly canvas: OffscreenCanvas;
  readonly options: TileOptions;
}

export interface TileListener {
  statusChanged(status: TileStatus): void;
  statsChanged(stats: TileStats): void;
  playbackChanged(state: PlaybackState): void;
  recordingChanged(state: RecordingState): void;
  exportChanged(state: ExportState): void;
  snapshotTaken(outcome: SnapshotOutcome): void;
  /** The canvas can no longer be drawn on: a fresh one is to be given with `replaceCanvas`. */
  canvasWanted(): void;
  /** Nothing will ever be drawn; `message` says why. */
  failed(message: string): void;
}

export type Fault = Extract<ToPlayer, { type: 'rehearse' }>['fault'];

/** An open tile. Whoever opened it closes it. */
export interface Tile {
  /** Goes into the past and back. */
  readonly playback: PlaybackControl;
  setOptions(options: TileOptions): void;
  replaceCanvas(canvas: OffscreenCanvas): void;
  /** Records what is shown from now on, into the browser's own storage. */
  record(request: RecordRequest): void;
  stopRecording(): void;
  /** Makes a clip of a span of the past, faster than it happened where it can; what is shown goes on meanwhile. */
  exportSpan(request: Omit<ExportRequest, 'addresses'>): void;
  /** What is done is kept. */
  stopExport(): void;
  /** Keeps the picture that is shown; `title` is the camera's name for people. */
  snapshot(title: string): void;
  /** Rehearses a fault, for this tile and all that share its worker. */
  rehearse(fault: Fault): void;
  close(): void;
}

export type OpenTile = (request: TileRequest, listener: TileListener) => Tile;
