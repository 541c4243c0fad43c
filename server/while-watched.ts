/** A Stream that is fed while somebody reads it: its work begins with the first reader and ends after the last. */
import { setTimeout as wait } from 'node:timers/promises';
import type { CameraState } from '#wire/camera-state.ts';
import { wallNow } from '#wire/time.ts';
import type { Stream } from './fanout/stream.ts';

export interface Work {
  readonly stream: Stream;
  /** Feeds the Stream until the signal aborts. Never rejects. */
  readonly feed: (stop: AbortSignal) => Promise<void>;
  /** How long it goes on after the last reader, seconds; `never` goes on for ever. */
  readonly closeAfterSeconds: number | 'never';
  /** Told every state that is news, with what caused it where that is known. */
  readonly entered?: (state: CameraState, cause?: unknown) => void;
}

/** Takes over the Stream's `onReaders` and its state, which is idle while nothing feeds it. */
export class WhileWatched implements AsyncDisposable {
  readonly #work: Work;
  #running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  #closing: NodeJS.Timeout | undefined;
  #pause = new AbortController();

  constructor(work: Work) {
    this.#work = work;
    work.stream.onReaders = (count) => (count > 0 ? this.open() : this.#closeSoon());
  }

  /** Stops the work, waits for its end, and ends the Stream. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { stream } = this.#work;
    stream.onReaders = () => {};
    await this.#close();
    stream.end('closed', 'the server is stopping');
  }

  /** Begins the work now, if it does not run. */
  open(): void {
    clearTimeout(this.#closing);
    if (this.#running !== undefined) return;
    const stop = new AbortController();
    this.#running = { stop, ended: this.#work.feed(stop.signal) };
  }

  /** Asks the work to stop. Does not wait; it may not begin again before `open`. */
  stop(): void {
    this.#running?.stop.abort();
  }

  /** For the work: waits, until `stop` or `hurry` at the longest. */
  async pause(milliseconds: number, stop: AbortSignal): Promise<void> {
    const pause = new AbortController();
    this.#pause = pause;
    stop.addEventListener('abort', () => pause.abort(), { signal: pause.signal });
    await wait(milliseconds, undefined, { signal: pause.signal }).catch(() => {});
    pause.abort();
  }

  /** Ends the pause that is being made. */
  hurry(): void {
    this.#pause.abort();
  }

  /** Tells a change once: what stays unreachable for the same reason is not news at every try. */
  enter(next: CameraState, cause?: unknown): void {
    const { stream, entered } = this.#work;
    const now = stream.state;
    if (now.state === 'live' && next.state === 'waiting-for-key') return;
    if (now.state === next.state && (next.state !== 'unreachable' || sameReason(now, next))) return;
    stream.setState(next);
    entered?.(next, cause);
  }

  #closeSoon(): void {
    const { closeAfterSeconds } = this.#work;
    if (closeAfterSeconds === 'never') return;
    this.#closing = setTimeout(() => this.#close(), closeAfterSeconds * 1000);
  }

  async #close(): Promise<void> {
    clearTimeout(this.#closing);
    const running = this.#running;
    this.#running = undefined;
    running?.stop.abort();
    await running?.ended;
    if (this.#running === undefined) this.enter({ state: 'idle', since: wallNow() });
  }
}

const sameReason = (a: CameraState, b: CameraState): boolean =>
  a.state === 'unreachable' && b.state === 'unreachable' && a.code === b.code && a.message === b.message;
