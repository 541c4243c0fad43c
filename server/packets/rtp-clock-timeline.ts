/** RTP timestamps → timestamps since the first picture, repaired by the arrivals where a camera's clock is broken. */
import { type Micros, micros } from '#wire/time.ts';
import type { RtpInstant } from './rtp-clock.ts';
import { jumps, Nearness, progress, standsStill } from './rtp-clock-steps.ts';
import { signed32 } from './rtp-clock-wall.ts';

/** Where the arrivals are counted from when a stamp is of no use. */
interface Place {
  readonly timestamp: number;
  readonly arrived: number;
}

/** A picture read, and its place in ticks of the clock rate since the first picture; wraps and jumps taken out. */
interface Read {
  readonly instant: RtpInstant;
  readonly rate: number | undefined;
  readonly ticks: number;
}

/** What is made of a stamp: ticks by the camera's own clock, or the place that the arrival gives, and what may follow. */
type Stamped =
  | { readonly kind: 'camera'; readonly ticks: number }
  | { readonly kind: 'arrival'; readonly timestamp: number; readonly alone: boolean };

/** The first picture read stands at 0. */
export class RtpTimeline {
  #last: Read | undefined;
  /** The last picture but for those that jumped away: after one of them, the next may go on from here. */
  #steady: Read | undefined;
  /** µs since the first picture arrived; the setting of this machine's clock taken out. */
  #arrived = 0;
  #highest = micros(-1);
  #place: Place = { timestamp: 0, arrived: 0 };
  /** Pictures in a row that did not rise by their stamps. */
  #flat = 0;
  #nearness = new Nearness();
  #restamped = 0;

  /** How many pictures stand elsewhere than their stamps say. */
  get restamped(): number {
    return this.#restamped;
  }

  /** µs since the first picture arrived. */
  get arrived(): number {
    return this.#arrived;
  }

  /**
   * The timestamp of the next picture in the order sent. It rises from picture to picture, but where pictures are
   * `reordered`.
   * @param rate ticks a second; undefined while unknown, and pictures then stand where they arrive
   */
  read(instant: RtpInstant, reordered: boolean, rate: number | undefined): Micros {
    const stamped = this.#judge(instant, reordered, rate);
    const byArrival = stamped.kind === 'arrival';
    const rounded = Math.round(byArrival ? stamped.timestamp : inMicros(stamped.ticks, rate));
    const timestamp = micros(reordered ? rounded : Math.max(rounded, this.#highest + 1));
    if (byArrival || timestamp !== rounded) this.#restamped += 1;
    if (byArrival || reordered || rounded > this.#highest)
      this.#place = { timestamp: Math.max(timestamp, this.#highest), arrived: this.#arrived };
    this.#highest = micros(Math.max(timestamp, this.#highest));
    const ticks = byArrival ? Math.round((stamped.timestamp / 1e6) * (rate ?? 0)) : stamped.ticks;
    this.#last = { instant, rate, ticks };
    if (!byArrival || !stamped.alone) this.#steady = this.#last;
    return timestamp;
  }

  #judge(instant: RtpInstant, reordered: boolean, rate: number | undefined): Stamped {
    if (this.#last === undefined) return { kind: 'camera', ticks: 0 };
    const { instant: last } = this.#last;
    const step = stepBetween(this.#last, instant, rate);
    const passed = progress(instant.arrivedAt - last.arrivedAt, step?.elapsed);
    this.#arrived += passed;
    const ticks = [this.#steady, this.#last]
      .map((from) => from && stepBetween(from, instant, rate))
      .find((one) => one !== undefined && !jumps(one.elapsed, one.waited))?.ticks;
    if (ticks === undefined) {
      this.#flat = 0;
      // What a new source kept it sends at once too.
      if (instant.ssrc !== last.ssrc) this.#nearness = new Nearness();
      return { kind: 'arrival', timestamp: this.#placeByArrival(), alone: step !== undefined };
    }
    const own = inMicros(ticks, rate);
    this.#flat = own > this.#highest ? 0 : this.#flat + 1;
    const place = standsStill(this.#flat, reordered)
      ? this.#placeByArrival()
      : this.#nearness.judge(this.#arrived - own, this.#arrived, passed);
    return place === undefined
      ? { kind: 'camera', ticks }
      : { kind: 'arrival', timestamp: place, alone: false };
  }

  #placeByArrival(): number {
    return this.#place.timestamp + (this.#arrived - this.#place.arrived);
  }
}

/** From one picture to a later one, by the camera's clock and by the arrivals; undefined where the clocks are two. */
function stepBetween(from: Read, to: RtpInstant, rate: number | undefined) {
  if (rate === undefined || rate !== from.rate || from.instant.ssrc !== to.ssrc) return undefined;
  const step = signed32(to.rtpTimestamp - from.instant.rtpTimestamp);
  return {
    ticks: from.ticks + step,
    elapsed: inMicros(step, rate),
    waited: to.arrivedAt - from.instant.arrivedAt,
  };
}

const inMicros = (ticks: number, rate: number | undefined): number =>
  rate === undefined ? 0 : (ticks / rate) * 1e6;
