/** How far behind a viewer is in what it was handed, measured by what it says it has shown. */
import { type Micros, micros } from '#wire/time.ts';
import type { UnitItem } from './stream-item.ts';

interface TimedUnit {
  readonly epoch: number;
  readonly timestamp: Micros;
  /** The camera's running time when the unit was handed over. */
  readonly since: Micros;
}

/**
 * Times one unit at a time, from handing it over until a timestamp no earlier is acknowledged, the way TCP times a
 * round trip: constant memory, and no question of which clock the timestamps follow. A viewer that never acknowledges
 * has no lag.
 */
export class InFlight {
  #acknowledges = false;
  #timed: TimedUnit | undefined;
  #catchingUp = false;

  /** A unit has been handed over at the camera's running time `running`. */
  handedOver(item: UnitItem, running: Micros): void {
    if (!this.#acknowledges || item.replay) return;
    // Timestamps begin anew with an epoch, so an old one would never be reached.
    if (this.#timed !== undefined && this.#timed.epoch === item.epoch) return;
    this.#timed = { epoch: item.epoch, timestamp: item.unit.timestamp, since: running };
  }

  /** The viewer has shown `timestamp`. */
  shown(timestamp: Micros): void {
    this.#acknowledges = true;
    if (this.#timed === undefined || timestamp < this.#timed.timestamp) return;
    this.#timed = undefined;
    this.#catchingUp = false;
  }

  /** Nothing that was handed over is waited for any longer. */
  forget(): void {
    this.#timed = undefined;
  }

  /** A replay is on its way: the viewer is late by nature until it has shown a live unit. */
  catchUp(): void {
    this.#catchingUp = true;
  }

  /** A key unit has come that the viewer can go on from, so being late is being late again. */
  caughtUp(): void {
    this.#catchingUp = false;
  }

  /** How long the timed unit has been on its way at the camera's running time `running`, µs. */
  lag(running: Micros): Micros {
    if (this.#timed === undefined || this.#catchingUp) return micros(0);
    return micros(running - this.#timed.since);
  }
}
