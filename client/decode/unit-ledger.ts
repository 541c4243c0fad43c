/** What is known of the units inside the decoder, found again by the timestamp that their frames carry. */
import type { EvidenceClock } from '#wire/evidence.ts';
import type { UnitMessage } from '#wire/message.ts';
import type { Micros, WallMicros } from '#wire/time.ts';

/** What a frame cannot carry itself. */
export interface Origin {
  readonly timestamp: Micros;
  readonly epoch: number;
  readonly capturedAt: WallMicros;
  readonly captureClock: EvidenceClock;
  /** Counts the stretches of pictures without a jump: another number than the picture before, another stretch. */
  readonly stretch: number;
}

/** More units than any decoder is let fall behind. */
const ENTRIES = 2048;

export class UnitLedger {
  readonly #origins = new Map<number, Origin>();

  #stretch = 0;
  #epoch: number | undefined;

  enter({ timestamp, epoch, capturedAt, captureClock, discontinuity }: UnitMessage): void {
    if (discontinuity || epoch !== this.#epoch) this.#stretch++;
    this.#epoch = epoch;
    this.#origins.delete(timestamp);
    this.#origins.set(timestamp, { timestamp, epoch, capturedAt, captureClock, stretch: this.#stretch });
    if (this.#origins.size > ENTRIES) this.#origins.delete(this.#origins.keys().next().value!);
  }

  /** Takes a frame's origin out; undefined for a frame that no unit was entered for. */
  take(timestamp: number): Origin | undefined {
    const origin = this.#origins.get(timestamp);
    this.#origins.delete(timestamp);
    return origin;
  }
}
