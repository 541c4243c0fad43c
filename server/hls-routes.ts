/** HLS over HTTP: a camera's playlists, init segments, segments and parts, for who may see the camera. */
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { NightglassError } from '#wire/nightglass-error.ts';
import { queryOf, type Viewer } from './access.ts';
import type { CameraHls } from './camera-hls.ts';
import { handedOn, wantsInBand } from './hls/handed-on.ts';
import { inBandInit } from './hls/in-band.ts';
import type { LiveRendering } from './hls/live-rendering.ts';
import { playlistRequest } from './hls/live-request.ts';
import { sendInBand } from './in-band-answer.ts';
import { letsGoOfTheStuck } from './stuck-readers.ts';

export interface HlsParts {
  /** By camera name. */
  readonly cameras: ReadonlyMap<string, CameraHls>;
  /** Who asks; they are signed in. */
  readonly viewerIn: (response: Response) => Viewer;
}

const PLAYLIST = 'application/vnd.apple.mpegurl';
const MEDIA = 'video/mp4';
/** A name never means other bytes; what a viewer may see no shared cache may keep. */
const FOR_GOOD = 'private, max-age=3600, immutable';
/** When a client that was told to wait may ask again, seconds. */
const RETRY_SECONDS = 2;

/**
 * `GET /<camera>/index.m3u8`, `/<camera>/<rendering>.m3u8`, `/<camera>/<rendering>/init-<id>.mp4`, `…/<number>.m4s` and
 * `…/<number>.<part>.m4s`. A camera that is not there and one that the viewer may not see are answered alike.
 */
export function hlsRoutes(parts: HlsParts): Router {
  const routes = express.Router({ caseSensitive: true });
  routes.use('/:camera', mayView(parts), letsGoOfTheStuck());
  routes.get('/:camera/index.m3u8', async (request, response) => {
    const camera = cameraOf(parts, request);
    const answer = camera.multivariant(untilClosed(response), handedOn(queryIn(request)));
    sendPlaylist(response, await orRetry(response, answer));
  });
  routes.get('/:camera/:rendering.m3u8', async (request, response, next) => {
    const rendering = renderingOf(parts, request);
    if (rendering === undefined) return next();
    const query = queryIn(request);
    const wanted = playlistRequest(query);
    const folder = `${request.params.rendering}/`;
    const answer = rendering.playlist(wanted, folder, untilClosed(response), handedOn(query));
    sendPlaylist(response, await orRetry(response, answer));
  });
  routes.get('/:camera/:rendering/:file', async (request, response, next) => {
    const rendering = renderingOf(parts, request);
    if (rendering === undefined) return next();
    const inBand = wantsInBand(queryIn(request));
    const found = await orRetry(response, fileOf(rendering, request.params.file, untilClosed(response)));
    if (found === undefined) throw new NightglassError('http/not-found', 'that segment is not held any more');
    const { bytes, init } = found;
    response.set('Cache-Control', FOR_GOOD).type(MEDIA);
    if (inBand && init !== undefined) await sendInBand(response, init, bytes);
    else response.send(inBand ? inBandInit(bytes) : bytes);
  });
  return routes;
}

const mayView =
  ({ cameras, viewerIn }: HlsParts): RequestHandler =>
  (request, response, next) => {
    response.set('Cache-Control', 'no-store');
    const name = String(request.params.camera);
    if (!cameras.has(name) || !viewerIn(response).mayView(name))
      throw new NightglassError('http/not-found', `there is no camera named ${name}`);
    next();
  };

const cameraOf = ({ cameras }: HlsParts, request: Request): CameraHls =>
  cameras.get(String(request.params.camera))!;

const queryIn = (request: Request): URLSearchParams => new URLSearchParams(queryOf(request));

const renderingOf = (parts: HlsParts, request: Request): LiveRendering | undefined =>
  cameraOf(parts, request).rendering(String(request.params.rendering));

interface Found {
  readonly bytes: Uint8Array;
  /** Of media, the init segment that it needs. */
  readonly init?: Uint8Array;
}

async function fileOf(
  rendering: LiveRendering,
  file: string,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const id = /^init-([0-9a-f]{16})\.mp4$/.exec(file)?.[1];
  const itself = id === undefined ? undefined : rendering.init(id);
  if (itself !== undefined) return { bytes: itself };
  const media = /^(\d{1,15})(?:\.(\d{1,6}))?\.m4s$/.exec(file);
  if (media === null) return undefined;
  const [, number, part] = media;
  const bytes =
    part === undefined
      ? rendering.segment(Number(number))
      : await rendering.part(Number(number), Number(part), signal);
  const init = rendering.initFor(Number(number));
  return bytes && init && { bytes, init };
}

/** What is not ready yet may be asked for again. */
async function orRetry<T>(response: Response, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NightglassError && error.code === 'hls/not-ready')
      response.set('Retry-After', String(RETRY_SECONDS));
    throw error;
  }
}

const sendPlaylist = (response: Response, playlist: string): void => {
  response.type(PLAYLIST).send(playlist);
};

/** Aborts when the client is gone: nothing is held for it any longer. */
function untilClosed(response: Response): AbortSignal {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  return closed.signal;
}
