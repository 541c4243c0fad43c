/** A camera's past over HTTP: its timeline, playlists of a span, and their files, for who may see the camera. */
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { NightglassError } from '#wire/nightglass-error.ts';
import { type WallMicros, wallMicros, wallNow } from '#wire/time.ts';
import type { Timeline } from '#wire/timeline.ts';
import { queryOf, type Viewer } from './access.ts';
import type { Archive } from './hls/archive.ts';
import { handedOn, wantsInBand } from './hls/handed-on.ts';
import { sendStoredInBand } from './in-band-answer.ts';
import { letsGoOfTheStuck } from './stuck-readers.ts';

export interface PastParts {
  /** The names of all cameras. */
  readonly cameras: { has(name: string): boolean };
  /** By camera name; of those that have a time-shift window. */
  readonly archives: ReadonlyMap<string, Archive>;
  /** Lets nobody through who is not signed in. */
  readonly signedIn: RequestHandler;
  /** Who asks; they are signed in. */
  readonly viewerIn: (response: Response) => Viewer;
}

const HOUR = 3600e6;
/** A name never means other bytes; what the window has lost no cache is to keep for long. */
const FOR_GOOD = 'private, max-age=3600, immutable';

/**
 * `GET /api/cameras/<camera>/timeline`, `/hls/<camera>/past.m3u8`, `/hls/<camera>/past/<file>`. A camera that is not
 * there and one that the viewer may not see are answered alike.
 */
export function pastRoutes(parts: PastParts): Router {
  const { archives, signedIn } = parts;
  const routes = express.Router({ caseSensitive: true });
  routes.get('/api/cameras/:camera/timeline', signedIn, mayView(parts), async (request, response) => {
    const archive = archives.get(cameraIn(request));
    await archive?.ready;
    response.json(timelineOf(archive, spanIn(request)));
  });
  routes.get('/hls/:camera/past.m3u8', signedIn, mayView(parts), async (request, response) => {
    const { from, to } = spanIn(request);
    if (from === undefined || to === undefined) throw badSpan('from and to are needed');
    if (to - from > HOUR) throw badSpan('a span of more than an hour was asked for');
    const archive = archives.get(cameraIn(request));
    if (archive === undefined)
      throw new NightglassError('hls/nothing-recorded', 'this camera has no time-shift window');
    await archive.ready;
    const carried = handedOn(queryIn(request));
    response.type('application/vnd.apple.mpegurl').send(archive.playlist(from, to, carried));
  });
  routes.get(
    '/hls/:camera/past/:file',
    signedIn,
    mayView(parts),
    letsGoOfTheStuck(),
    async (request, response, next) => {
      const archive = archives.get(cameraIn(request));
      await archive?.ready;
      const name = String(request.params.file);
      const file = archive?.file(name);
      if (archive === undefined || file === undefined) throw notKept();
      const inBand = wantsInBand(queryIn(request));
      response.set('Cache-Control', FOR_GOOD).type('video/mp4');
      if (inBand) return await sendStoredInBand(response, archive, name);
      response.sendFile(file, { root: archive.folder, cacheControl: false }, (error) => {
        // A viewer who goes away in the middle is no failure.
        if (error === undefined || response.headersSent) return;
        response.set('Cache-Control', 'no-store');
        next((error as { status?: unknown }).status === 404 ? notKept() : error);
      });
    },
  );
  return routes;
}

const queryIn = (request: Request): URLSearchParams => new URLSearchParams(queryOf(request));

const cameraIn = (request: Request): string => String(request.params.camera);

const mayView =
  ({ cameras, viewerIn }: PastParts): RequestHandler =>
  (request, response, next) => {
    response.set('Cache-Control', 'no-store');
    const name = cameraIn(request);
    if (!cameras.has(name) || !viewerIn(response).mayView(name))
      throw new NightglassError('http/not-found', `there is no camera named ${name}`);
    next();
  };

function timelineOf(archive: Archive | undefined, { from, to }: Partial<AskedSpan>): Timeline {
  const now = wallNow();
  if (archive === undefined) return { now, window: null, state: 'off', bytes: 0, spans: [] };
  const { limits, state, bytes } = archive;
  const { since: _, ...recording } = state;
  const window = { hours: limits.hours, maxGiB: limits.maxGiB };
  return { now, window, ...recording, bytes, spans: archive.spans(from, to) };
}

interface AskedSpan {
  readonly from: WallMicros;
  readonly to: WallMicros;
}

/** @throws NightglassError `http/bad-request` */
function spanIn(request: Request): Partial<AskedSpan> {
  const query = queryIn(request);
  const from = instantOf(query, 'from');
  const to = instantOf(query, 'to');
  if (from !== undefined && to !== undefined && from >= to) throw badSpan('from is not before to');
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function instantOf(query: URLSearchParams, name: string): WallMicros | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const instant = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(instant)) throw badSpan(`${name} is none`);
  return wallMicros(instant);
}

const badSpan = (what: string): NightglassError =>
  new NightglassError(
    'http/bad-request',
    `${what}: from and to are whole microseconds since 1970, from before to, at most an hour apart in a playlist`,
  );

const notKept = (): NightglassError =>
  new NightglassError('http/not-found', 'that segment is not kept, or not any more');
