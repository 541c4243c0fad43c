/** THE CLIENT CORRIDOR, in a worker: socket → decode → enhance → present, for each tile of a page. */
import './dispose-symbols.ts';
import type { TuningStore } from '../shaders/engine/tune.ts';
import { codecsHere } from './decode/supports.ts';
import type { Picture } from './decode/tile-decoder.ts';
import type { Size } from './enhance/compute-size.ts';
import { type Equipment, keepEquipment, LOADING } from './enhance/equipment.ts';
import { feedTile, takePicture, wantOf } from './page-feed.ts';
import type { EngineChoice, ExportRequest, FromPlayer, TileOptions, ToPlayer } from './player-protocol.ts';
import { shaderText } from './shader-text.ts';
import { Link, type LinkState } from './socket/link.ts';
import { inSequence } from './socket/sequence.ts';
import { SocketHealth } from './socket/socket-health.ts';
import { preciseNow } from './socket/wall-clock.ts';
import type { Enhancement } from './tile-lane.ts';
import { openTile, type Tile } from './tile-parts.ts';
import type { ShownNow } from './tile-recording.ts';
import type { TileState } from './tile-state.ts';

const STATS_MS = 250;
/** A stream that the server ended is asked for again after this long. */
const REOPEN_MS = 5000;

const tiles = new Map<number, Tile>();
let equipment: Equipment = { surface: 'none', trouble: LOADING };
let linkState: LinkState = { state: 'connecting' };
let link: Link | undefined;
let choice: EngineChoice = 'auto';

/** The walk of one tile's pictures from the server to the canvas. Ends with the tile. */
async function walk(tile: Tile): Promise<void> {
  void decode(tile);
  const { pictures } = tile.decoder;
  while (await pictures.filled()) {
    // The picture is taken when its turn has come, so that it is the newest: what it overtook is dropped.
    using _turn = await turnOf(tile);
    const picture = pictures.take();
    if (picture) present(tile, picture, await enhance(tile, picture));
    tellNote(tile);
  }
}

/** socket → decode: everything the server sends for the tile, as far as it can be decoded. */
async function decode({ stream, decoder, state, recording }: Tile): Promise<void> {
  const { numbers } = state;
  if (!stream) return;
  const skipped = () => numbers.droppedOutOfSequence++;
  for await (const message of inSequence(stream.messages, skipped)) {
    if (message.kind === 'unit') numbers.arrived(performance.now(), message.timestamp);
    if (message.kind === 'gap') numbers.droppedByServer += message.dropped;
    if (message.kind === 'config') state.learn({ refused: undefined });
    if (message.kind === 'end') {
      const { code, message: text } = message;
      if (code !== 'closed') state.learn({ refused: { code, message: text } });
      setTimeout(() => stream.rejoin(), REOPEN_MS);
    }
    recording.message(message);
    await decoder.feed(message);
  }
}

/** → enhance: nothing comes of it where the person does not want it or nothing can. */
async function enhance(tile: Tile, picture: Picture): Promise<Enhancement | undefined> {
  const { lane } = tile.stage;
  const enhanced = tile.options.enhance
    ? await lane?.enhance(picture.frame, {
        ...picture,
        tiles: enhancingTiles(),
        fps: tile.state.numbers.fpsIn(performance.now()),
      })
    : undefined;
  // The person may have changed their mind meanwhile.
  if (!tile.options.enhance) lane?.forget();
  return enhanced;
}

/** → present: the picture on the canvas is the stage's from then on. */
function present(tile: Tile, picture: Picture, enhanced?: Enhancement): void {
  const { stage, state, stream, options, feed, recording } = tile;
  const { lane } = stage;
  const again = state.hasShown(picture);
  stage.keep(picture);
  const size = lane && draw(state, () => lane.present(picture.frame, options));
  if (!size) return;
  const now = performance.now();
  const ageMs = (preciseNow() + (link?.clockOffset ?? 0) - picture.capturedAt) / 1000;
  state.show(now, {
    picture,
    size,
    compute: enhanced?.compute,
    model: enhanced?.network.name,
    ageMs,
    enhanceMs: enhanced?.ms,
    again,
  });
  if (feed.from === 'socket') stream?.acknowledge(picture.timestamp);
  recording.presented(picture, lane, shownNow(tile));
}

/** A picture that cannot be drawn is told, and does not end the walk. */
function draw(state: TileState, present: () => Size): Size | undefined {
  try {
    return present();
  } catch (error) {
    state.learn({
      canvas: { code: 'present/no-canvas', message: `The picture could not be drawn: ${error}` },
    });
    return undefined;
  }
}

/** Draws the standing picture anew, after the person or the equipment changed how it is to look. */
function redraw({ stage, state, decoder, options }: Tile): void {
  const { lane, standing } = stage;
  if (!lane || !standing) return;
  if (!options.enhance) lane.forget();
  const size = draw(state, () => lane.present(standing.frame, options));
  if (size) state.redrawn(size);
  // Walks once more if nothing newer is on its way: the only picture of a paused tile may have come before there was
  // anything to draw or to enhance it with.
  const unfinished = !state.hasShown(standing) || (options.enhance && lane.ready && !lane.holds);
  if (unfinished && decoder.pictures.empty)
    decoder.pictures.put({ ...standing, frame: standing.frame.clone() });
}

function addTile(request: Extract<ToPlayer, { type: 'add' }>): void {
  if (!link) return;
  const tile = openTile(request, { link, linkState, post, ready: redraw });
  tiles.set(request.tile, tile);
  tellNote(tile);
  void tile.stage.equip(equipment);
  void walk(tile);
}

async function connect(request: Extract<ToPlayer, { type: 'connect' }>): Promise<void> {
  const health = new SocketHealth();
  const heard = (news: LinkState) => {
    linkState = news;
    const works = health.hear(news.state);
    if (works !== undefined) post({ type: 'socket', works });
    const fresh = news.state === 'open' ? { refused: undefined, camera: undefined } : {};
    for (const { state } of tiles.values()) state.learn({ link: news, ...fresh });
  };
  link = new Link(request.socket, new AbortController().signal, heard, codecsHere());
  const { models, runtime, model: pinned, denoise } = request;
  choice = request.engine;
  const tunings = tuningStore(request.tunings);
  const wanted = { choice, pinned, denoise, models, runtime, shaders: shaderText, tunings };
  for await (equipment of keepEquipment(wanted)) {
    if (equipment.trouble?.code) console.warn(equipment.trouble.code, equipment.trouble.message);
    for (const tile of tiles.values()) {
      tellNote(tile);
      void tile.stage.equip(equipment);
      tile.exports.equip(equipment);
    }
  }
}

/** A worker has no storage of its own: the page keeps what is found. */
function tuningStore(kept: Readonly<Record<string, string>>): TuningStore {
  const found = new Map(Object.entries(kept));
  return {
    get: (key) => found.get(key),
    set(key, tuning) {
      found.set(key, tuning);
      post({ type: 'tuned', key, tuning });
    },
  };
}

function changeOptions(tile: Tile, options: TileOptions): void {
  tile.options = options;
  tile.stream?.want(wantOf(tile).want);
  tile.stream?.rendition(options.rendition);
  tellNote(tile);
  redraw(tile);
}

function rehearse(fault: Extract<ToPlayer, { type: 'rehearse' }>['fault']): void {
  if (fault === 'drop-socket') link?.drop();
  if (fault === 'lose-decoder') for (const { decoder } of tiles.values()) decoder.rehearseLoss();
  if (fault === 'lose-device' && equipment.surface === 'webgpu') equipment.gpu.device.destroy();
  if (fault === 'lose-device' && equipment.surface === '2d') equipment.enhancer?.[Symbol.dispose]();
}

const turnOf = async ({ options, stage }: Tile): Promise<Disposable | undefined> =>
  options.enhance && stage.lane?.ready && equipment.surface !== 'none'
    ? equipment.enhancer?.turns.take()
    : undefined;

const enhancingTiles = (): number =>
  [...tiles.values()].filter(({ options }) => options.enhance && options.want === 'live').length || 1;

/** The past, beside what the tile shows: it takes its turns at the engine as a tile does. */
function exportSpan({ exports, options }: Tile, camera: string, request: ExportRequest): void {
  exports.start(request, { camera, options, equipment });
}

/** Says why the picture is not enhanced, where it should be and could be some day. */
function tellNote({ state, stage, options }: Tile): void {
  const wanted = options.enhance && choice !== 'off';
  const trouble = equipment.trouble ?? (stage.lane?.holds ? undefined : LOADING);
  state.learn({ note: wanted ? trouble?.message : undefined });
}

/** What the evidence says of the moment a picture is shown. */
const shownNow = ({ options, decoder, state }: Tile): ShownNow => {
  const { decoded, late } = decoder.tally;
  return { options, equipment, decoded, late, droppedByServer: state.numbers.droppedByServer };
};

const post = (message: FromPlayer): void => postMessage(message);

setInterval(() => {
  for (const { state, decoder, options } of tiles.values())
    state.tellStats(performance.now(), {
      equipment,
      decoded: decoder.tally,
      reconnects: link?.reconnects ?? 0,
      enhance: options.enhance,
    });
}, STATS_MS);

addEventListener('message', ({ data }: MessageEvent<ToPlayer>) => {
  if (data.type === 'connect') return void connect(data);
  if (data.type === 'add') return addTile(data);
  if (data.type === 'rehearse') return rehearse(data.fault);
  const tile = tiles.get(data.tile);
  if (data.type === 'picture') return takePicture(tile, data);
  if (!tile) return;
  if (data.type === 'feed') return feedTile(tile, data.feed);
  if (data.type === 'options') return changeOptions(tile, data.options);
  if (data.type === 'canvas') return tile.stage.replaceCanvas(data.canvas);
  if (data.type === 'record')
    return tile.recording.start(data.request, tile.state.numbers.fpsOut(performance.now()));
  if (data.type === 'stop-recording') return tile.recording.stop();
  if (data.type === 'export') return exportSpan(tile, data.camera, data.request);
  if (data.type === 'stop-export') return tile.exports.stop();
  if (data.type === 'snapshot') return void tile.recording.snapshot(data.title, tile.stage, shownNow(tile));
  tiles.delete(data.tile);
  tile[Symbol.dispose]();
});
