/** The viewers of the soak: one that measures, and a crowd that comes, goes and stalls. Neither keeps what it hears. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { ViewerMessage, Want } from '#wire/control.ts';
import { decodeMessage, type MediaMessage, SUBPROTOCOL } from '#wire/message.ts';
import type { Random } from '../fuzz/random.ts';
import type { Nightglass } from '../support/nightglass.ts';
import { pause } from './soak-camera.ts';

const WANTS: readonly Want[] = ['live', 'live', 'live', 'key', 'pause'];
const MOST_TILES = 4;
/** Shortest and longest, milliseconds. */
const STAY = [2_000, 60_000] as const;
const AWAY = [0, 5_000] as const;
const BETWEEN_ACTS = [300, 4_000] as const;
const STALLED = [500, 15_000] as const;

function connect({ origin, token }: Nightglass): WebSocket {
  const address = `${origin.replace(/^http/, 'ws')}/api/socket`;
  const socket = new WebSocket(address, SUBPROTOCOL, { headers: { authorization: `Bearer ${token}` } });
  socket.on('error', () => {});
  return socket;
}

function say(socket: WebSocket, message: ViewerMessage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

function onMedia(socket: WebSocket, hear: (message: MediaMessage) => void): void {
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data: Buffer, binary: boolean) => {
    if (binary) hear(decodeMessage(data));
  });
}

/** Waits for the picture of a camera that is well again. */
interface Waiting {
  readonly since: number;
  readonly after: string;
}

/** Watches every camera, but for those that it is told to leave for a while; acknowledges, and never stalls. */
export class SoakWatcher implements Disposable {
  readonly #socket: WebSocket;
  readonly #names: readonly string[];
  readonly #watched = new Set<string>();
  readonly #heardAt = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #outages = new Map<string, { times: number; longest: number; sum: number }>();
  readonly #acknowledging: NodeJS.Timeout;
  readonly #shown = new Map<number, UnitTimestamp>();
  /** Seconds. */
  longestOutage = 0;
  /** Called with each outage: the camera, what it did before, and seconds. */
  onOutage: (name: string, after: string, seconds: number) => void = () => {};

  private constructor(socket: WebSocket, names: readonly string[]) {
    this.#socket = socket;
    this.#names = names;
    onMedia(socket, (message) => this.#hear(message));
    this.#acknowledging = setInterval(() => {
      for (const [stream, timestamp] of this.#shown) say(socket, { type: 'ack', stream, timestamp });
    }, 500);
  }

  static async open(server: Nightglass, names: readonly string[]): Promise<SoakWatcher> {
    const socket = connect(server);
    await once(socket, 'open');
    const watcher = new SoakWatcher(socket, names);
    for (const name of names) watcher.watch(name);
    return watcher;
  }

  /** Cameras that showed a picture in the last second. */
  get live(): number {
    const now = performance.now();
    return [...this.#heardAt.values()].filter((at) => now - at < 1_000).length;
  }

  watch(name: string): void {
    if (this.#watched.has(name)) return;
    this.#watched.add(name);
    say(this.#socket, { type: 'open', stream: this.#names.indexOf(name), camera: name, want: 'live' });
  }

  leave(name: string): void {
    if (!this.#watched.delete(name)) return;
    this.#waiting.delete(name);
    this.#shown.delete(this.#names.indexOf(name));
    say(this.#socket, { type: 'close', stream: this.#names.indexOf(name) });
  }

  /** From now on a picture of the camera is due. @param after what it did before */
  wellAgain(name: string, after: string): void {
    this.#waiting.set(name, { since: performance.now(), after });
  }

  /** The cameras that show nothing for so long from now, in milliseconds. */
  async silent(ms: number): Promise<string[]> {
    for (const name of this.#names) this.watch(name);
    const from = performance.now();
    const still = () => this.#names.filter((name) => (this.#heardAt.get(name) ?? 0) <= from);
    while (still().length > 0 && performance.now() - from < ms)
      await new Promise((resolve) => setTimeout(resolve, 100));
    for (const name of still()) {
      const waiting = this.#waiting.get(name);
      if (waiting) this.#count(name, waiting);
    }
    return still();
  }

  /** By what the camera did before: how often, and how long until its next picture, seconds. */
  outages(): Record<string, { times: number; 'mean s': number; 'longest s': number }> {
    return Object.fromEntries(
      [...this.#outages].map(([after, { times, sum, longest }]) => [
        after,
        { times, 'mean s': Number((sum / times).toFixed(2)), 'longest s': Number(longest.toFixed(2)) },
      ]),
    );
  }

  [Symbol.dispose](): void {
    clearInterval(this.#acknowledging);
    this.#socket.terminate();
  }

  #hear(message: MediaMessage): void {
    const name = this.#names[message.stream];
    if (message.kind !== 'unit' || name === undefined) return;
    this.#shown.set(message.stream, message.timestamp);
    this.#heardAt.set(name, performance.now());
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) return;
    this.#waiting.delete(name);
    this.#count(name, waiting);
  }

  #count(name: string, { since, after }: Waiting): void {
    const seconds = (performance.now() - since) / 1000;
    this.longestOutage = Math.max(this.longestOutage, seconds);
    this.onOutage(name, after, seconds);
    const { times, sum, longest } = this.#outages.get(after) ?? { times: 0, sum: 0, longest: 0 };
    this.#outages.set(after, { times: times + 1, sum: sum + seconds, longest: Math.max(longest, seconds) });
  }
}

type UnitTimestamp = Extract<MediaMessage, { kind: 'unit' }>['timestamp'];

/** What all of the crowd does, counted. */
export interface Crowd {
  open: number;
  stalled: number;
  visits: number;
}

/** One of the crowd: visit after visit, until the signal aborts. */
export async function visit(
  server: Nightglass,
  names: readonly string[],
  random: Random,
  crowd: Crowd,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(random, AWAY, signal);
    if (signal.aborted) return;
    const socket = connect(server);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await Promise.race([once(socket, 'open').catch(() => {}), closed]);
    crowd.open++;
    crowd.visits++;
    await stay(socket, names, random, crowd, signal);
    crowd.open--;
    // A page that is closed says goodbye; a tablet that is switched off does not.
    if (random.oneIn(2)) socket.terminate();
    else socket.close();
    await closed;
  }
}

async function stay(
  socket: WebSocket,
  names: readonly string[],
  random: Random,
  crowd: Crowd,
  signal: AbortSignal,
): Promise<void> {
  const shown = new Map<number, UnitTimestamp>();
  onMedia(socket, (message) => {
    if (message.kind === 'unit') shown.set(message.stream, message.timestamp);
  });
  let opened = 0;
  const tiles: number[] = [];
  const openOne = (): void => {
    tiles.push(++opened);
    say(socket, { type: 'open', stream: opened, camera: random.pick(names), want: random.pick(WANTS) });
  };
  for (let tile = 1 + random.below(MOST_TILES); tile > 0; tile--) openOne();
  const until = performance.now() + STAY[0] + random.below(STAY[1] - STAY[0]);
  while (performance.now() < until && !signal.aborted && socket.readyState === socket.OPEN) {
    await pause(random, BETWEEN_ACTS, signal);
    for (const [stream, timestamp] of shown) say(socket, { type: 'ack', stream, timestamp });
    const stream = random.pick(tiles);
    switch (random.below(8)) {
      case 0:
        if (tiles.length < MOST_TILES) openOne();
        break;
      case 1:
        if (tiles.length < 2) break;
        tiles.splice(tiles.indexOf(stream), 1);
        shown.delete(stream);
        say(socket, { type: 'close', stream });
        break;
      case 2:
      case 3:
        say(socket, { type: 'want', stream, want: random.pick(WANTS) });
        break;
      case 4:
        socket.pause();
        crowd.stalled++;
        await pause(random, STALLED, signal);
        crowd.stalled--;
        socket.resume();
        break;
    }
  }
}
