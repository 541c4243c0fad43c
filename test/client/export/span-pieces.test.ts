import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExportSpan, SpanPiece } from '../../../client/export/span.ts';
import { recordedOf, spanPieces } from '../../../client/export/span-pieces.ts';
import { nameOf, type Stored } from '../../../server/hls/archive-names.ts';
import { pastPlaylist } from '../../../server/hls/archive-playlist.ts';
import { segments } from '../../../server/hls/segmenter.ts';
import { micros, wallMicros } from '../../../server/wire/time.ts';
import { clipUnits, readItems } from '../../support/hls-units.ts';

const BEGAN = 1_780_000_000_000_000;
const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;
const INIT = '0123456789abcdef';

const stored = (minute: number): Stored => ({
  capturedAt: wallMicros(BEGAN + minute * MINUTE),
  duration: micros(MINUTE),
  run: 0,
  pictures: 1500,
  bytes: 1000,
  init: INIT,
  discontinuity: false,
  independent: true,
});
const span = (from: number, to: number): ExportSpan => ({
  from: wallMicros(BEGAN + from * MINUTE),
  to: wallMicros(BEGAN + to * MINUTE),
});

let init: Uint8Array;
let server: Server;
let origin: string;
/** What the server holds, by minutes; its now; what it was asked for. */
let held: number[];
let now: number;
let asked: URL[];
let statusOf: (path: string) => number;

beforeAll(async () => {
  const units = await clipUnits({ codec: 'h264', width: 64, height: 48, frames: 50, keyInterval: 25 });
  for await (const item of segments(readItems(units)))
    if (item.kind === 'segment') init = item.segment.init.bytes;
});

/** Answers as the server of Nightglass does: no playlist of more than an hour. */
beforeEach(async () => {
  held = Array.from({ length: 150 }, (_, minute) => minute);
  now = BEGAN + 1000 * MINUTE;
  asked = [];
  statusOf = () => 200;
  server = createServer((request, response) => {
    const url = new URL(request.url!, origin);
    asked.push(url);
    const [from, to] = ['from', 'to'].map((name) => Number(url.searchParams.get(name))) as [number, number];
    const status = url.pathname.endsWith('.m3u8') && to - from > HOUR ? 400 : statusOf(url.pathname);
    const known = held
      .map(stored)
      .filter(({ capturedAt, duration }) => capturedAt < to && capturedAt + duration > from);
    const found = !url.pathname.endsWith('.m3u8') || known.length > 0;
    response.writeHead(found ? status : 404);
    if (!found || status !== 200) response.end();
    else if (url.pathname === '/past.m3u8') response.end(pastPlaylist(known, 'past/'));
    else if (url.pathname === '/timeline')
      response.end(JSON.stringify({ now, state: 'recording', spans: [span(0, 10), span(20, 30)] }));
    else response.end(url.pathname.includes('init-') ? init : url.pathname);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const addresses = () => ({ playlist: `${origin}/past.m3u8`, timeline: `${origin}/timeline` });

const piecesOf = (wanted: ExportSpan, signal = new AbortController().signal): AsyncGenerator<SpanPiece> =>
  spanPieces(addresses(), wanted, signal);

async function all(pieces: AsyncIterable<SpanPiece>): Promise<SpanPiece[]> {
  const taken: SpanPiece[] = [];
  for await (const piece of pieces) taken.push(piece);
  return taken;
}

/** `7`, `8!` behind a discontinuity, `9?` where it is not to be had. */
const written = (pieces: readonly SpanPiece[]): string =>
  pieces
    .map(({ kind, segment: { from, discontinuity } }) => {
      const minute = (from - BEGAN) / MINUTE;
      return `${minute}${discontinuity ? '!' : ''}${kind === 'missing' ? '?' : ''}`;
    })
    .join(' ');
const minutes = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index).join(' ');
const askedFor = (part: string): URL[] => asked.filter(({ pathname }) => pathname.includes(part));

describe('what the server holds of a span', () => {
  it('comes whole and in order, each segment once, also of many hours, though a playlist spans only one', async () => {
    const pieces = await all(piecesOf(span(2.5, 148.5)));
    expect(written(pieces)).toBe(minutes(2, 148));
    expect(askedFor('.m4s')).toHaveLength(147);
    expect(askedFor('init-')).toHaveLength(1);
    expect(askedFor('.m3u8').length).toBeGreaterThan(2);
  });

  it('goes on behind hours of which nothing is held', async () => {
    held = [0, 1, 138, 139];
    expect(written(await all(piecesOf(span(0, 139.5))))).toBe('0 1 138! 139');
  });

  it('stands on its own where the segment before it was deleted between two playlists', async () => {
    const pieces = piecesOf(span(0, 100));
    const taken: SpanPiece[] = [];
    for await (const piece of pieces) {
      taken.push(piece);
      // As a window that is full: nobody knows what the next one follows on.
      if (taken.length === 30) held = held.filter((minute) => minute >= 70);
    }
    expect(written(taken)).toBe(`${minutes(0, 59)} 70! ${minutes(71, 100)}`);
  });

  it('is missing where a segment was deleted after it was told of', async () => {
    const gone = nameOf(stored(5));
    statusOf = (path) => (path.endsWith(gone) ? 404 : 200);
    expect(written(await all(piecesOf(span(4, 6.5))))).toBe('4 5? 6');
  });

  it('is waited for where the span ends now and the camera is recorded', async () => {
    held = [0, 1];
    now = BEGAN + 2.5 * MINUTE;
    const pieces = piecesOf(span(0, 2.5));
    for (let piece = 0; piece < 1; piece++) await pieces.next();
    const rest = all(pieces);
    while (askedFor('/timeline').length === 0) await new Promise((later) => setImmediate(later));
    held = [0, 1, 2];
    expect(written(await rest)).toBe('1 2');
  });

  it('is asked for again where the server is away for a moment', async () => {
    let away = 2;
    statusOf = (path) => (path.endsWith(nameOf(stored(5))) && away-- > 0 ? 503 : 200);
    expect(written(await all(piecesOf(span(4, 6.5))))).toBe('4 5 6');
  });

  it('ends where the viewer is signed out, and at once where it is stopped', async () => {
    statusOf = (path) => (path.endsWith('.m4s') ? 401 : 200);
    await expect(all(piecesOf(span(4, 6)))).rejects.toMatchObject({ code: 'http/unauthorised' });
    statusOf = () => 503;
    const stop = new AbortController();
    const stopped = all(piecesOf(span(4, 6), stop.signal));
    while (askedFor('.m3u8').length < 2) await new Promise((later) => setImmediate(later));
    stop.abort(new Error('stopped by the person'));
    await expect(stopped).rejects.toThrow('stopped by the person');
  });

  it('is as long as the timeline says, for how long an export takes', async () => {
    expect(await recordedOf(addresses().timeline, span(5, 25), new AbortController().signal)).toBe(
      10 * MINUTE,
    );
  });
});
