/** One camera's lines in the log: whatever is news, and no flood from a camera that comes and goes. */
import type { Logger } from 'pino';
import type { CameraState } from '#wire/camera-state.ts';
import type { WallClockFault } from './packets/rtp-clock-wall.ts';
import type { StreamFault } from './packets/stream-fault.ts';

/** An opening that takes its time is none yet. */
type LoggedFault = Exclude<StreamFault, { kind: 'opening' }>;

/** Lines that may come in a row, and how long it takes until one more may, milliseconds. */
const BURST = 16;
const REFILL_MS = 20_000;

const WALL_CLOCK: Readonly<Record<WallClockFault, string>> = {
  off: "the camera's clock is set wrong",
  jumping: "the camera's clock is set again and again",
  drifting: "the camera's clock runs slow or fast",
};

/** Lines past the burst are left out, and the next one that is written says how many. */
export class CameraLog {
  readonly #log: Logger;
  readonly #now: () => number;
  /** Kinds of fault that were told of the connection that runs. */
  readonly #told = new Set<string>();
  #credit = BURST;
  #creditAt: number;
  #unsaid = 0;

  /** @param now a monotonic clock, milliseconds */
  constructor(log: Logger, now = () => performance.now()) {
    this.#log = log;
    this.#now = now;
    this.#creditAt = now();
  }

  /** Tells a new state; `cause` is what made the camera unreachable, where that is known. */
  state(state: CameraState, cause?: unknown): void {
    if (state.state !== 'unreachable') this.#say('info', {}, `camera ${state.state}`);
    else this.#say('warn', { code: state.code, cause }, `camera unreachable: ${state.message}`);
  }

  /** A connection begins: its faults are news. */
  connecting(): void {
    this.#told.clear();
  }

  /** Tells a fault once in a connection. */
  fault(fault: LoggedFault): void {
    const kind = fault.kind === 'wall-clock' ? fault.fault : fault.kind;
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#say('warn', {}, whatItMeans(fault));
  }

  #say(level: 'info' | 'warn', fields: object, message: string): void {
    const now = this.#now();
    const earned = Math.floor((now - this.#creditAt) / REFILL_MS);
    this.#creditAt += earned * REFILL_MS;
    this.#credit = Math.min(BURST, this.#credit + earned);
    if (this.#credit === 0) {
      this.#unsaid++;
      return;
    }
    this.#credit--;
    this.#log[level](this.#unsaid > 0 ? { ...fields, linesLeftOut: this.#unsaid } : fields, message);
    this.#unsaid = 0;
  }
}

function whatItMeans(fault: LoggedFault): string {
  switch (fault.kind) {
    case 'lost':
      return 'pictures are lost on the way from the camera: after each loss the picture waits for a key frame';
    case 'unreadable':
      return 'pictures come, but not yet the parameter sets (SPS, PPS) that say how to read them';
    case 'restamped':
      return "the camera's timestamps are broken: pictures are timed by their arrival where they must be";
    case 'wall-clock':
      return `${WALL_CLOCK[fault.fault]}: the age of its pictures is counted from their arrival`;
  }
}
