/** Which rate a camera's RTP clock runs at, where its session description names another than video's own. Pure. */

/** The rate of H.264 and H.265 (RFC 6184 §8.2.1, RFC 7798 §7.1): to be believed without a look. */
const VIDEO_RATE = 90_000;
/** µs. Not looked at: a camera may send at first, all at once, what it kept. */
const SETTLING = 1_000_000;
/** µs. Looked at so long, which tells rates apart that differ by a tenth. */
const LOOK = 2_000_000;

type State =
  | { readonly name: 'settling' }
  | { readonly name: 'looking'; readonly ticks: number; readonly arrived: number }
  | { readonly name: 'known'; readonly rate: number };

/** Cameras have been seen to announce a rate and to stamp at 90 kHz all the same. */
export class RtpRate {
  readonly #announced: number;
  #state: State;

  /** @param announced ticks a second, above 0 */
  constructor(announced: number) {
    this.#announced = announced;
    this.#state = announced === VIDEO_RATE ? { name: 'known', rate: announced } : { name: 'settling' };
  }

  /** Ticks a second; undefined while that is not known. */
  get known(): number | undefined {
    return this.#state.name === 'known' ? this.#state.rate : undefined;
  }

  /**
   * Looks at the next picture.
   * @param ticks of the RTP clock since the first picture, wraps taken out
   * @param arrived µs since the first picture arrived
   */
  follow(ticks: number, arrived: number): void {
    const state = this.#state;
    if (state.name === 'settling' && arrived >= SETTLING) this.#state = { name: 'looking', ticks, arrived };
    if (state.name !== 'looking' || arrived - state.arrived < LOOK) return;
    const rate = nearerRate(((ticks - state.ticks) * 1e6) / (arrived - state.arrived), this.#announced);
    this.#state = rate === undefined ? { name: 'looking', ticks, arrived } : { name: 'known', rate };
  }
}

/** The announced rate or 90 kHz, whichever what was measured is nearer to; undefined for a clock that stands still. */
export function nearerRate(measured: number, announced: number): number | undefined {
  if (!(measured > 0)) return undefined;
  const away = (rate: number): number => Math.abs(Math.log(measured / rate));
  return away(announced) <= away(VIDEO_RATE) ? announced : VIDEO_RATE;
}
