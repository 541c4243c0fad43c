/** How long to wait before the page tries the server again. */

/** The first wait, and the longest one: short enough that the picture is back within 5 s of the server. */
const FIRST_MS = 250;
const LONGEST_MS = 4000;

/**
 * Milliseconds to wait before try number `attempt` (0 = the first after a loss): doubling, capped, and jittered
 * over its upper half, so that many pages do not come back in the same instant.
 * `random` is in 0…1.
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return ceiling * (0.5 + random / 2);
}
