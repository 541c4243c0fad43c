/** Everything the server answers over HTTP: the page, its files, /api, /health, /metrics, and the viewers' socket. */
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type WebSocket, WebSocketServer } from 'ws';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { Access, Viewer } from './access.ts';
import type { Camera } from './camera.ts';
import { reportOf } from './camera-health.ts';
import type { CameraHls } from './camera-hls.ts';
import type { Certificate } from './certificate.ts';
import { clipRoutes } from './clip-routes.ts';
import { cutsSlowBodies } from './clip-upload.ts';
import type { ClipStore } from './clips/clip-store.ts';
import type { Config } from './config.ts';
import type { Archive } from './hls/archive.ts';
import { hlsRoutes } from './hls-routes.ts';
import { answerFor } from './http-answer.ts';
import { pastRoutes } from './past-routes.ts';
import type { Renditions } from './renditions.ts';
import { changedByOurPage, isOurPage } from './same-origin.ts';
import { noCapture, securityHeaders } from './security-headers.ts';
import { servedModels } from './served-models.ts';
import { signedIn, signInRoutes, viewerIn } from './sign-in.ts';
import { serveViewer, viewerSocketOptions } from './socket/viewer.ts';
import { type WhipParts, whipRoutes } from './whip.ts';

/** The WebSocket close code of a viewer who is not signed in. */
const SIGNED_OUT = 4401;

export interface HttpParts {
  readonly config: Config;
  readonly access: Access;
  readonly cameras: ReadonlyMap<string, Camera>;
  /** Of the same cameras, what viewers choose from. */
  readonly renditions: ReadonlyMap<string, Renditions>;
  readonly certificate: Certificate | undefined;
  readonly metrics: Registry;
  readonly folders: Readonly<Record<'page' | 'models' | 'runtime' | 'ffmpeg' | 'fonts', string>>;
  /** By camera name; absent where nothing is offered over HLS. */
  readonly hls?: ReadonlyMap<string, CameraHls>;
  /** Of the cameras that have a time-shift window. */
  readonly archives?: ReadonlyMap<string, Archive>;
  /** Absent where no clips are kept. */
  readonly clips?: ClipStore;
  /** Absent where no camera is published to. */
  readonly whip?: WhipParts;
  readonly version: string;
  readonly log: Logger;
}

export interface HttpServer extends AsyncDisposable {
  /** The address of the page, without a trailing slash. */
  readonly origin: string;
}

/** Listens, and resolves when it does. @throws the listening socket's own error, e.g. EADDRINUSE */
export async function openHttp(parts: HttpParts): Promise<HttpServer> {
  const app = pageAndApi(parts);
  const server = parts.certificate ? createHttpsServer({ ...parts.certificate }, app) : createHttpServer(app);
  server.requestTimeout = 0;
  const viewers = new WebSocketServer({ ...viewerSocketOptions, noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (!isOurPage(request) || pathOf(request) !== '/api/socket') return socket.destroy();
    viewers.handleUpgrade(request, socket, head, (viewerSocket) => {
      serve(request, viewerSocket).catch((error) =>
        parts.log.error({ error }, 'a viewer could not be served'),
      );
    });
  });
  const serve = async (request: IncomingMessage, viewerSocket: WebSocket): Promise<void> => {
    // An error is followed by the close; without a listener it would end the server.
    viewerSocket.on('error', () => {});
    // Messages that arrive while the sign-in is checked wait in the paused socket.
    viewerSocket.pause();
    const viewer = await parts.access.viewerOf(request);
    viewerSocket.resume();
    if (viewer === undefined) return viewerSocket.close(SIGNED_OUT, 'signed out');
    await serveViewer(viewerSocket, {
      rendering: (camera, rendition) => renditionsFor(parts, viewer, camera).rendering(rendition),
    });
  };
  await listen(server, parts.config);
  return {
    origin: originOf(server, parts),
    async [Symbol.asyncDispose]() {
      for (const viewerSocket of viewers.clients) viewerSocket.close(1001, 'the server is stopping');
      server.closeAllConnections();
      for (const viewerSocket of viewers.clients) viewerSocket.terminate();
      await new Promise((done) => server.close(done));
    },
  };
}

/** @throws NightglassError `socket/unknown-camera`, the same for a camera this viewer has no right to */
function renditionsFor({ renditions }: HttpParts, viewer: Viewer, name: string): Renditions {
  const camera = viewer.mayView(name) ? renditions.get(name) : undefined;
  if (camera === undefined)
    throw new NightglassError('socket/unknown-camera', `there is no camera named ${name}`);
  return camera;
}

function pageAndApi(parts: HttpParts): express.Express {
  const { config, access, cameras, renditions, folders, metrics, version, log } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders(parts.certificate !== undefined));
  app.use(noCapture);
  app.use('/api', changedByOurPage);
  if (parts.clips)
    app.use('/api/clips', clipRoutes({ clips: parts.clips, signedIn: signedIn(access), viewerIn }), notFound);
  app.use(cutsSlowBodies);
  app.use(signInRoutes({ access, secure: parts.certificate !== undefined }));
  app.get('/publish', publishPage(parts));
  if (parts.whip) app.use('/whip', whipRoutes(parts.whip));

  app.get('/health', async (request, response) => {
    const viewer = await access.viewerOf(request);
    // Whoever is not signed in learns that the server runs, and nothing of its cameras.
    if (viewer === undefined) return response.json({ status: 'ok', version });
    const visible = [...renditions.values()].filter(({ main }) => viewer.mayView(main.config.name));
    const reports = visible.map(({ main, sub }) =>
      reportOf(main, sub, parts.archives?.get(main.config.name)),
    );
    return response.json({ status: 'ok', version, cameras: reports });
  });
  app.get('/api/cameras', signedIn(access), (_request, response) => {
    const viewer = viewerIn(response);
    const visible = [...cameras.values()].filter(({ config }) => viewer.mayView(config.name));
    response.json({
      version,
      cameras: visible.map(({ config, stream }) => ({
        name: config.name,
        title: config.title,
        state: stream.state,
      })),
    });
  });
  const archives = parts.archives ?? new Map<string, Archive>();
  app.use(pastRoutes({ cameras, archives, signedIn: signedIn(access), viewerIn }));
  if (parts.hls) app.use('/hls', signedIn(access), hlsRoutes({ cameras: parts.hls, viewerIn }), notFound);
  app.get('/metrics', signedIn(access), async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });

  const cached = { immutable: true, maxAge: '365d' };
  app.use('/assets', express.static(`${folders.page}/assets`, cached), notFound);
  app.get('/models/index.json', async (_request, response) => {
    response.json({ models: await servedModels(folders.models, config.models) });
  });
  app.use('/models', express.static(folders.models), notFound);
  app.use('/runtime', express.static(folders.runtime), notFound);
  // An hour: read once for its progress, once by the worker that runs it.
  app.use('/ffmpeg', express.static(folders.ffmpeg, { maxAge: '1h' }), notFound);
  app.use('/fonts', express.static(folders.fonts), notFound);
  app.use(express.static(folders.page), notFound);
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const { status, code, message } = answerFor(error);
    if (status === 500) log.error({ error }, 'a request failed');
    response.status(status).json({ code, message });
  });
  return app;
}

/** The one page that may ask for a camera or a screen. It shows nothing of ours, so it asks for no sign-in. */
function publishPage({ folders }: HttpParts): RequestHandler {
  return (_request, response, next) => {
    response.set('Permissions-Policy', 'camera=(self), display-capture=(self), microphone=()');
    response.sendFile('publish.html', { root: folders.page }, (error) => error && next(error));
  };
}

const notFound: RequestHandler = () => {
  throw new NightglassError('http/not-found', 'there is nothing at this address');
};

/** Taken by hand: whoever connects writes the address, and `new URL` throws on some. */
const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0]!;

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

function originOf(server: Server, { certificate, config }: HttpParts): string {
  const { port } = server.address() as AddressInfo;
  // Every address of this machine is listened on: the link names the one that works here.
  const named = ['0.0.0.0', '::'].includes(config.host) ? 'localhost' : config.host;
  const host = named.includes(':') ? `[${named}]` : named;
  return `${certificate ? 'https' : 'http'}://${host}:${port}`;
}
