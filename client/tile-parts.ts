/** The parts of one tile, opened and wired together: each is one step of its corridor. */
import { codecOf } from '#wire/access-unit.ts';
import { TileDecoder } from './decode/tile-decoder.ts';
import { wantOf } from './page-feed.ts';
import type { Feed } from './playback-state.ts';
import type { FromPlayer, TileOptions, ToPlayer } from './player-protocol.ts';
import { shaderText } from './shader-text.ts';
import type { Link, LinkState } from './socket/link.ts';
import type { TileStream } from './socket/tile-stream.ts';
import { TileExports } from './tile-export.ts';
import { TileRecording } from './tile-recording.ts';
import { TileStage } from './tile-stage.ts';
import { TileState } from './tile-state.ts';

export interface Tile extends Disposable {
  /** A file has none. */
  readonly stream: TileStream | undefined;
  readonly decoder: TileDecoder;
  readonly stage: TileStage;
  readonly state: TileState;
  readonly recording: TileRecording;
  readonly exports: TileExports;
  options: TileOptions;
  feed: Feed;
}

/** What a tile hangs on. */
export interface TileSurroundings {
  readonly link: Link;
  readonly linkState: LinkState;
  readonly post: (message: FromPlayer) => void;
  /** The tile can draw, in another way than before. */
  readonly ready: (tile: Tile) => void;
}

/** A decoder lost again and again must not ask for key units again and again. */
const REJOIN_MS = 5000;

/** Asks the server for the camera at once; draws nothing before the stage is equipped. Whoever opens, disposes. */
export function openTile(request: Extract<ToPlayer, { type: 'add' }>, around: TileSurroundings): Tile {
  const { tile: id, camera, canvas, options, feed, fileClock } = request;
  const { link, linkState, post, ready } = around;
  const state = new TileState(id, camera, linkState, feed, post);
  const stream = fileClock
    ? undefined
    : link.open(camera, wantOf({ options, feed }), {
        camera: (news) => state.learn({ camera: news }),
        refused: (code, message) => state.learn({ refused: { code, message } }),
      });
  let rejoined = Number.NEGATIVE_INFINITY;
  const decoder = new TileDecoder({
    changed: (news) => {
      // The server makes H.264 of it, if it can; only H.265 that comes all the same is told.
      const h265 = news.state === 'unsupported' && codecOf(news.config) === 'h265';
      if (!h265 || !stream?.avoidH265()) state.learn({ decoder: news });
    },
    lost: () => {
      if (performance.now() - rejoined < REJOIN_MS) return;
      rejoined = performance.now();
      stream?.rejoin();
    },
  });
  decoder.muted = feed.from === 'page';
  const stage = new TileStage(canvas, shaderText, {
    canvasWanted: () => post({ type: 'canvas-wanted', tile: id }),
    ready: () => ready(tile),
    failed: (message) => state.learn({ canvas: { code: 'present/no-canvas', message } }),
  });
  const recording = new TileRecording(id, camera, post, fileClock);
  const exports = new TileExports(id, post);
  const tile: Tile = {
    stream,
    decoder,
    stage,
    state,
    recording,
    exports,
    options,
    feed,
    [Symbol.dispose]: () => {
      for (const part of [recording, exports, stream, decoder, stage]) part?.[Symbol.dispose]();
    },
  };
  return tile;
}
