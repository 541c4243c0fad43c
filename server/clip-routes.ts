/** The clips kept on the server, over HTTP: for who may see the camera that a clip is of. */
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import { cameraOfClip, clipFileKind } from '#wire/clip-name.ts';
import type { KeptClip, KeptClips } from '#wire/kept-clip.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { queryOf, type Viewer } from './access.ts';
import { takesFiles, uploadOf } from './clip-upload.ts';
import type { ClipStore } from './clips/clip-store.ts';

export interface ClipParts {
  readonly clips: ClipStore;
  /** Lets nobody through who is not signed in. */
  readonly signedIn: RequestHandler;
  /** Who asks; they are signed in. */
  readonly viewerIn: (response: Response) => Viewer;
}

/** Clips in one answer. */
const PAGE = 50;

/**
 * `GET /`, and of a clip `GET` and `PUT /<id>/<file>` and `DELETE /<id>`. The files of a clip come first, its evidence
 * `<id>.json` last: with it the clip is there. A clip that is not there and one of a camera that the viewer may not see
 * are answered alike.
 */
export function clipRoutes(parts: ClipParts): Router {
  const { clips, signedIn, viewerIn } = parts;
  const routes = express.Router({ caseSensitive: true });
  routes.use(takesFiles, signedIn, (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  routes.get('/', async (request, response) => {
    await clips.ready();
    const { clips: page, more } = clips.list(mayView(viewerIn(response)), afterIn(request), PAGE);
    const last = page.at(-1);
    const next = more && last ? `${last.from}_${last.id}` : null;
    response.json({ clips: page, next, room: clips.room } satisfies KeptClips);
  });
  routes.put('/:id/:file', limitUploads(), async (request, response) => {
    const { id, file } = namesIn(request);
    const viewer = viewerIn(response);
    const camera = cameraOfClip(id)!;
    if (!viewer.mayView(camera))
      throw new NightglassError('http/not-found', `there is no camera named ${camera}`);
    const upload = uploadOf(request);
    if (clipFileKind(id, file) === 'evidence')
      return response.status(201).json(await clips.keep(id, upload, mayView(viewer)));
    await clips.receive(id, file, upload);
    return response.status(204).end();
  });
  routes.get('/:id/:file', async (request, response, next) => {
    const { id, file } = namesIn(request);
    await clips.ready();
    const place = clips.fileOf(clipFor(parts, id, response).id, file);
    if (place === undefined) throw notKept();
    // The viewer's right may end, and the clip may be deleted: it is asked for each time.
    response.set('Cache-Control', 'private, no-cache').attachment(file);
    response.sendFile(place, { root: clips.folder, cacheControl: false, dotfiles: 'allow' }, (error) => {
      // A viewer who goes away in the middle is no failure.
      if (error === undefined || response.headersSent) return;
      response.removeHeader('Content-Disposition');
      next((error as { status?: unknown }).status === 404 ? notKept() : error);
    });
  });
  routes.delete('/:id', async (request, response) => {
    const id = String(request.params.id);
    if (cameraOfClip(id) === undefined) throw badName(id);
    await clips.ready();
    await clips.delete(clipFor(parts, id, response).id);
    response.status(204).end();
  });
  routes.put('/{*any}', (request) => {
    throw badName(request.path);
  });
  return routes;
}

const mayView =
  (viewer: Viewer) =>
  (camera: string): boolean =>
    viewer.mayView(camera);

/** @throws NightglassError `http/not-found` */
function clipFor({ clips, viewerIn }: ClipParts, id: string, response: Response): KeptClip {
  const clip = clips.find(id);
  if (clip === undefined || !viewerIn(response).mayView(clip.camera.name)) throw notKept();
  return clip;
}

/** @throws NightglassError `clips/bad-name` */
function namesIn(request: Request): { readonly id: string; readonly file: string } {
  const [id, file] = [String(request.params.id), String(request.params.file)];
  if (clipFileKind(id, file) === undefined) throw badName(`${id}/${file}`);
  return { id, file };
}

/** @throws NightglassError `http/bad-request` */
function afterIn(request: Request): Pick<KeptClip, 'from' | 'id'> | undefined {
  const text = new URLSearchParams(queryOf(request)).get('after');
  if (text === null) return undefined;
  const [, from, id = ''] = /^(\d{1,16})_(.{1,200})$/.exec(text) ?? [];
  if (from === undefined || cameraOfClip(id) === undefined)
    throw new NightglassError('http/bad-request', 'after: what the page before gave as next was expected');
  return { from: Number(from) as KeptClip['from'], id };
}

/** A clip is some four requests: who sends hundreds a minute keeps others from the disk. */
const limitUploads = (): RequestHandler =>
  rateLimit({
    windowMs: 60_000,
    limit: 240,
    message: { code: 'clips/busy', message: 'too many files in a minute; wait a while' },
  });

const badName = (given: string): NightglassError =>
  new NightglassError(
    'clips/bad-name',
    `the name of a clip and of one of its files was expected, ${JSON.stringify(given.slice(0, 100))} came`,
  );

const notKept = (): NightglassError =>
  new NightglassError('http/not-found', 'that clip is not kept here, or not any more');
