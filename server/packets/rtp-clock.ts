/** RTP timestamps → timestamps since the source opened, and the wall clock each picture was captured at. */
import type { CaptureClock } from '#wire/access-unit.ts';
import { type Micros, micros, type WallMicros, wallMicros } from '#wire/time.ts';
import type { SenderReport } from './rtp-item.ts';

/** A step this much away from what the arrivals say is a broken clock: DVRs stamp a picture hours off now and then. */
const MAX_STEP = micros(5_000_000);
/** A camera's wall clock this far behind says nothing of a picture's age. */
const MAX_BEHIND = micros(10_000_000);
/** No picture is captured after it arrived; synchronised clocks differ by less than this. */
const MAX_AHEAD = micros(100_000);

/** Where one picture stands in time, as its transport tells it. */
export interface RtpInstant {
  readonly ssrc: number;
  /** u32 in clock-rate units, wraps. */
  readonly rtpTimestamp: number;
  readonly arrivedAt: WallMicros;
}

export interface PictureTimes {
  readonly timestamp: Micros;
  readonly capturedAt: WallMicros;
  readonly captureClock: CaptureClock;
}

/** The clock of one connection. The first picture read stands at 0. */
export class RtpClock {
  readonly #rate: number;
  #report: SenderReport | undefined;
  #last: RtpInstant | undefined;
  /** Ticks of the clock rate since the first picture; wraps and jumps taken out. */
  #ticks = 0;
  #highest = micros(-1);

  /** @param rate ticks a second, above 0 */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Takes the camera's own word on the wall clock; it holds from the next picture on. */
  hear(report: SenderReport): void {
    this.#report = report;
  }

  /**
   * The times of the next picture in the order sent. Timestamps rise from picture to picture; where pictures are
   * `reordered` they are the camera's, which rise in the order shown.
   */
  read(instant: RtpInstant, reordered: boolean): PictureTimes {
    this.#advance(instant);
    const own = Math.round(this.#micros(this.#ticks));
    const timestamp = micros(reordered ? own : Math.max(own, this.#highest + 1));
    this.#highest = micros(Math.max(timestamp, this.#highest));
    return { timestamp, ...this.#capture(instant) };
  }

  #advance(instant: RtpInstant): void {
    const last = this.#last;
    this.#last = instant;
    if (last === undefined) return;
    const step = signed32(instant.rtpTimestamp - last.rtpTimestamp);
    const waited = instant.arrivedAt - last.arrivedAt;
    const elapsed = this.#micros(step);
    const jumped =
      instant.ssrc !== last.ssrc || (Math.abs(elapsed) > MAX_STEP && Math.abs(elapsed - waited) > MAX_STEP);
    if (jumped) this.#ticks = Math.round(((this.#highest + Math.max(waited, 0)) / 1e6) * this.#rate);
    else this.#ticks += step;
  }

  #capture(instant: RtpInstant): Pick<PictureTimes, 'capturedAt' | 'captureClock'> {
    const report = this.#report;
    if (report?.ssrc === instant.ssrc) {
      const since = this.#micros(signed32(instant.rtpTimestamp - report.timestamp));
      const ahead = report.wallClock + since - instant.arrivedAt;
      if (ahead <= MAX_AHEAD && ahead >= -MAX_BEHIND)
        return {
          capturedAt: wallMicros(Math.round(instant.arrivedAt + Math.min(ahead, 0))),
          captureClock: 'sender-report',
        };
    }
    return { capturedAt: instant.arrivedAt, captureClock: 'arrival' };
  }

  #micros(ticks: number): number {
    return (ticks / this.#rate) * 1e6;
  }
}

/** The nearer way round between two u32 that wrap. */
const signed32 = (difference: number): number => difference | 0;
