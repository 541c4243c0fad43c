/** Lets go of who asks for media and then takes nothing of it. */
import type { Socket } from 'node:net';
import type { RequestHandler } from 'express';

/** Longer than any answer is held. Milliseconds */
const STUCK_MS = 30_000;

/** An answer holds a segment or a file open: who takes no byte of it for so long is cut off. */
export const letsGoOfTheStuck =
  (milliseconds = STUCK_MS): RequestHandler =>
  (_request, response, next) => {
    response.setTimeout(milliseconds, (socket?: Socket) => (socket ?? response).destroy());
    next();
  };
