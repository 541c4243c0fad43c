/** Asks the server for what it holds of the past, again where it is away for a moment. */
import { NightglassError } from '#wire/nightglass-error.ts';

/** Waits before the next tries: a server that restarts is back by then. Milliseconds. */
const AGAIN_MS = [500, 1000, 2000, 4000, 8000, 8000];

/**
 * Nothing where the server has nothing at that address (404).
 * @throws NightglassError `http/unauthorised`, `socket/lost`; the signal's reason
 */
export async function fetchPast(address: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
  for (let tries = 0; ; tries++) {
    const answer = await ask(address, signal);
    if (answer instanceof Uint8Array || answer === 404) return answer === 404 ? undefined : answer;
    if (answer === 401 || answer === 403)
      throw new NightglassError('http/unauthorised', 'the server asks to sign in anew');
    const wait = AGAIN_MS[tries];
    if (wait === undefined)
      throw new NightglassError(
        'socket/lost',
        `the server ${answer === 0 ? 'does not answer' : `answered with ${answer}`}`,
      );
    await pause(wait, signal);
  }
}

/** The whole answer, or its status; 0 where none came. */
async function ask(address: string, signal: AbortSignal): Promise<Uint8Array | number> {
  try {
    const response = await fetch(address, { signal });
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : response.status;
  } catch {
    signal.throwIfAborted();
    return 0;
  }
}

/** Rejects with the signal's reason. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
