/** What is measured of one camera as its units pass, for /health. */
import type { AccessUnit } from '#wire/access-unit.ts';
import type { CameraState } from '#wire/camera-state.ts';
import type { ErrorCode } from '#wire/nightglass-error.ts';
import { type Micros, micros, type WallMicros, wallNow } from '#wire/time.ts';
import type { RecordingState, TimeshiftWindow } from '#wire/timeline.ts';
import type { StreamFault } from './packets/stream-fault.ts';

/** Rates are of so many whole seconds before this one. */
const WINDOW = 10;

interface Gop {
  readonly units: number;
  /** From its key unit to the next, or to its last unit so far. */
  readonly seconds: number;
}

/** What /health says of a camera. */
export interface CameraReport {
  readonly name: string;
  readonly state: CameraState['state'];
  /** When it entered the state, ISO 8601. */
  readonly since: string;
  /** The last failure, also when it is over. */
  readonly lastError: { readonly code: ErrorCode; readonly at: string } | null;
  /** Of the last ten seconds. */
  readonly unitsPerSecond: number;
  readonly bitsPerSecond: number;
  /** The last whole GOP, or the one that runs if it is longer. */
  readonly gop: Gop | null;
  readonly reconnects: number;
  /** Since the start: units whose timestamps were repaired, and units lost on the way from the camera. */
  readonly restamped: number;
  readonly lost: number;
  /** Tiles that show it. */
  readonly viewers: number;
  /** Of its smaller stream, where it has one. */
  readonly sub?: CameraReport;
  /** Of its past, where it has a time-shift window. */
  readonly timeshift?: TimeshiftReport;
}

export interface TimeshiftReport extends TimeshiftWindow {
  readonly state: 'recording' | 'paused';
  /** Since it entered the state, ISO 8601. */
  readonly since: string;
  /** Why it pauses. */
  readonly code?: ErrorCode;
  readonly message?: string;
  /** What its files take of the disk. */
  readonly bytes: number;
  /** Since the start: segments that came and were not recorded, and how long they were together. */
  readonly leftOut: { readonly segments: number; readonly seconds: number };
}

/** What a report is made of; a Camera. */
export interface Reported {
  readonly config: { readonly name: string };
  readonly stream: { readonly state: CameraState; readonly viewers: number };
  readonly reconnects: number;
  readonly health: CameraHealth;
}

/** What is reported of a past; an Archive. */
export interface ReportedPast {
  readonly limits: TimeshiftWindow;
  readonly state: RecordingState & { readonly since: WallMicros };
  readonly bytes: number;
  readonly leftOut: { readonly segments: number; readonly time: Micros };
}

/** @param sub the same camera's smaller stream */
export function reportOf(
  { config, stream, reconnects, health }: Reported,
  sub?: Reported,
  past?: ReportedPast,
): CameraReport {
  const { state, since } = stream.state;
  const { lastError, gop, restamped, lost } = health;
  return {
    name: config.name,
    state,
    since: iso(since),
    lastError: lastError === undefined ? null : { code: lastError.code, at: iso(lastError.at) },
    ...health.rates(),
    gop: gop ?? null,
    reconnects,
    restamped,
    lost,
    viewers: stream.viewers,
    ...(sub === undefined ? {} : { sub: reportOf(sub) }),
    ...(past === undefined ? {} : { timeshift: timeshiftOf(past) }),
  };
}

function timeshiftOf({ limits, state, bytes, leftOut }: ReportedPast): TimeshiftReport {
  return {
    ...state,
    since: iso(state.since),
    hours: limits.hours,
    maxGiB: limits.maxGiB,
    bytes,
    leftOut: { segments: leftOut.segments, seconds: Math.round(leftOut.time / 1e6) },
  };
}

/** Costs the same for every unit, and keeps ten seconds in numbers. */
export class CameraHealth {
  readonly #now: () => number;
  readonly #units = new Float64Array(WINDOW + 1);
  readonly #bytes = new Float64Array(WINDOW + 1);
  /** The second the ring's newest place stands for. */
  #second: number;
  /** The second in which measuring began. */
  #from: number;
  #whole: Gop | undefined;
  #running: { readonly began: Micros; last: Micros; units: number } | undefined;
  lastError: { readonly code: ErrorCode; readonly at: WallMicros } | undefined;
  restamped = 0;
  lost = 0;

  /** @param now a monotonic clock, milliseconds */
  constructor(now = () => performance.now()) {
    this.#now = now;
    this.#second = Math.floor(now() / 1000);
    this.#from = this.#second;
  }

  get gop(): Gop | undefined {
    const running = this.#running;
    const so =
      running === undefined
        ? undefined
        : { units: running.units, seconds: secondsBetween(running.began, running.last) };
    return this.#whole === undefined || (so !== undefined && so.units > this.#whole.units) ? so : this.#whole;
  }

  /** A connection begins: no GOP goes on across it. */
  connecting(): void {
    this.#running = undefined;
  }

  saw({ key, timestamp, data }: AccessUnit): void {
    const place = this.#turn();
    this.#units[place]! += 1;
    this.#bytes[place]! += data.byteLength;
    const running = this.#running;
    if (!key) {
      if (running === undefined) return;
      running.units++;
      // Pictures may be sent in another order than they are shown.
      running.last = micros(Math.max(running.last, timestamp));
      return;
    }
    if (running !== undefined)
      this.#whole = { units: running.units, seconds: secondsBetween(running.began, timestamp) };
    this.#running = { began: timestamp, last: timestamp, units: 1 };
  }

  note(fault: StreamFault): void {
    if (fault.kind === 'lost') this.lost += fault.units;
    if (fault.kind === 'restamped') this.restamped++;
  }

  failed(code: ErrorCode): void {
    this.lastError = { code, at: wallNow() };
  }

  rates(): { readonly unitsPerSecond: number; readonly bitsPerSecond: number } {
    const now = this.#turn();
    const seconds = Math.min(WINDOW, this.#second - this.#from);
    if (seconds === 0) return { unitsPerSecond: 0, bitsPerSecond: 0 };
    const sum = (ring: Float64Array): number => ring.reduce((total, one) => total + one, 0) - ring[now]!;
    return {
      unitsPerSecond: Math.round((sum(this.#units) / seconds) * 10) / 10,
      bitsPerSecond: Math.round((sum(this.#bytes) * 8) / seconds),
    };
  }

  /** Brings the ring up to this second; returns its place. */
  #turn(): number {
    const second = Math.floor(this.#now() / 1000);
    const from = Math.max(this.#second, second - WINDOW - 1);
    for (let passed = from + 1; passed <= second; passed++) {
      this.#units[passed % (WINDOW + 1)] = 0;
      this.#bytes[passed % (WINDOW + 1)] = 0;
    }
    this.#second = second;
    return second % (WINDOW + 1);
  }
}

const iso = (wall: WallMicros): string => new Date(wall / 1000).toISOString();

const secondsBetween = (from: Micros, to: Micros): number => Math.round((to - from) / 1000) / 1000;
