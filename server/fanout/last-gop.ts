/** The newest GOP of a stream, kept so that a newcomer sees a picture at once. */
import type { UnitItem } from './stream-item.ts';

/** What a newcomer is given: units in decode order from a key unit on, and how many after them are not to be had. */
export interface Replay {
  readonly units: readonly UnitItem[];
  /** Outgrown the limit, or lost on the way from the camera. Above 0, the newcomer's next unit is the next key unit. */
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

  /**
   * Takes the next unit; a key unit begins the GOP anew, a delta unit without one is nothing to keep.
   * @returns `shed` when the GOP has just outgrown the limit
   */
  add(item: UnitItem): 'kept' | 'shed' {
    if (item.unit.key) {
      this.#units = [item];
      this.#bytes = item.unit.data.byteLength;
      this.#missing = 0;
      return 'kept';
    }
    if (this.#units.length === 0) return 'kept';
    this.#bytes += item.unit.data.byteLength;
    if (this.#missing > 0) {
      this.#missing += 1;
    } else if (this.#bytes > this.#limitBytes) {
      this.#missing = this.#units.length;
      this.#units.length = 1;
      return 'shed';
    } else {
      this.#units.push(item);
    }
    return 'kept';
  }

  /** So many units were lost, and none that can be decoded comes before the next key unit. */
  lose(units: number): void {
    if (this.#units.length > 0) this.#missing += units;
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
