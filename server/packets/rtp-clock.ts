/** RTP timestamps → timestamps since the source opened, and the wall clock each picture was captured at. */
import type { CaptureClock } from '#wire/access-unit.ts';
import type { Micros, WallMicros } from '#wire/time.ts';
import { RtpRate } from './rtp-clock-rate.ts';
import { RtpTimeline } from './rtp-clock-timeline.ts';
import { signed32, WallClock, type WallClockFault } from './rtp-clock-wall.ts';
import type { SenderReport } from './rtp-item.ts';

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
  readonly #rate: RtpRate;
  readonly #timeline = new RtpTimeline();
  readonly #wall: WallClock;
  #ticks = 0;
  #last: RtpInstant | undefined;

  /**
   * @param rate ticks a second as announced, above 0
   * @param tell called at most once for each thing that is wrong with the camera's wall clock
   */
  constructor(rate: number, tell: (fault: WallClockFault) => void = () => {}) {
    this.#rate = new RtpRate(rate);
    this.#wall = new WallClock(tell);
  }

  /** How many pictures stand elsewhere than the camera stamped them. */
  get restamped(): number {
    return this.#timeline.restamped;
  }

  /** Takes the camera's own word on the wall clock; it holds from the next picture on. */
  hear(report: SenderReport): void {
    this.#wall.hear(report, this.#rate.known);
  }

  /**
   * The times of the next picture in the order sent. Timestamps rise from picture to picture; where pictures are
   * `reordered` they are the camera's, which rise in the order shown.
   */
  read(instant: RtpInstant, reordered: boolean): PictureTimes {
    const rate = this.#rate.known;
    const timestamp = this.#timeline.read(instant, reordered, rate);
    if (rate === undefined) this.#learnRate(instant);
    return { timestamp, ...this.#wall.read(instant, rate) };
  }

  #learnRate(instant: RtpInstant): void {
    const last = this.#last;
    this.#last = instant;
    if (last?.ssrc === instant.ssrc) this.#ticks += signed32(instant.rtpTimestamp - last.rtpTimestamp);
    this.#rate.follow(this.#ticks, this.#timeline.arrived);
  }
}
