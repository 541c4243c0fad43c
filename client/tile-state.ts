/** What the player knows of one tile besides its pictures, and tells the page: its status and its live numbers. */
import type { VideoConfig } from '#wire/access-unit.ts';
import type { DecoderState, Picture, Tally } from './decode/tile-decoder.ts';
import type { Size } from './enhance/compute-size.ts';
import type { Equipment } from './enhance/equipment.ts';
import type { Feed } from './playback-state.ts';
import type { FromPlayer, TileStats } from './player-protocol.ts';
import type { LinkState } from './socket/link.ts';
import { type ShownPicture, TileNumbers } from './tile-numbers.ts';
import { type TileFacts, tileStatus } from './tile-status.ts';

/** A picture that was put on the canvas, and how. */
export interface Showing extends ShownPicture {
  readonly picture: Picture;
  readonly size: Size;
  /** The network's input; undefined for a plain picture. */
  readonly compute: Size | undefined;
  /** The network that ran; undefined for a plain picture. */
  readonly model: string | undefined;
  /** It stood there already, and was drawn in another way. */
  readonly again: boolean;
}

/** What the numbers are made of besides the tile's own. */
export interface Surroundings {
  readonly equipment: Equipment;
  readonly decoded: Tally;
  readonly reconnects: number;
  /** The person wants this tile enhanced. */
  readonly enhance: boolean;
}

export class TileState {
  readonly numbers = new TileNumbers();
  readonly #tile: number;
  readonly #camera: string;
  readonly #post: (message: FromPlayer) => void;
  #facts: TileFacts;
  #told = '';
  #config: VideoConfig | undefined;
  #showing: Showing | undefined;

  constructor(
    tile: number,
    camera: string,
    link: LinkState,
    feed: Feed,
    post: (message: FromPlayer) => void,
  ) {
    this.#tile = tile;
    this.#camera = camera;
    this.#post = post;
    const unknown = { refused: undefined, canvas: undefined, camera: undefined, note: undefined };
    this.#facts = { ...unknown, link, feed, decoder: { state: 'closed' }, shown: false };
    this.learn({});
  }

  /** Takes in what is new, and tells the page if the tile's status is another now. */
  learn(news: Partial<TileFacts>): void {
    this.#facts = { ...this.#facts, ...news };
    const { link, camera, decoder, feed } = this.#facts;
    const cut =
      feed.from === 'socket' && (link.state !== 'open' || (camera !== undefined && camera.state !== 'live'));
    if (cut && !news.shown) this.#facts = { ...this.#facts, shown: false };
    this.#config = configOf(decoder) ?? this.#config;
    const status = tileStatus(this.#facts);
    const text = JSON.stringify(status);
    if (text === this.#told) return;
    this.#told = text;
    this.#post({ type: 'status', tile: this.#tile, status });
  }

  /** A picture was put on the canvas at `at` (`performance.now()`). */
  show(at: number, showing: Showing): void {
    this.#showing = showing;
    if (!showing.again) this.numbers.shown(at, showing);
    this.learn({ shown: true, canvas: undefined });
  }

  /** Whether this was the last picture that was put on the canvas. */
  hasShown({ timestamp, epoch }: Picture): boolean {
    const shown = this.#showing?.picture;
    return shown?.timestamp === timestamp && shown.epoch === epoch;
  }

  /** The standing picture was drawn anew. */
  redrawn(size: Size): void {
    if (this.#showing) this.#showing = { ...this.#showing, size };
  }

  tellStats(now: number, surroundings: Surroundings): void {
    this.#post({ type: 'stats', tile: this.#tile, stats: this.#stats(now, surroundings) });
  }

  #stats(now: number, { equipment, decoded, reconnects, enhance }: Surroundings): TileStats {
    const { numbers } = this;
    const { picture, size, compute, model } = this.#showing ?? {};
    const enhancer = equipment.surface === 'none' ? undefined : equipment.enhancer;
    const gpu = equipment.surface === 'webgpu' ? equipment.gpu.name : '';
    return {
      camera: this.#camera,
      codec: this.#config?.codec ?? '',
      width: picture?.frame.displayWidth || this.#config?.codedWidth || 0,
      height: picture?.frame.displayHeight || this.#config?.codedHeight || 0,
      shownWidth: size?.width ?? 0,
      shownHeight: size?.height ?? 0,
      computeWidth: compute?.width ?? 0,
      computeHeight: compute?.height ?? 0,
      fpsIn: numbers.fpsIn(now),
      fpsOut: numbers.fpsOut(now),
      ageMs: numbers.ageMs(now),
      enhanceMs: numbers.enhanceMs(now),
      engine: enhance && enhancer ? enhancer.engine : 'off',
      adapter: enhancer?.adapter ?? gpu,
      model: model ?? '',
      droppedLate: decoded.late,
      droppedByServer: numbers.droppedByServer,
      droppedUndecodable: numbers.droppedOutOfSequence + decoded.undecodable,
      framesIn: decoded.decoded,
      framesShown: numbers.framesShown,
      framesEnhanced: numbers.framesEnhanced,
      shownTimestamp: picture?.timestamp ?? 0,
      shownEpoch: picture?.epoch ?? 0,
      shownCapturedAt: picture?.capturedAt ?? null,
      firstPictureMs: numbers.firstPictureMs,
      reconnects,
    };
  }
}

const configOf = (decoder: DecoderState): VideoConfig | undefined =>
  'config' in decoder ? decoder.config : undefined;
