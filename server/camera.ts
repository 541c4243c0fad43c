/** The server corridor: source → access units → Stream, opened for its viewers and reconnected for ever. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CameraState } from '#wire/camera-state.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { micros, wallNow } from '#wire/time.ts';
import { CameraHealth } from './camera-health.ts';
import { CameraLog } from './camera-log.ts';
import type { CameraConfig, Limits } from './config.ts';
import type { QueueLimits } from './fanout/drop-policy.ts';
import { Stream } from './fanout/stream.ts';
import { backoff } from './ingest/backoff.ts';
import type { Source } from './ingest/source.ts';
import { type Watchdog, watch } from './ingest/watchdog.ts';
import type { StreamFault } from './packets/stream-fault.ts';

const MIB = 1024 * 1024;

/** One camera: its settings, its Stream, and the connection that feeds the Stream while somebody watches. */
export class Camera implements AsyncDisposable {
  readonly config: CameraConfig;
  readonly stream: Stream;
  readonly health = new CameraHealth();
  readonly #source: Source;
  readonly #limits: Limits;
  readonly #log: CameraLog;
  #running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  #closing: NodeJS.Timeout | undefined;
  #pause = new AbortController();
  reconnects = 0;

  constructor(config: CameraConfig, source: Source, limits: Limits, log: Logger) {
    this.config = config;
    this.#source = source;
    this.#limits = limits;
    this.#log = new CameraLog(log.child({ camera: config.name }));
    this.stream = new Stream({ gopBytes: limits.gopMiB * MIB, limits: queueLimits(limits) });
    this.stream.onReaders = (count) => (count > 0 ? this.#open() : this.#closeSoon());
    this.stream.onKeyWanted = () => source.requestKey?.();
    if (config.always) this.#open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stream.onReaders = () => {};
    await this.#close();
    this.stream.end('closed', 'the server is stopping');
  }

  /** Ends the wait before the next try: the camera is known to be back. */
  hurry(): void {
    this.#pause.abort();
  }

  #open(): void {
    clearTimeout(this.#closing);
    if (this.#running !== undefined) return;
    const stop = new AbortController();
    this.#running = { stop, ended: this.#run(stop.signal) };
  }

  #closeSoon(): void {
    if (this.config.always) return;
    this.#closing = setTimeout(() => this.#close(), this.#limits.closeAfterSeconds * 1000);
  }

  async #close(): Promise<void> {
    clearTimeout(this.#closing);
    const running = this.#running;
    this.#running = undefined;
    running?.stop.abort();
    await running?.ended;
    if (this.#running === undefined) this.#enter({ state: 'idle', since: wallNow() });
  }

  /** Connects again and again until `stop`; the wait grows while no picture comes. */
  async #run(stop: AbortSignal): Promise<void> {
    this.#enter({ state: 'connecting', since: wallNow() });
    for (let failures = 0; !stop.aborted; failures++) {
      const began = performance.now();
      const error = await this.#connect(stop, () => {
        failures = 0;
      });
      if (stop.aborted) return;
      this.reconnects++;
      this.stream.discontinuity();
      const { code, message, cause } = error;
      this.health.failed(code);
      this.#enter({ state: 'unreachable', since: wallNow(), code, message }, cause);
      // A connection that showed pictures was no attempt that failed.
      const spent = micros(failures > 0 ? (performance.now() - began) * 1000 : 0);
      await this.#wait(backoff(failures, Math.random(), spent) / 1000, stop);
    }
  }

  async #wait(milliseconds: number, stop: AbortSignal): Promise<void> {
    this.#pause = new AbortController();
    const { signal } = this.#pause;
    stop.addEventListener('abort', () => this.hurry(), { signal });
    await wait(milliseconds, undefined, { signal }).catch(() => {});
    this.hurry();
  }

  /** One connection, from its opening to its end; returns why it ended. */
  async #connect(stop: AbortSignal, onLive: () => void): Promise<NightglassError> {
    const connection = new AbortController();
    const { signal } = connection;
    stop.addEventListener('abort', () => connection.abort(), { signal });
    using watchdog = watch(connection, this.#limits);
    this.#log.connecting();
    this.health.connecting();
    try {
      for await (const unit of this.#source.units(signal, (fault) => this.#note(fault, watchdog))) {
        watchdog.saw(unit.key);
        this.health.saw(unit);
        if (unit.key) onLive();
        this.#enter({ state: unit.key ? 'live' : 'waiting-for-key', since: wallNow() });
        this.stream.publish(unit);
      }
    } catch (error) {
      connection.abort(asNightglassError(error));
    }
    connection.abort(new NightglassError('ingest/closed', 'the camera ended the stream'));
    return signal.reason;
  }

  #note(fault: StreamFault, watchdog: Watchdog): void {
    if (fault.kind === 'opening') {
      watchdog.answered();
      return;
    }
    this.#log.fault(fault);
    this.health.note(fault);
    if (fault.kind === 'lost') {
      watchdog.lost();
      this.stream.lose(fault.units);
    }
    if (fault.kind === 'unreadable') {
      watchdog.saw(false);
      this.#enter({ state: 'waiting-for-key', since: wallNow() });
    }
  }

  /** Tells a change once: a camera that stays unreachable for the same reason is not news at every try. */
  #enter(next: CameraState, cause?: unknown): void {
    const now = this.stream.state;
    if (now.state === 'live' && next.state === 'waiting-for-key') return;
    if (now.state === next.state && (next.state !== 'unreachable' || sameReason(now, next))) return;
    this.stream.setState(next);
    this.#log.state(next, cause);
  }
}

/** A viewer may show a picture half a second later than it may wait here: that is a slow link's own share. */
export const queueLimits = ({ queueMiB, queueSeconds }: Limits): QueueLimits => ({
  bytes: queueMiB * MIB,
  age: micros(queueSeconds * 1e6),
  lag: micros((queueSeconds + 0.5) * 1e6),
});

const sameReason = (a: CameraState, b: CameraState): boolean =>
  a.state === 'unreachable' && b.state === 'unreachable' && a.code === b.code && a.message === b.message;

const asNightglassError = (error: unknown): NightglassError =>
  error instanceof NightglassError
    ? error
    : new NightglassError('ingest/failed', 'the connection to the camera failed unexpectedly', {
        cause: error,
      });
