/** The packets of one session, on their way from the connection to one consumer. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { type WallMicros, wallNow } from '#wire/time.ts';
import { parseSenderReports } from '../packets/rtcp.ts';
import { parseRtp } from '../packets/rtp.ts';
import type { RtpItem, RtpPacket } from '../packets/rtp-item.ts';
import type { Interleaved } from './rtsp-message.ts';

/** With so many items or bytes waiting, the connection is asked to stop reading. */
export const ITEMS_FULL = 1_024;
export const BYTES_FULL = 4_194_304;
/** So many packets in a row that are not RTP end the session. */
export const MALFORMED_LIMIT = 64;

/** What one read of the connection completed. */
interface Batch {
  readonly items: RtpItem[];
  bytes: number;
  /** What the read went into. */
  readonly memory: ArrayBufferLike | undefined;
}

type State =
  | { readonly name: 'open' }
  | { readonly name: 'failed'; readonly error: unknown }
  | { readonly name: 'ended' };

interface Waiter {
  resolve(result: IteratorResult<RtpItem>): void;
  reject(error: unknown): void;
}

const DONE: IteratorResult<RtpItem> = { done: true, value: undefined };
const NOTHING: Batch = { items: [], bytes: 0, memory: undefined };
/** So many pieces of memory are remembered between two units; further ones are left to the collector. */
const LEFT_LIMIT = 16;

/**
 * Takes in what one chunk held as one batch and hands out single items with one settled promise each, because a
 * hundred cameras send forty thousand packets a second. For one consumer. Iterating ends after `end`, and throws
 * what `fail` was given once the items before it are taken.
 */
export class RtspMedia implements AsyncIterableIterator<RtpItem> {
  /** Called with memory whose items are all copied, or never will be. */
  onCopied: (memory: ArrayBufferLike) => void = () => {};
  /** Called for every read that held RTP. */
  onPackets: () => void = () => {};
  /** Called when there is room again after `receive` said `enough`. */
  onRoom: () => void = () => {};
  readonly #place: string;
  #rtpChannel = 0;
  #rtcpChannel = 1;
  #state: State = { name: 'open' };
  #batches: Batch[] = [];
  #current = NOTHING;
  #at = 0;
  #waitingItems = 0;
  #waitingBytes = 0;
  #full = false;
  /** Memory all of whose items were handed out since the last unit. */
  #left: ArrayBufferLike[] = [];
  #malformedInRow = 0;
  #waiter: Waiter | undefined;

  /** @param place how messages name the camera */
  constructor(place: string) {
    this.#place = place;
  }

  /** Says on which channels RTP and RTCP come. */
  expectChannels(rtp: number, rtcp: number): void {
    this.#rtpChannel = rtp;
    this.#rtcpChannel = rtcp;
  }

  /** True while the connection was asked to stop reading. */
  get full(): boolean {
    return this.#full;
  }

  /**
   * Takes what one read completed; packets of other channels are left out.
   * @throws NightglassError `ingest/garbage` when packet after packet is not RTP
   */
  receive(frames: readonly Interleaved[], memory: ArrayBufferLike): 'more' | 'enough' {
    if (this.#state.name !== 'open') return 'more';
    const batch = this.#read(frames, memory, wallNow());
    if (batch.items.length > 0) {
      this.#batches.push(batch);
      this.#waitingItems += batch.items.length;
      this.#waitingBytes += batch.bytes;
      this.#full = this.#waitingItems >= ITEMS_FULL || this.#waitingBytes >= BYTES_FULL;
      this.#wake();
    }
    return this.#full ? 'enough' : 'more';
  }

  /** Nobody wants more: what still waits is let go, and iterating ends at once. */
  end(): void {
    this.#state = { name: 'ended' };
    this.#batches = [];
    this.#current = NOTHING;
    this.#at = 0;
    this.#waitingItems = 0;
    this.#waitingBytes = 0;
    this.#waiter?.resolve(DONE);
    this.#waiter = undefined;
    this.#makeRoom();
  }

  /**
   * The consumer has made an access unit. A unit is made of copies, and what is not in one by now never will be, but
   * for the item handed out last: it may begin the next.
   */
  unitMade(): void {
    for (const memory of this.#left) this.onCopied(memory);
    this.#left = [];
  }

  /** The connection is lost: iterating throws `error` after the items that came before. */
  fail(error: unknown): void {
    if (this.#state.name !== 'open') return;
    if (this.#waiter === undefined) {
      this.#state = { name: 'failed', error };
      return;
    }
    this.#state = { name: 'ended' };
    this.#waiter.reject(error);
    this.#waiter = undefined;
  }

  next(): Promise<IteratorResult<RtpItem>> {
    if (this.#at < this.#current.items.length || this.#takeBatch())
      return Promise.resolve({ done: false, value: this.#current.items[this.#at++]! });
    switch (this.#state.name) {
      case 'open':
        return new Promise((resolve, reject) => {
          this.#waiter = { resolve, reject };
        });
      case 'failed': {
        const { error } = this.#state;
        this.#state = { name: 'ended' };
        return Promise.reject(error);
      }
      case 'ended':
        return Promise.resolve(DONE);
    }
  }

  return(): Promise<IteratorResult<RtpItem>> {
    this.end();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #read(frames: readonly Interleaved[], memory: ArrayBufferLike, arrivedAt: WallMicros): Batch {
    const batch: Batch = { items: [], bytes: 0, memory };
    let sawPacket = false;
    for (const { channel, payload } of frames) {
      if (channel === this.#rtpChannel) {
        const packet = this.#readPacket(payload, arrivedAt);
        if (packet === undefined) continue;
        sawPacket = true;
        batch.items.push(packet);
        batch.bytes += payload.length;
      } else if (channel === this.#rtcpChannel) {
        batch.items.push(...parseSenderReports(payload));
      }
    }
    if (sawPacket) this.onPackets();
    return batch;
  }

  #readPacket(bytes: Uint8Array, arrivedAt: WallMicros): RtpPacket | undefined {
    try {
      const packet = parseRtp(bytes, arrivedAt);
      this.#malformedInRow = 0;
      return packet;
    } catch (cause) {
      this.#malformedInRow += 1;
      if (this.#malformedInRow < MALFORMED_LIMIT) return undefined;
      const message = `${this.#place}: RTP packets were expected, something else came`;
      throw new NightglassError('ingest/garbage', message, { cause });
    }
  }

  #wake(): void {
    const waiter = this.#waiter;
    if (waiter === undefined || !this.#takeBatch()) return;
    this.#waiter = undefined;
    waiter.resolve({ done: false, value: this.#current.items[this.#at++]! });
  }

  #takeBatch(): boolean {
    const next = this.#batches.shift();
    if (next === undefined) return false;
    this.#leave(this.#current.memory, next.memory);
    this.#current = next;
    this.#at = 0;
    this.#waitingItems -= next.items.length;
    this.#waitingBytes -= next.bytes;
    this.#makeRoom();
    return true;
  }

  /** Reads fill one piece of memory after another, so where another begins the one before is finished. */
  #leave(memory: ArrayBufferLike | undefined, next: ArrayBufferLike | undefined): void {
    if (memory === undefined || memory === next || this.#left.length >= LEFT_LIMIT) return;
    this.#left.push(memory);
  }

  /** Half empty, so that reading does not stop and start with every chunk. */
  #makeRoom(): void {
    if (!this.#full || this.#waitingItems > ITEMS_FULL / 2 || this.#waitingBytes > BYTES_FULL / 2) return;
    this.#full = false;
    this.onRoom();
  }
}
