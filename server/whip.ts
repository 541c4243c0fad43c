/** WHIP over HTTP (RFC 9725): who may publish to a camera sends an offer, gets the answer, and ends the session. */
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import { rateLimit } from 'express-rate-limit';
import { type ErrorCode, NightglassError } from '#wire/nightglass-error.ts';
import { sameSecret } from './access.ts';
import type { WhipDesk } from './ingest/whip-desk.ts';
import { readFragment } from './ingest/whip-fragment.ts';
import type { IceServer } from './ingest/whip-network.ts';
import type { Publisher } from './ingest/whip-publisher.ts';

/** One camera's door. */
export interface WhipDoor {
  /** What a publisher of this camera must know. */
  readonly token: string;
  readonly desk: WhipDesk;
}

export interface WhipParts {
  /** By camera name. */
  readonly doors: ReadonlyMap<string, WhipDoor>;
  readonly iceServers: readonly IceServer[];
}

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const BODY_LIMIT = '64kb';

/**
 * `POST /<camera>`, `PATCH` and `DELETE /<camera>/<session>`, `OPTIONS` on both. The camera's token is the only right
 * here: no cookie is read, so another site's page can send nothing that its visitor did not type, and any origin may
 * ask. A wrong token, another camera's token and a camera that does not exist are answered alike.
 */
export function whipRoutes(parts: WhipParts): Router {
  const routes = express.Router({ caseSensitive: true });
  const links = parts.iceServers.flatMap(iceLinks);
  const guessing = limitGuessing();
  routes.use(openToOrigins);
  routes
    .route('/:camera')
    .options((_request, response) => answerOptions(response, 'POST', { 'Accept-Post': SDP }))
    .post(guessing, authorised(parts), bodyOf(SDP), async (request, response) => {
      const { publisher, answer } = await doorIn(response).desk.publish(textOf(request));
      const location = `${request.baseUrl}/${request.params.camera}/${publisher.id}`;
      response.status(201).location(location).set('ETag', publisher.etag).type(SDP);
      if (links.length > 0) response.set('Link', links);
      response.send(answer);
    })
    .all(onlyMethods('POST'));
  routes
    .route('/:camera/:session')
    .options((_request, response) => answerOptions(response, 'PATCH, DELETE', { 'Accept-Patch': FRAGMENT }))
    .patch(guessing, authorised(parts), bodyOf(FRAGMENT), async (request, response) => {
      const publisher = sessionOf(request, response);
      const fragment = readFragment(textOf(request));
      checkTag(request, publisher);
      if (!(await publisher.trickle(fragment)))
        throw new Refusal(422, 'an ICE restart is not supported: publish again');
      response.status(204).end();
    })
    .delete(guessing, authorised(parts), (request, response) => {
      sessionOf(request, response).end('the publisher ended the session');
      response.status(200).end();
    })
    .all(onlyMethods('PATCH, DELETE'));
  routes.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    const status = statusOf(error);
    if (status === undefined) return next(error);
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    if (status === 503) response.set('Retry-After', '5');
    response.status(status).json(problemOf(error));
  });
  return routes;
}

/** A request that WHIP refuses with a status of its own. */
class Refusal extends NightglassError {
  readonly status: number;

  constructor(status: number, message: string) {
    super('http/bad-request', message);
    this.status = status;
  }
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  'http/bad-request': 400,
  'http/unauthorised': 401,
  'http/not-found': 404,
  'http/stopping': 503,
  'ingest/already-published': 409,
  'ingest/bad-offer': 400,
  'packets/unsupported-codec': 406,
};

function statusOf(error: unknown): number | undefined {
  if (error instanceof Refusal) return error.status;
  if (error instanceof NightglassError) return STATUS[error.code];
  const { status } = error as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

const problemOf = (error: unknown): { code: ErrorCode; message: string } =>
  error instanceof NightglassError
    ? { code: error.code, message: error.message }
    : { code: 'http/bad-request', message: 'the request was not understood, or is too long' };

const openToOrigins: RequestHandler = (_request, response, next) => {
  response.set({
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'Location, ETag, Link, Retry-After',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Cache-Control': 'no-store',
  });
  next();
};

function answerOptions(response: Response, methods: string, accepts: Record<string, string>): void {
  response
    .status(204)
    .set({
      ...accepts,
      Allow: `OPTIONS, ${methods}`,
      'Access-Control-Allow-Methods': methods,
      'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-Match',
      'Access-Control-Max-Age': '600',
    })
    .end();
}

const onlyMethods =
  (methods: string): RequestHandler =>
  (_request, response) => {
    response.set('Allow', `OPTIONS, ${methods}`);
    throw new Refusal(405, `only ${methods} is understood here`);
  };

/** Guessing is slowed to 20 wrong tries a minute and address. */
const limitGuessing = (): RequestHandler =>
  rateLimit({
    windowMs: 60_000,
    limit: 20,
    requestWasSuccessful: (_request, response) => response.statusCode !== 401,
    skipSuccessfulRequests: true,
    message: { code: 'http/unauthorised', message: 'too many tries; wait a minute' },
  });

const authorised =
  ({ doors }: WhipParts): RequestHandler =>
  (request, response, next) => {
    const door = doors.get(String(request.params.camera));
    const given = /^Bearer ([\x21-\x7e]{1,1024})$/i.exec(request.headers.authorization ?? '')?.[1];
    // The comparison runs without a camera too, so that its time tells nothing.
    const right = sameSecret(given ?? '', door?.token ?? 'no camera of this name');
    if (given === undefined || door === undefined || !right)
      throw new NightglassError('http/unauthorised', 'this token does not let you publish to this camera');
    response.locals.door = door;
    next();
  };

const doorIn = (response: Response): WhipDoor => response.locals.door as WhipDoor;

/** The body as text. It is read only once the token is right. */
function bodyOf(type: string): RequestHandler {
  const read = express.text({ type, limit: BODY_LIMIT });
  return (request, response, next) => {
    if (request.is(type) !== type) throw new Refusal(415, `a body of the type ${type} was expected`);
    read(request, response, next);
  };
}

const textOf = (request: Request): string => (typeof request.body === 'string' ? request.body : '');

function sessionOf(request: Request, response: Response): Publisher {
  const publisher = doorIn(response).desk.find(String(request.params.session));
  if (publisher === undefined) throw new NightglassError('http/not-found', 'this session is over');
  return publisher;
}

/** RFC 9725 §4.3.1: candidates name the ICE session they belong to. `*` announces a restart. */
function checkTag(request: Request, publisher: Publisher): void {
  const tag = request.headers['if-match'];
  if (tag === undefined) throw new Refusal(428, 'If-Match with the ETag of the answer was expected');
  if (tag === '*') throw new Refusal(422, 'an ICE restart is not supported: publish again');
  if (!tag.split(',').some((one) => one.trim() === publisher.etag))
    throw new Refusal(412, 'If-Match names another ICE session');
}

/** RFC 9725 §4.6. The configuration admits no character that would need escaping. */
function iceLinks({ urls, username, credential }: IceServer): string[] {
  const login =
    username === undefined || credential === undefined
      ? ''
      : `; username="${username}"; credential="${credential}"; credential-type="password"`;
  return urls.map((url) => `<${url}>; rel="ice-server"${url.startsWith('turn') ? login : ''}`);
}
