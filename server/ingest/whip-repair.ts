/** Puts the packets of a lossy track back in order, and says which to ask for again. Pure: the time is given. */
import { BEGINS_KEY_UNIT } from '../packets/key-start.ts';
import type { RtpPacket, VideoTrack } from '../packets/rtp-item.ts';

/**
 * So long a missing packet may only be late, before it is asked for; then as long as late ones are seen to take.
 * A publisher resends no more than its own estimate of the link allows, so a needless question costs a needed answer.
 * Milliseconds.
 */
export const REORDER_MS = 20;
const REORDER_CEILING_MS = 100;
/** So long later packets wait for a missing one before the picture goes on without it. Milliseconds. */
export const HOLD_MS = 1_000;
const HELD_PACKETS = 4_096;
const HELD_BYTES = 8_388_608;
/** Further away than this is no loss but a sender that began anew (RFC 3550 §A.1). */
const MAX_JUMP = 3_000;
/** Before the first packet that comes of a stream there may be others; so many are asked for, for so long. */
export const REACH_BACK = 128;
export const REACH_BACK_MS = 400;
/** So many packets are asked for in one NACK at most; it must fit a datagram. */
const ASK_LIMIT = 200;
const RETRY_FLOOR_MS = 20;
const RETRY_CEILING_MS = 400;
const FIRST_ROUND_TRIP_MS = 80;

interface Missing {
  readonly since: number;
  /** When it is given up. */
  readonly until: number;
  /** When it is asked for next. */
  askAt: number;
  asked: number;
  askedAt: number;
}

/** One track's order. Times are milliseconds of one monotonic clock. */
export class RtpRepair {
  #ssrc: number | undefined;
  /** The sequence number that is handed out next. */
  #next = 0;
  /** The highest number seen, plus one. */
  #end = 0;
  #held = new Map<number, RtpPacket>();
  #heldBytes = 0;
  #missing = new Map<number, Missing>();
  /** How late packets come that were not lost: the most, slowly forgotten. */
  #lateness = REORDER_MS;
  /** Smoothed time from asking to getting. */
  #roundTrip = FIRST_ROUND_TRIP_MS;
  readonly #beginsKeyUnit: (payload: Uint8Array) => boolean;
  #fromStart: boolean;

  /** @param fromStart true where nothing of the stream was seen yet, so that its very first packet is wanted */
  constructor(fromStart: boolean, codec: VideoTrack['codec']) {
    this.#beginsKeyUnit = BEGINS_KEY_UNIT[codec];
    this.#fromStart = fromStart;
  }

  /** Whether packets wait for missing ones. */
  get waiting(): boolean {
    return this.#missing.size > 0;
  }

  /**
   * Takes a packet; returns what can be handed on, in order. Repetitions are left out.
   * @param origin whether it is as first sent or an answer to `ask`; some publishers' answers look like first sent
   */
  push(packet: RtpPacket, now: number, origin: 'first' | 'resent' | 'unknown' = 'unknown'): RtpPacket[] {
    const { sequence, ssrc } = packet;
    const distance = signed16(sequence - this.#next);
    if (ssrc !== this.#ssrc || Math.abs(distance) > MAX_JUMP) {
      const before = this.#flush();
      this.#ssrc = ssrc;
      if (!this.#fromStart || this.#beginsKeyUnit(packet.payload)) {
        this.#next = this.#end = following(sequence);
        this.#fromStart = false;
        return [...before, packet];
      }
      this.#fromStart = false;
      this.#next = this.#end = (sequence - REACH_BACK) & 0xffff;
      return this.#take(packet, now, REACH_BACK_MS);
    }
    if (distance < 0 || this.#held.has(sequence)) return [];
    this.#settle(sequence, now, origin);
    return this.#take(packet, now, HOLD_MS);
  }

  #take(packet: RtpPacket, now: number, hold: number): RtpPacket[] {
    const { sequence } = packet;
    for (let at = this.#end; signed16(sequence - at) > 0; at = following(at))
      this.#missing.set(at, {
        since: now,
        until: now + hold,
        askAt: now + this.#lateness,
        asked: 0,
        askedAt: 0,
      });
    if (signed16(sequence - this.#end) >= 0) this.#end = following(sequence);
    this.#held.set(sequence, packet);
    this.#heldBytes += packet.payload.length;
    return this.#drain();
  }

  /** The sequence numbers to ask for now; each again when an answer is overdue. */
  ask(now: number): number[] {
    const retry = Math.min(Math.max(1.25 * this.#roundTrip, RETRY_FLOOR_MS), RETRY_CEILING_MS);
    const asks: number[] = [];
    for (const [sequence, missing] of this.#missing) {
      if (now < missing.askAt) continue;
      missing.asked++;
      missing.askedAt = now;
      missing.askAt = now + retry;
      asks.push(sequence);
      if (asks.length === ASK_LIMIT) break;
    }
    return asks;
  }

  /** What waited too long for a packet that never came, in order; the gap is for the depacketiser to see. */
  giveUp(now: number): RtpPacket[] {
    const packets: RtpPacket[] = [];
    for (;;) {
      const first = this.#missing.get(this.#next);
      const full = this.#held.size > HELD_PACKETS || this.#heldBytes > HELD_BYTES;
      if (first === undefined || (!full && now < first.until)) return packets;
      while (this.#missing.delete(this.#next)) this.#next = following(this.#next);
      packets.push(...this.#drain());
    }
  }

  #settle(sequence: number, now: number, origin: 'first' | 'resent' | 'unknown'): void {
    const missing = this.#missing.get(sequence);
    if (missing === undefined) return;
    this.#missing.delete(sequence);
    if (origin === 'first' || missing.asked === 0) {
      const late = Math.min(1.2 * (now - missing.since), REORDER_CEILING_MS);
      this.#lateness = Math.max(late, REORDER_MS, 0.98 * this.#lateness);
      return;
    }
    // An answer to a repeated question may be to either.
    if (missing.asked === 1) this.#roundTrip += 0.2 * (now - missing.askedAt - this.#roundTrip);
  }

  #drain(): RtpPacket[] {
    const packets: RtpPacket[] = [];
    for (let packet = this.#held.get(this.#next); packet; packet = this.#held.get(this.#next)) {
      this.#held.delete(this.#next);
      this.#heldBytes -= packet.payload.length;
      this.#next = following(this.#next);
      packets.push(packet);
    }
    return packets;
  }

  #flush(): RtpPacket[] {
    const packets = [...this.#held.values()].sort((a, b) => signed16(a.sequence - b.sequence));
    this.#held.clear();
    this.#heldBytes = 0;
    this.#missing.clear();
    return packets;
  }
}

const following = (sequence: number): number => (sequence + 1) & 0xffff;

/** The nearer way round between two u16 that wrap. */
const signed16 = (difference: number): number => (difference << 16) >> 16;
