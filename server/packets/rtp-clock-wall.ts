/** The wall clock each picture was captured at, from the camera's sender reports as long as they are sane. */
import type { CaptureClock } from '#wire/access-unit.ts';
import { type WallMicros, wallMicros } from '#wire/time.ts';
import type { RtpInstant } from './rtp-clock.ts';
import type { SenderReport } from './rtp-item.ts';

/** What may be wrong with a camera's wall clock: set wrong, set again and again, or slow or fast. */
export type WallClockFault = 'off' | 'jumping' | 'drifting';

export interface Captured {
  readonly capturedAt: WallMicros;
  readonly captureClock: CaptureClock;
}

/** µs. A camera's wall clock this far behind says nothing of a picture's age. */
const MAX_BEHIND = 10_000_000;
/** µs. No picture is captured after it arrived; synchronised clocks differ by less than this. */
const MAX_AHEAD = 100_000;
/** µs. Two reports that differ by more from what the RTP clock says: one of the two clocks was set between them. */
const MAX_JUMP = 1_000_000;
/** µs. One picture may be stamped wrong, which is no fault of the wall clock. */
const OFF_IN_ROW = 3;
/** µs. Over so long the picture that was least late is looked for. */
const WINDOW = 30_000_000;
/** µs. From one window to the next a clock drifts by less; a network that changes, or a clock that is set, moves it further. */
const MAX_CREEP = 250_000;
/** µs. A clock that crept further than this is not kept right by anybody. */
const MAX_DRIFT = 1_000_000;

/** Pictures whose report is not sane, or has not come, are captured when they arrive. */
export class WallClock {
  readonly #tell: (fault: WallClockFault) => void;
  readonly #told = new Set<WallClockFault>();
  #report: SenderReport | undefined;
  /** The report before, of the same source, disagrees with the last one. */
  #jumping = false;
  #drift = new DriftWatch();
  #offInRow = 0;

  /** @param tell called at most once for each fault */
  constructor(tell: (fault: WallClockFault) => void) {
    this.#tell = tell;
  }

  /** Takes the camera's own word; it holds from the next picture on. `rate` is undefined while unknown. */
  hear(report: SenderReport, rate: number | undefined): void {
    const before = this.#report;
    this.#report = report;
    if (before?.ssrc !== report.ssrc || rate === undefined) {
      this.#jumping = false;
      this.#drift = new DriftWatch();
      return;
    }
    const agrees = reportsAgree(before, report, rate);
    // Believed again once two in a row agree.
    if (agrees && this.#jumping) this.#drift = new DriftWatch();
    this.#jumping = !agrees;
    if (!agrees) this.#complain('jumping');
  }

  read(instant: RtpInstant, rate: number | undefined): Captured {
    const { arrivedAt } = instant;
    const report = this.#report;
    if (report?.ssrc === instant.ssrc && rate !== undefined && !this.#jumping) {
      const ahead = wallClockOf(instant.rtpTimestamp, report, rate) - arrivedAt;
      const off = isOff(ahead);
      this.#offInRow = off ? this.#offInRow + 1 : 0;
      if (this.#offInRow === OFF_IN_ROW) this.#complain('off');
      if (!off && this.#drift.follow(ahead, arrivedAt)) this.#complain('drifting');
      if (!off && !this.#drift.drifting)
        return {
          capturedAt: wallMicros(Math.round(arrivedAt + Math.min(ahead, 0))),
          captureClock: 'sender-report',
        };
    }
    return { capturedAt: arrivedAt, captureClock: 'arrival' };
  }

  #complain(fault: WallClockFault): void {
    if (this.#told.has(fault)) return;
    this.#told.add(fault);
    this.#tell(fault);
  }
}

/** The camera's wall clock when its RTP clock stood at `timestamp`, µs since 1970. */
const wallClockOf = (timestamp: number, report: SenderReport, rate: number): number =>
  report.wallClock + (signed32(timestamp - report.timestamp) / rate) * 1e6;

/** @param ahead how long after its arrival a picture says it was captured, µs */
export const isOff = (ahead: number): boolean => ahead > MAX_AHEAD || ahead < -MAX_BEHIND;

/** True when the wall clock went on between two reports as the RTP clock did. */
export const reportsAgree = (before: SenderReport, after: SenderReport, rate: number): boolean =>
  Math.abs(after.wallClock - wallClockOf(after.timestamp, before, rate)) <= MAX_JUMP;

/**
 * Tells a wall clock that runs slow or fast from a network that delays. Of each window the least delay counts, which
 * is the network at its best: drift moves it little by little, and always on; a change in the network at once.
 */
export class DriftWatch {
  #until = Number.NEGATIVE_INFINITY;
  /** Of the window now, the one before, and the one that all are compared with; undefined until there was one. */
  #most = Number.NEGATIVE_INFINITY;
  #before: number | undefined;
  #reference: number | undefined;
  #drifting = false;

  get drifting(): boolean {
    return this.#drifting;
  }

  /** Looks at the next picture; true when it shows, for the first time, that the clock drifts. */
  follow(ahead: number, arrivedAt: number): boolean {
    if (this.#drifting) return false;
    if (arrivedAt >= this.#until) {
      this.#drifting = this.#close();
      this.#most = ahead;
      this.#until = arrivedAt + WINDOW;
      return this.#drifting;
    }
    this.#most = Math.max(this.#most, ahead);
    return false;
  }

  #close(): boolean {
    const most = this.#most;
    if (most === Number.NEGATIVE_INFINITY) return false;
    if (this.#before === undefined || Math.abs(most - this.#before) > MAX_CREEP) this.#reference = most;
    this.#before = most;
    return Math.abs(most - (this.#reference ?? most)) > MAX_DRIFT;
  }
}

/** The nearer way round between two u32 that wrap. */
export const signed32 = (difference: number): number => difference | 0;
