/** The page on a loopback server with a list of cameras and a stand-in for the player worker. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { build } from 'vite';
import type { CameraInfo } from '../../../server/wire/camera-state.ts';

/** What the stand-in for the server answers; a test changes it as it goes. */
export interface Answers {
  cameras: readonly CameraInfo[];
  signedIn: boolean;
  reachable: boolean;
  /** The bodies of the sign-ins tried. */
  readonly signIns: unknown[];
}

export interface PageHarness extends AsyncDisposable {
  readonly url: string;
  readonly answers: Answers;
}

const CSP =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; connect-src 'self' ws: wss:; img-src 'self' data: blob:; media-src 'self' blob:";

/** Builds the page as it is shipped but for the worker, and serves it. Whoever opens it disposes of it. */
export async function openPageHarness(): Promise<PageHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'nightglass-page-'));
  const standIn = join(import.meta.dirname, 'fake-player.ts');
  await build({
    configFile: join(import.meta.dirname, '../../../client/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, sourcemap: false },
    worker: {
      format: 'es',
      plugins: () => [
        {
          name: 'stand-in',
          enforce: 'pre',
          resolveId: (id: string) => (id.endsWith('client/player.ts') ? standIn : undefined),
        },
      ],
    },
  });
  const answers: Answers = { cameras: [], signedIn: true, reachable: true, signIns: [] };
  const app = express();
  app.use((_request, response, next) => {
    response.set('content-security-policy', CSP);
    next();
  });
  app.get('/api/cameras', (_request, response) => {
    if (!answers.reachable) response.sendStatus(503);
    else if (!answers.signedIn) response.sendStatus(401);
    else response.json({ cameras: answers.cameras, version: '0.1.0' });
  });
  app.post('/api/login', express.json(), (request, response) => {
    answers.signIns.push(request.body);
    const { token, password } = request.body as { token?: string; password?: string };
    answers.signedIn = token === 'right' || password === 'right';
    response.sendStatus(answers.signedIn ? 204 : 401);
  });
  app.use(express.static(folder));
  const server = createServer(app);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
