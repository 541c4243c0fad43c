/** The page's end of the player worker: one worker for all the tiles of a server, each tile known by its number. */
import type { FromPlayer, ToPlayer } from './player-protocol.ts';
import { serverAddresses } from './server-addresses.ts';
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
  const link = new PlayerLink(new Worker(new URL('./player.ts', import.meta.url), { type: 'module' }));
  links.set(server.href, link);
  return link;
}

/** Hands out tile numbers and takes each message of the worker to its tile. Owns the worker for the page's life. */
class PlayerLink {
  readonly #worker: Worker;
  readonly #listeners = new Map<number, TileListener>();
  #lastTile = 0;
  #connected = false;
  #heard = false;
  #failure: string | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
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
      });
    }
    this.#lastTile += 1;
    const tile = this.#lastTile;
    const { camera, canvas, options } = request;
    this.#listeners.set(tile, listener);
    this.#send({ type: 'add', tile, camera, canvas, options }, [canvas]);
    if (this.#failure !== undefined) listener.failed(this.#failure);
    return {
      setOptions: (changed) => this.#send({ type: 'options', tile, options: changed }),
      replaceCanvas: (fresh) => this.#send({ type: 'canvas', tile, canvas: fresh }, [fresh]),
      rehearse: (fault) => this.#send({ type: 'rehearse', fault }),
      close: () => {
        this.#listeners.delete(tile);
        this.#send({ type: 'remove', tile });
      },
    };
  }

  #route(message: FromPlayer): void {
    const listener = this.#listeners.get(message.tile);
    switch (message.type) {
      case 'status':
        listener?.statusChanged(message.status);
        break;
      case 'stats':
        listener?.statsChanged(message.stats);
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
