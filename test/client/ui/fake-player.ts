/** Stands in for the player worker: draws a moving picture, and says and does what the test asks of it. */
import type {
  FromPlayer,
  TileOptions,
  TileStats,
  TileStatus,
  ToPlayer,
} from '../../../client/player-protocol.ts';
import { wallMicros } from '../../../server/wire/time.ts';

/** What a test asks: a status or numbers for all tiles, a fresh canvas, no more numbers, or the messages so far. */
export type Rehearsal =
  | { readonly ask: 'status'; readonly status: TileStatus }
  | { readonly ask: 'stats'; readonly stats: Partial<TileStats> }
  | { readonly ask: 'canvas' }
  | { readonly ask: 'quiet' }
  | { readonly ask: 'heard' };

/** The answer to `heard`: what each tile was last told, and everything that came, without its canvases. */
export interface Heard {
  readonly options: Readonly<Record<string, TileOptions>>;
  readonly messages: readonly Readonly<Record<string, unknown>>[];
}

interface FakeTile {
  readonly camera: string;
  canvas: OffscreenCanvas;
  options: TileOptions;
}

const tiles = new Map<number, FakeTile>();
const messages: Record<string, unknown>[] = [];
let status: TileStatus = { status: 'playing' };
let stats: Partial<TileStats> = {};

const tell = (message: FromPlayer): void => postMessage(message);

self.addEventListener('message', ({ data }: MessageEvent<ToPlayer>) => {
  messages.push({ ...data, canvas: undefined });
  if (data.type === 'add') {
    tiles.set(data.tile, { camera: data.camera, canvas: data.canvas, options: data.options });
    tell({ type: 'status', tile: data.tile, status });
  }
  const tile = 'tile' in data ? tiles.get(data.tile) : undefined;
  if (data.type === 'options' && tile !== undefined) tile.options = data.options;
  if (data.type === 'canvas' && tile !== undefined) tile.canvas = data.canvas;
  if (data.type === 'remove') tiles.delete(data.tile);
});

const rehearsals = new BroadcastChannel('rehearsal');
rehearsals.addEventListener('message', ({ data }: MessageEvent<Rehearsal>) => {
  if (data.ask === 'status') status = data.status;
  if (data.ask === 'stats') stats = { ...stats, ...data.stats };
  for (const [number] of tiles) {
    if (data.ask === 'status') tell({ type: 'status', tile: number, status });
    if (data.ask === 'canvas') tell({ type: 'canvas-wanted', tile: number });
  }
  if (data.ask === 'quiet') clearInterval(telling);
  if (data.ask === 'heard') {
    const options = Object.fromEntries([...tiles.values()].map((tile) => [tile.camera, tile.options]));
    rehearsals.postMessage({ options, messages } satisfies Heard);
  }
  if (data.ask === 'status' || data.ask === 'stats') draw();
});

function draw(): void {
  for (const [number, tile] of tiles) {
    const numbers = statsOf(tile);
    paint(tile, numbers);
    tell({ type: 'stats', tile: number, stats: numbers });
  }
}
const telling = setInterval(draw, 500);

/** A quay at night: left of the divider as dark as a camera sees it. */
function paint({ canvas, options, camera }: FakeTile, { shownWidth, shownHeight }: TileStats): void {
  if (options.want === 'pause') return;
  if (canvas.width !== shownWidth) canvas.width = shownWidth;
  if (canvas.height !== shownHeight) canvas.height = shownHeight;
  // Drawn by the CPU: a software GPU would be kept busy by many tiles.
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const [w, h] = [shownWidth, shownHeight];
  const sky = context.createLinearGradient(0, 0, 0, h);
  sky.addColorStop(0, '#4a5a66');
  sky.addColorStop(0.55, '#8a8f86');
  sky.addColorStop(0.56, '#3b4a50');
  sky.addColorStop(1, '#22303a');
  context.fillStyle = sky;
  context.fillRect(0, 0, w, h);
  for (let house = 0; house < 14; house += 1) {
    const tall = (0.12 + 0.14 * Math.abs(Math.sin(house * 7.3 + camera.length))) * h;
    context.fillStyle = house % 2 ? '#5d5a52' : '#6b6a60';
    context.fillRect((house / 14) * w, 0.56 * h - tall, w / 15, tall);
    context.fillStyle = '#ffd98a';
    context.fillRect((house / 14 + 0.02) * w, 0.5 * h, w / 120, h / 60);
  }
  const boat = (((performance.now() / 20000) * w) % (1.2 * w)) - 0.1 * w;
  context.fillStyle = '#b8523a';
  context.fillRect(boat, 0.66 * h, 0.14 * w, 0.05 * h);
  context.fillStyle = '#d8d4c8';
  context.fillRect(boat + 0.03 * w, 0.6 * h, 0.05 * w, 0.06 * h);
  context.fillStyle = 'rgb(4 6 9 / 0.88)';
  context.fillRect(0, 0, options.enhance ? options.divider * w : w, h);
}

function statsOf(tile: FakeTile): TileStats {
  const { enhance } = tile.options;
  const jitter = Math.random();
  return {
    camera: tile.camera,
    codec: 'avc1.640028',
    width: 960,
    height: 540,
    shownWidth: 960,
    shownHeight: 540,
    computeWidth: enhance ? 320 : 0,
    computeHeight: enhance ? 184 : 0,
    fpsIn: 25 + jitter / 5,
    fpsOut: enhance ? 10 + jitter : 25,
    ageMs: 70 + 40 * jitter,
    enhanceMs: enhance ? 60 + 30 * jitter : null,
    engine: enhance ? 'wasm' : 'off',
    adapter: enhance ? '2' : '',
    model: enhance ? 'base' : '',
    droppedLate: Math.floor(performance.now() / 100),
    droppedByServer: 0,
    droppedUndecodable: 0,
    framesIn: 0,
    framesShown: 0,
    framesEnhanced: 0,
    shownTimestamp: 0,
    shownEpoch: 1,
    shownCapturedAt: wallMicros(Date.now() * 1000 - 70_000),
    firstPictureMs: 210,
    reconnects: 0,
    ...stats,
  };
}
