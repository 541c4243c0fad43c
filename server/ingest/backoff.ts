/** How long to wait before the next attempt at a camera that failed. */
import { type Micros, micros } from '#wire/time.ts';

/** No wait is shorter: a camera that answers and fails at once is asked at most four times a second. */
export const BACKOFF_FLOOR: Micros = micros(250_000);
const FIRST_CEILING = 500_000;
/** No wait is longer, so that a picture is back within five seconds of the camera. */
export const BACKOFF_CAP: Micros = micros(4_000_000);

/**
 * Capped exponential back-off with full jitter: uniform between the floor and a ceiling of 0.5 s that doubles
 * with each attempt up to the cap. The jitter keeps cameras that failed together from returning together.
 * @param attempt failures in a row before this wait, from 0
 * @param random uniform in [0, 1), e.g. `Math.random()`
 * @param spent how long the attempt took to fail: it counts, so that a camera which is back is not kept waiting twice
 */
export function backoff(attempt: number, random: number, spent = micros(0)): Micros {
  const ceiling = Math.min(BACKOFF_CAP, FIRST_CEILING * 2 ** attempt);
  const pause = Math.round(BACKOFF_FLOOR + random * (ceiling - BACKOFF_FLOOR));
  return micros(Math.max(BACKOFF_FLOOR, pause - spent));
}
