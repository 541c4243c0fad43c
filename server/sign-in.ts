/** How a viewer gets a session, and what asks for one. */
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { NightglassError } from '#wire/nightglass-error.ts';
import {
  type Access,
  type Credentials,
  queryOf,
  SESSION_COOKIE,
  SESSION_DAYS,
  type Viewer,
} from './access.ts';

export interface SignInParts {
  readonly access: Access;
  /** The page is served over TLS. */
  readonly secure: boolean;
}

/** The login link, `/api/login` and `/api/logout`. */
export function signInRoutes(parts: SignInParts): Router {
  const routes = Router();
  routes.get('/', exchangeToken(parts));
  routes.post('/api/login', signInLimit(), express.json({ limit: '4kb' }), async (request, response) => {
    const credentials = readCredentials(request.body);
    const session = credentials && (await parts.access.signIn(credentials));
    if (session === undefined) throw new NightglassError('http/unauthorised', 'that sign-in is not right');
    setSession(response, session, parts);
    response.status(204).end();
  });
  routes.post('/api/logout', (_request, response) => response.clearCookie(SESSION_COOKIE).status(204).end());
  return routes;
}

/** Lets nobody through who is not signed in; `viewerIn` then says who it is. */
export const signedIn =
  (access: Access): RequestHandler =>
  async (request, response, next) => {
    const viewer = await access.viewerOf(request);
    if (viewer === undefined)
      throw new NightglassError('http/unauthorised', 'sign in with the login link first');
    response.locals.viewer = viewer;
    next();
  };

/** Of an answer that `signedIn` let through. */
export const viewerIn = (response: Response): Viewer => response.locals.viewer as Viewer;

/** The login link: `/?token=…` becomes a cookie, and the token leaves the address bar. */
function exchangeToken(parts: SignInParts): RequestHandler {
  const limit = signInLimit();
  const exchange = async (request: Request, response: Response) => {
    const token = String(request.query.token);
    const session = await parts.access.signIn({ token });
    if (session !== undefined) setSession(response, session, parts);
    const query = new URLSearchParams(queryOf(request));
    query.delete('token');
    response.redirect(303, query.size > 0 ? `/?${query}` : '/');
  };
  return (request, response, next) => {
    if (request.query.token === undefined) return next();
    return limit(request, response, (error?: unknown) =>
      error ? next(error) : exchange(request, response).catch(next),
    );
  };
}

/** Guessing is slowed to 20 wrong tries a minute and address. */
const signInLimit = (): RequestHandler =>
  rateLimit({
    windowMs: 60_000,
    limit: 20,
    requestWasSuccessful: (_request, response) => response.getHeader('Set-Cookie') !== undefined,
    skipSuccessfulRequests: true,
    message: { code: 'http/unauthorised', message: 'too many tries; wait a minute' },
  });

const credentialsSchema = z.union([
  z.strictObject({ token: z.string().max(512) }),
  z.strictObject({ username: z.string().max(64), password: z.string().max(512) }),
]);

const readCredentials = (body: unknown): Credentials | undefined => credentialsSchema.safeParse(body).data;

function setSession(response: Response, session: string, { secure }: SignInParts): void {
  response.cookie(SESSION_COOKIE, session, {
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge: SESSION_DAYS * 86_400_000,
  });
}
