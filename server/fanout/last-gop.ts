/** The newest GOP of a stream, kept so that a newcomer sees a picture at once. */
import type { UnitItem } from './stream-item.ts';

/** What a newcomer is given: units in decode order from a key unit on, and how many after them are no longer held. */
export interface Replay {
  readonly units: readonly UnitItem[];
  /** Above 0, only the key unit is held, and the newcomer's next unit is the next key unit. */
  readonly missing: number;
}

/**
 * Holds units up to `limitBytes`. Past that only the key unit stays: one true picture at once, then the next GOP.
 * Holding on to the first part of the GOP would cost the memory and end in the same still picture.
 */
export class LastGop {
  readonly #limitBytes: number;
  #units: UnitItem[] = [];
  #bytes = 0;
  #missing = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Takes the next unit; a key unit begins the GOP anew, a delta unit without one is nothing to keep. */
  add(item: UnitItem): void {
    if (item.unit.key) {
      this.#units = [item];
      this.#bytes = item.unit.data.byteLength;
      this.#missing = 0;
      return;
    }
    if (this.#units.length === 0) return;
    this.#bytes += item.unit.data.byteLength;
    if (this.#missing > 0) {
      this.#missing += 1;
    } else if (this.#bytes > this.#limitBytes) {
      this.#missing = this.#units.length;
      this.#units.length = 1;
    } else {
      this.#units.push(item);
    }
  }

  clear(): void {
    this.#units = [];
    this.#bytes = 0;
    this.#missing = 0;
  }

  /** The GOP marked as a replay; the newcomer owns the list, the data is shared. */
  replay(): Replay {
    return { units: this.#units.map((item) => ({ ...item, replay: true })), missing: this.#missing };
  }
}
