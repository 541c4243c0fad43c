/** A stand-in for the server behind a proxy that carries no WebSocket: the page, one camera, and its past as ffmpeg cut it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { build } from 'vite';
import { servedModels } from '../../server/served-models.ts';
import { ffmpeg } from './clip.ts';

const root = join(import.meta.dirname, '../..');
const SECOND = 1_000_000;
/** Every segment is two seconds long. */
export const SEGMENT = 2 * SECOND;
/** Of the segments, these were never recorded. */
const MISSING: readonly number[] = [4, 5];

export interface PastServer extends AsyncDisposable {
  readonly url: string;
  /** Wall-clock µs of the clip's first picture. */
  readonly began: number;
  /** What is asked of HLS fails with this status while it is set. */
  status: number | undefined;
}

/** Serves the first `segments` segments of a clip, as recorded from `began` on. Whoever opens it disposes of it. */
export async function startPastServer(clip: string, segments: number, began: number): Promise<PastServer> {
  const folder = await mkdtemp(join(tmpdir(), 'nightglass-past-'));
  const page = join(folder, 'page');
  await build({
    configFile: join(root, 'client/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: page, emptyOutDir: true, sourcemap: false },
  });
  await ffmpeg([
    ...['-i', clip, '-t', String(2 * segments), '-c', 'copy', '-f', 'hls', '-hls_time', '2'],
    ...['-hls_segment_type', 'fmp4', '-hls_list_size', '0', join(folder, 'all.m3u8')],
  ]);
  const kept = Array.from({ length: segments }, (_, index) => index).filter(
    (index) => !MISSING.includes(index),
  );
  const state = { status: undefined as number | undefined };
  const app = express();
  app.use((_request, response, next) => {
    response.set('cross-origin-opener-policy', 'same-origin');
    response.set('cross-origin-embedder-policy', 'require-corp');
    next();
  });
  app.get('/health', (_request, response) => response.json({ status: 'ok' }));
  app.get('/api/cameras', (_request, response) =>
    response.json({ cameras: [{ name: 'quay', title: 'Quay' }], version: '0' }),
  );
  app.get('/api/cameras/quay/timeline', (request, response) => {
    const [from, to] = [Number(request.query.from), Number(request.query.to)];
    const spans = kept
      .map((index) => ({ from: began + index * SEGMENT, to: began + (index + 1) * SEGMENT }))
      .filter((span) => span.to > from && span.from < to);
    response.json({
      now: Date.now() * 1000,
      window: { hours: 1, maxGiB: 1 },
      state: 'recording',
      bytes: 1,
      spans: joined(spans),
    });
  });
  app.use('/hls', (_request, response, next) =>
    state.status === undefined ? next() : response.sendStatus(state.status),
  );
  app.get('/hls/quay/past.m3u8', (request, response) => {
    const [from, to] = [Number(request.query.from), Number(request.query.to)];
    const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:2', '#EXT-X-PLAYLIST-TYPE:VOD'];
    lines.push('#EXT-X-MAP:URI="past/init.mp4"');
    let before: number | undefined;
    for (const index of kept) {
      const at = began + index * SEGMENT;
      if (at + SEGMENT <= from || at >= to) continue;
      if (before !== undefined && before !== index - 1) lines.push('#EXT-X-DISCONTINUITY');
      before = index;
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(at / 1000).toISOString()}`);
      lines.push('#EXTINF:2.000000,', `past/all${index}.m4s`);
    }
    response.type('application/vnd.apple.mpegurl').send([...lines, '#EXT-X-ENDLIST', ''].join('\n'));
  });
  app.use('/hls/quay/past', express.static(folder));
  const models = join(root, 'models/artifacts');
  app.get('/models/index.json', async (_request, response) => {
    response.json({ models: await servedModels(models) });
  });
  app.use('/models', express.static(models));
  app.use('/runtime', express.static(join(root, 'node_modules/onnxruntime-web/dist')));
  app.use(express.static(page));
  const server = createServer(app);
  // An upgrade that nobody takes is dropped, as by a proxy that knows only HTTP.
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    began,
    get status() {
      return state.status;
    },
    set status(status) {
      state.status = status;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const joined = (spans: readonly { from: number; to: number }[]) =>
  spans.reduce<{ from: number; to: number }[]>((all, span) => {
    const last = all.at(-1);
    if (last?.to === span.from) all[all.length - 1] = { from: last.from, to: span.to };
    else all.push(span);
    return all;
  }, []);
