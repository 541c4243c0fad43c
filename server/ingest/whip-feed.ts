/** The packets of one publisher on their way to one consumer: put in order, repaired, bounded. */
import type { RtpItem, RtpPacket, VideoTrack } from '../packets/rtp-item.ts';
import { KeyRequests } from './whip-key-requests.ts';
import { RtpRepair } from './whip-repair.ts';

/** Sends RTCP feedback to the publisher. */
export interface Feedback {
  /** Asks for packets again (RFC 4585 §6.2.1). */
  resend(sequences: readonly number[]): void;
  /** Asks for a key unit (RFC 4585 §6.3.1). */
  keyUnit(): void;
}

const TICK_MS = 10;
/** With so much waiting, the consumer is stuck; what waits is dropped as if it were lost. */
const ITEMS_LIMIT = 8_192;
const BYTES_LIMIT = 16_777_216;

type State =
  | { readonly name: 'open' }
  | { readonly name: 'failed'; readonly error: unknown }
  | { readonly name: 'ended' };

interface Waiter {
  resolve(result: IteratorResult<RtpItem>): void;
  reject(error: unknown): void;
}

const DONE: IteratorResult<RtpItem> = { done: true, value: undefined };

/** For one consumer. Iterating ends after `end`, and throws what `fail` was given once the items before it are taken. */
export class WhipFeed implements AsyncIterableIterator<RtpItem>, Disposable {
  readonly #feedback: Feedback;
  readonly #repair: RtpRepair;
  readonly #keys = new KeyRequests();
  readonly #ticking: NodeJS.Timeout;
  #items: RtpItem[] = [];
  #bytes = 0;
  #state: State = { name: 'open' };
  #waiter: Waiter | undefined;

  /** @param fromStart true where the publisher has sent nothing yet */
  constructor(feedback: Feedback, fromStart: boolean, codec: VideoTrack['codec']) {
    this.#feedback = feedback;
    this.#repair = new RtpRepair(fromStart, codec);
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  receive(packet: RtpPacket, origin: 'first' | 'resent' | 'unknown'): void {
    if (this.#state.name !== 'open') return;
    for (const ready of this.#repair.push(packet, performance.now(), origin)) this.#put(ready);
  }

  /** Takes what needs no order, such as a sender report. */
  hear(item: RtpItem): void {
    if (this.#state.name === 'open') this.#put(item);
  }

  /** The first packet came, so feedback has an address: what was asked before it went nowhere. */
  mediaBegan(): void {
    this.#keys.askAnew();
  }

  /** The consumer made a key unit of the packets. */
  sawKey(): void {
    this.#keys.sawKey(performance.now());
  }

  /** Asks the publisher for a key unit, at the next tick that may. */
  wantKey(): void {
    this.#keys.want();
  }

  end(): void {
    clearInterval(this.#ticking);
    this.#state = { name: 'ended' };
    this.#items = [];
    this.#waiter?.resolve(DONE);
    this.#waiter = undefined;
  }

  fail(error: unknown): void {
    if (this.#state.name !== 'open') return;
    clearInterval(this.#ticking);
    this.#state = { name: 'failed', error };
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    this.#state = { name: 'ended' };
    this.#waiter = undefined;
    waiter.reject(error);
  }

  next(): Promise<IteratorResult<RtpItem>> {
    const value = this.#items.shift();
    if (value !== undefined) {
      this.#bytes -= bytesOf(value);
      return Promise.resolve({ done: false, value });
    }
    const state = this.#state;
    if (state.name === 'ended') return Promise.resolve(DONE);
    if (state.name === 'failed') {
      this.#state = { name: 'ended' };
      return Promise.reject(state.error);
    }
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<RtpItem>> {
    this.end();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #tick(): void {
    const now = performance.now();
    if (this.#repair.waiting) {
      const late = this.#repair.giveUp(now);
      if (late.length > 0) this.#keys.want();
      for (const packet of late) this.#put(packet);
      const asks = this.#repair.ask(now);
      if (asks.length > 0) this.#feedback.resend(asks);
    }
    if (this.#keys.due(now)) this.#feedback.keyUnit();
  }

  #put(item: RtpItem): void {
    const waiter = this.#waiter;
    if (waiter !== undefined) {
      this.#waiter = undefined;
      waiter.resolve({ done: false, value: item });
      return;
    }
    if (this.#items.length >= ITEMS_LIMIT || this.#bytes >= BYTES_LIMIT) {
      this.#items = [];
      this.#bytes = 0;
      this.#keys.want();
    }
    this.#items.push(item);
    this.#bytes += bytesOf(item);
  }
}

const bytesOf = (item: RtpItem): number => (item.kind === 'rtp' ? item.payload.length : 0);
