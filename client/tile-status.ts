/** What a tile is doing, told from what the link, the camera, the decoder and the canvas say. */
import type { CameraState } from '#wire/camera-state.ts';
import type { ErrorCode } from '#wire/nightglass-error.ts';
import type { DecoderState } from './decode/tile-decoder.ts';
import type { Feed } from './playback-state.ts';
import type { TileStatus } from './player-protocol.ts';
import type { LinkState } from './socket/link.ts';

/** A failure in words. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

export interface TileFacts {
  readonly link: LinkState;
  /** The server refused the stream, or ended it. */
  readonly refused: Failure | undefined;
  /** Nothing can be drawn. */
  readonly canvas: Failure | undefined;
  /** Undefined until the server has said. */
  readonly camera: CameraState | undefined;
  readonly decoder: DecoderState;
  readonly feed: Feed;
  /** A picture was shown since the camera last came. */
  readonly shown: boolean;
  /** Why the picture is not enhanced although it should be. */
  readonly note: string | undefined;
}

/** The nearest obstacle is named: the way to the server before the camera, the camera before the decoder. */
export function tileStatus(facts: TileFacts): TileStatus {
  const { link, camera, decoder, note, feed } = facts;
  if (feed.from === 'page') return pageStatus(facts, feed);
  if (link.state === 'signed-out' || link.state === 'connecting') return { status: link.state };
  const failure = failureOf(facts);
  if (failure) return { status: 'unreachable', code: failure.code, message: failure.message };
  if (decoder.state === 'unsupported') return { status: 'unsupported', codec: decoder.config.codec };
  if (camera?.state === 'idle' || camera?.state === 'connecting') return { status: 'connecting' };
  if (!facts.shown) return { status: 'waiting-for-key' };
  return note === undefined ? { status: 'playing' } : { status: 'playing', note };
}

/** The page plays HLS: neither the socket nor the camera stands between the picture and the viewer. */
function pageStatus({ canvas, shown, note }: TileFacts, { trouble }: Feed & { from: 'page' }): TileStatus {
  if (trouble) return trouble;
  if (canvas) return { status: 'unreachable', ...canvas };
  if (!shown) return { status: 'connecting' };
  return note === undefined ? { status: 'playing' } : { status: 'playing', note };
}

function failureOf({ link, refused, canvas, camera, decoder }: TileFacts): Failure | undefined {
  if (link.state === 'broken') return link;
  if (refused) return refused;
  if (camera?.state === 'unreachable') return camera;
  if (canvas) return canvas;
  return decoder.state === 'failed' ? { code: 'decode/failed', message: decoder.message } : undefined;
}
