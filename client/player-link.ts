/** The page's end of the player worker: one worker for all the tiles of a server, each tile known by its number. */

import { FilePlayback } from './file-playback.ts';
import { keepTuning, keptTunings } from './kept-tunings.ts';
import { LiveWay } from './live-way.ts';
import type { Feed } from './playback-state.ts';
import type { FromPlayer, ToPlayer } from './player-protocol.ts';
import { hlsAddresses, serverAddresses } from './server-addresses.ts';
import { type PlaybackNews, TilePlayback } from './tile-playback.ts';
import type { OpenTile, Tile, TileListener, TileRequest } from './ui/tile.ts';

const links = new Map<string, PlayerLink>();

/** Opens a tile in the worker of the request's server; the worker starts with the first of them. */
export const openTile: OpenTile = (request, listener) => linkTo(request.server).open(request, listener);

/** Starts the worker of a server before the first tile needs it, so that its script loads meanwhile. */
export function warmPlayer(server: URL): void {
  linkTo(server);
}

function linkTo(server: URL): PlayerLink {
  const known = links.get(server.href);
  if (known !== undefined) return known;
  const link = new PlayerLink(
    new Worker(new URL('./player.ts', import.meta.url), { type: 'module' }),
    server,
  );
  links.set(server.href, link);
  return link;
}

/** Hands out tile numbers and takes each message of the worker to its tile. Owns the worker for the page's life. */
class PlayerLink {
  readonly #worker: Worker;
  readonly #listeners = new Map<number, TileListener>();
  /** Of the same tiles. */
  readonly #playbacks = new Map<number, TilePlayback | FilePlayback>();
  readonly #way: LiveWay;
  #lastTile = 0;
  #connected = false;
  #heard = false;
  #failure: string | undefined;

  constructor(worker: Worker, server: URL) {
    this.#worker = worker;
    this.#way = new LiveWay(server, (via) => {
      for (const playback of this.#playbacks.values()) playback.setVia(via);
    });
    worker.addEventListener('message', ({ data }: MessageEvent<FromPlayer>) => {
      this.#heard = true;
      this.#route(data);
    });
    worker.addEventListener('error', (event) => {
      // A worker that has spoken survives an error of one task; one that never spoke did not load.
      if (this.#heard) return;
      this.#failure = event.message || 'its script could not be loaded';
      for (const listener of this.#listeners.values()) listener.failed(this.#failure);
    });
  }

  open(request: TileRequest, listener: TileListener): Tile {
    if (!this.#connected) {
      this.#connected = true;
      this.#send({
        type: 'connect',
        ...serverAddresses(request.server),
        engine: request.engine,
        model: request.model,
        denoise: request.denoise,
        tunings: keptTunings(),
      });
    }
    this.#lastTile += 1;
    const tile = this.#lastTile;
    const { camera, canvas, options, file } = request;
    const via = this.#way.choose(request.via);
    this.#listeners.set(tile, listener);
    const feed: Feed = { from: via === 'hls' || file ? 'page' : 'socket' };
    const clock = file && ({ fileClock: file.startedAt === undefined ? 'position' : 'file' } as const);
    this.#send({ type: 'add', tile, camera, canvas, options, feed, ...clock }, [canvas]);
    const news: PlaybackNews = {
      feed: (changed) => this.#send({ type: 'feed', tile, feed: changed }),
      picture: (picture) => this.#send({ type: 'picture', tile, ...picture }, [picture.frame]),
      changed: (state) => listener.playbackChanged(state),
    };
    const playback = file
      ? new FilePlayback(file, news)
      : new TilePlayback(hlsAddresses(request.server, camera), via, news);
    playback.rest(options.want !== 'live');
    this.#playbacks.set(tile, playback);
    if (this.#failure !== undefined) listener.failed(this.#failure);
    return {
      playback,
      setOptions: (changed) => {
        playback.rest(changed.want !== 'live');
        this.#send({ type: 'options', tile, options: changed });
      },
      replaceCanvas: (fresh) => this.#send({ type: 'canvas', tile, canvas: fresh }, [fresh]),
      record: (asked) => this.#send({ type: 'record', tile, request: asked }),
      stopRecording: () => this.#send({ type: 'stop-recording', tile }),
      exportSpan: (asked) => {
        const { past, timeline } = hlsAddresses(request.server, camera);
        const addresses = { playlist: past.href, timeline: timeline.href };
        this.#send({ type: 'export', tile, camera, request: { ...asked, addresses } });
      },
      stopExport: () => this.#send({ type: 'stop-export', tile }),
      snapshot: (title) => this.#send({ type: 'snapshot', tile, title }),
      rehearse: (fault) => this.#send({ type: 'rehearse', fault }),
      close: () => {
        playback[Symbol.dispose]();
        this.#playbacks.delete(tile);
        this.#listeners.delete(tile);
        this.#send({ type: 'remove', tile });
      },
    };
  }

  #route(message: FromPlayer): void {
    if (message.type === 'socket') return void this.#way.socket(message.works);
    if (message.type === 'tuned') return void keepTuning(message.key, message.tuning);
    const listener = this.#listeners.get(message.tile);
    switch (message.type) {
      case 'status':
        listener?.statusChanged(message.status);
        break;
      case 'stats':
        if (message.stats.shownCapturedAt !== null)
          this.#playbacks.get(message.tile)?.shown(message.stats.shownCapturedAt);
        listener?.statsChanged(message.stats);
        break;
      case 'recording':
        listener?.recordingChanged(message.recording);
        break;
      case 'export':
        listener?.exportChanged(message.export);
        break;
      case 'snapshot':
        listener?.snapshotTaken(message.outcome);
        break;
      case 'canvas-wanted':
        listener?.canvasWanted();
        break;
    }
  }

  #send(message: ToPlayer, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
