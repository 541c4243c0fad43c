/** The decisions about a camera's RTP clock, one by one. Pure; all times in µs. */

/** A step this much away from what the arrivals say is a broken clock: DVRs stamp a picture hours off now and then. */
export const MAX_STEP = 5_000_000;
/** So many pictures in a row that do not rise are a clock that stands still or was set back; fewer are a slip. */
const SLIPS = 2;
/** H.264 and H.265 let no picture be shown after more than so many that were sent later (Annex A, max_dec_frame_buffering). */
const MOST_REORDERED = 16;
/** No connection lives through such a silence, so the clock of this machine was set. */
const LONGEST_SILENCE = 60_000_000;
/** What a camera kept before the connection and sends all at once may be so long. */
const LONGEST_BURST = 60_000_000;
/** After so long such a burst is over. */
const SETTLING = 10_000_000;
/** Behind the arrivals for so long is more than a network that holds pictures back. */
const LASTING = 10_000_000;
/** The share by which two healthy clocks may differ. */
const DRIFT = 0.001;

/** True when a picture's stamp says nothing of how long after the one before it was taken. */
export const jumps = (elapsed: number, waited: number): boolean =>
  Math.abs(elapsed) > MAX_STEP && Math.abs(elapsed - waited) > MAX_STEP;

/** True when so many pictures in a row, none above the highest stamp so far, are no accident. */
export const standsStill = (inRow: number, reordered: boolean): boolean =>
  inRow > (reordered ? MOST_REORDERED : SLIPS);

/**
 * How long it was between two arrivals, by a clock that may have been set meanwhile.
 * @param elapsed what the camera says; undefined where it says nothing
 */
export function progress(waited: number, elapsed: number | undefined): number {
  const said = Math.min(Math.max(elapsed ?? 0, 0), MAX_STEP);
  if (waited < 0) return said;
  return waited > Math.max(elapsed ?? 0, 0) + LONGEST_SILENCE ? said : waited;
}

/**
 * Watches that the stamps stay near the arrivals. How late a picture is, is measured against the least late one of
 * the first seconds; pictures may be later than that for a while, where a network holds them back, but never much earlier.
 */
export class Nearness {
  #least: number | undefined;
  #began = 0;
  #floor = 0;
  #behindSince: number | undefined;

  /**
   * @param late arrival less timestamp, both since the first picture
   * @param arrived since the first picture
   * @param passed since the picture before arrived
   * @returns where the picture belongs by its arrival if its stamp has strayed; undefined if it has not
   */
  judge(late: number, arrived: number, passed: number): number | undefined {
    if (this.#least === undefined) {
      this.#least = late;
      this.#began = arrived;
      this.#floor = late - LONGEST_BURST;
    }
    if (arrived - this.#began < SETTLING) this.#least = Math.max(Math.min(this.#least, late), this.#floor);
    const away = late - this.#least;
    // Two clocks never run quite alike; that is no fault of either.
    this.#least += Math.min(Math.max(away, -passed * DRIFT), passed * DRIFT);
    if (away <= MAX_STEP) this.#behindSince = undefined;
    else this.#behindSince ??= arrived;
    const lasting = this.#behindSince !== undefined && arrived - this.#behindSince >= LASTING;
    if (!lasting && away >= -MAX_STEP) return undefined;
    this.#behindSince = undefined;
    return arrived - this.#least;
  }
}
