/** Keeps other pages from acting in a viewer's name: the cookie rides along with whatever the browser sends. */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { NightglassError } from '#wire/nightglass-error.ts';

/** A browser names the page that a request comes from, where it could do harm; other programs name none. */
export function isOurPage({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}

/**
 * Lets other pages change nothing. The cookie is `SameSite=Strict` besides, but another port of the same host is the
 * same site. @throws NightglassError `http/forbidden`
 */
export const changedByOurPage: RequestHandler = (request, _response, next) => {
  if (!['GET', 'HEAD', 'OPTIONS'].includes(request.method) && !isOurPage(request))
    throw new NightglassError('http/forbidden', 'another page may change nothing here');
  next();
};
