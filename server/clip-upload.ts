/** The body of a request as a file that comes in: its end, its silence, and what is left of it when it is refused. */
import type { Request, RequestHandler } from 'express';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { Upload } from './clips/incoming.ts';

/** A connection on which nothing came for so long is gone. */
const SILENCE_MS = 30_000;
/** Who is refused is heard out for so long, or would never read why. */
const HEAR_OUT_MS = 2000;
/** A body that is no file has come by then. */
const BODY_MS = 300_000;

/** A file may take as long as it comes, and is not read to its end once it was answered. */
export const takesFiles: RequestHandler = (request, response, next) => {
  // A download that was paused is silent for as long as it likes.
  if (request.method !== 'PUT') return cutsSlowBodies(request, response, next);
  request.setTimeout(SILENCE_MS, () => request.destroy());
  // From there on the disk may take its time.
  request.once('end', () => request.setTimeout(0));
  response.once('finish', () => {
    if (request.complete) return;
    request.resume();
    const over = setTimeout(() => request.destroy(), HEAR_OUT_MS);
    request.once('close', () => clearTimeout(over));
  });
  next();
};

/** The body, which may be read once. It throws NightglassError `http/bad-request` where the connection ends before it. */
export const uploadOf = (request: Request): Upload => {
  const { 'content-length': length } = request.headers;
  return { body: bodyOf(request), ...(length === undefined ? {} : { declared: Number(length) }) };
};

async function* bodyOf(request: Request): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    // Ended early, the request would lose its connection, which is still to be ended.
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new NightglassError('http/bad-request', 'the file was cut off on its way', { cause });
  }
}

/** In place of the server's own limit, which would cut long files off as well. */
export const cutsSlowBodies: RequestHandler = (request, _response, next) => {
  const over = setTimeout(() => request.complete || request.destroy(), BODY_MS);
  over.unref();
  request.once('close', () => clearTimeout(over));
  next();
};
