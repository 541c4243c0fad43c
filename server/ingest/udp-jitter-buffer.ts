/** Puts packets that the network reordered back in order, and gives up on those that do not come. Pure. */
import { type Micros, micros } from '#wire/time.ts';

/** What the order is judged by. */
export interface Sequenced {
  /** u16, wraps. */
  readonly sequence: number;
  readonly ssrc: number;
  /** By a clock that never goes back. */
  readonly arrivedAt: Micros;
}

export interface JitterLimits {
  /** So many packets wait behind a hole before it is given up. */
  readonly packets: number;
  /** So long does a packet wait behind a hole before it is given up. */
  readonly wait: Micros;
}

export const JITTER_LIMITS: JitterLimits = { packets: 128, wait: micros(100_000) };

/** RFC 3550 §A.1: further ahead, or further behind, than network reordering brings about. */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;
const NOTHING: readonly never[] = [];

/**
 * Holds packets back while one before them is missing, within limits; what comes out rises. A packet that comes
 * twice, or after its place was given up, is dropped. Another source, or numbers that begin anew, are believed once
 * two packets in a row say so: a single one is a stray.
 */
export class JitterBuffer<Packet extends Sequenced> {
  readonly #limits: JitterLimits;
  #ssrc: number | undefined;
  #expected = 0;
  /** By sequence number, in the order they arrived. */
  readonly #held = new Map<number, Packet>();
  #stranger: Packet | undefined;

  constructor(limits: JitterLimits = JITTER_LIMITS) {
    this.#limits = limits;
  }

  /** How many packets wait. */
  get held(): number {
    return this.#held.size;
  }

  /** When `expire` will have something to give if no packet comes before; undefined when none waits. */
  get due(): Micros | undefined {
    const oldest = this.#oldest();
    return oldest && micros(oldest.arrivedAt + this.#limits.wait);
  }

  /** Takes the next packet to arrive; gives those whose turn has come, in order. */
  push(packet: Packet): readonly Packet[] {
    this.#ssrc ??= this.#begin(packet);
    const ahead = this.#ahead(packet);
    if (packet.ssrc !== this.#ssrc || (ahead >= MAX_DROPOUT && ahead < 0x10000 - MAX_MISORDER))
      return this.#meet(packet);
    this.#stranger = undefined;
    if (ahead >= MAX_DROPOUT || this.#held.has(packet.sequence)) return NOTHING;
    if (ahead === 0 && this.#held.size === 0) {
      this.#expected = (packet.sequence + 1) & 0xffff;
      return [packet];
    }
    this.#held.set(packet.sequence, packet);
    return this.#release(packet.arrivedAt);
  }

  /** Gives what has waited long enough by `now`. */
  expire(now: Micros): readonly Packet[] {
    return this.#release(now);
  }

  /** Gives all that waits, holes given up: nothing more will come. */
  flush(): Packet[] {
    const rest = [...this.#held.values()].sort((a, b) => this.#ahead(a) - this.#ahead(b));
    const last = rest.at(-1);
    if (last) this.#expected = (last.sequence + 1) & 0xffff;
    this.#held.clear();
    return rest;
  }

  #release(now: Micros): readonly Packet[] {
    const ready: Packet[] = [];
    for (let next = this.#next(now); next !== undefined; next = this.#next(now)) {
      this.#held.delete(next.sequence);
      this.#expected = (next.sequence + 1) & 0xffff;
      ready.push(next);
    }
    return ready;
  }

  /** The packet whose turn it is, across a hole only where a limit is passed. */
  #next(now: Micros): Packet | undefined {
    const oldest = this.#oldest();
    if (oldest === undefined) return undefined;
    const inTurn = this.#held.get(this.#expected);
    const overdue = now - oldest.arrivedAt >= this.#limits.wait;
    if (inTurn !== undefined || (!overdue && this.#held.size <= this.#limits.packets)) return inTurn;
    let lowest = oldest;
    for (const packet of this.#held.values()) if (this.#ahead(packet) < this.#ahead(lowest)) lowest = packet;
    return lowest;
  }

  /** A packet of another source or with far-off numbers. */
  #meet(packet: Packet): readonly Packet[] {
    const stranger = this.#stranger;
    this.#stranger = packet;
    if (stranger?.ssrc !== packet.ssrc) return NOTHING;
    const step = (packet.sequence - stranger.sequence) & 0xffff;
    if (step === 0 || Math.min(step, 0x10000 - step) > MAX_MISORDER) return NOTHING;
    const rest = this.flush();
    this.#stranger = undefined;
    this.#ssrc = this.#begin(step < 0x8000 ? stranger : packet);
    return [...rest, ...this.push(stranger), ...this.push(packet)];
  }

  #begin({ sequence, ssrc }: Packet): number {
    this.#expected = sequence;
    return ssrc;
  }

  #oldest(): Packet | undefined {
    return this.#held.values().next().value;
  }

  #ahead({ sequence }: Packet): number {
    return (sequence - this.#expected) & 0xffff;
  }
}
