/** The server corridor: source → access units → Stream, opened for its viewers and reconnected for ever. */
import type { Logger } from 'pino';
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
import { WhileWatched } from './while-watched.ts';

const MIB = 1024 * 1024;

/** One camera: its settings, its Stream, and the connection that feeds the Stream while somebody watches. */
export class Camera implements AsyncDisposable {
  readonly config: CameraConfig;
  readonly stream: Stream;
  readonly health = new CameraHealth();
  readonly #source: Source;
  readonly #limits: Limits;
  readonly #log: CameraLog;
  readonly #watched: WhileWatched;
  reconnects = 0;

  constructor(config: CameraConfig, source: Source, limits: Limits, log: Logger) {
    this.config = config;
    this.#source = source;
    this.#limits = limits;
    this.#log = new CameraLog(log.child({ camera: config.name }));
    this.stream = new Stream({ gopBytes: limits.gopMiB * MIB, limits: queueLimits(limits) });
    this.stream.onKeyWanted = () => source.requestKey?.();
    this.#watched = new WhileWatched({
      stream: this.stream,
      feed: (stop) => this.#run(stop),
      closeAfterSeconds: config.always ? 'never' : limits.closeAfterSeconds,
      entered: (state, cause) => this.#log.state(state, cause),
    });
    if (config.always) this.#watched.open();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#watched[Symbol.asyncDispose]();
  }

  /** Ends the wait before the next try: the camera is known to be back. */
  hurry(): void {
    this.#watched.hurry();
  }

  /** Connects again and again until `stop`; the wait grows while no picture comes. */
  async #run(stop: AbortSignal): Promise<void> {
    this.#watched.enter({ state: 'connecting', since: wallNow() });
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
      this.#watched.enter({ state: 'unreachable', since: wallNow(), code, message }, cause);
      // A connection that showed pictures was no attempt that failed.
      const spent = micros(failures > 0 ? (performance.now() - began) * 1000 : 0);
      await this.#watched.pause(backoff(failures, Math.random(), spent) / 1000, stop);
    }
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
        this.#watched.enter({ state: unit.key ? 'live' : 'waiting-for-key', since: wallNow() });
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
      this.#watched.enter({ state: 'waiting-for-key', since: wallNow() });
    }
  }
}

/** A viewer may show a picture half a second later than it may wait here: that is a slow link's own share. */
export const queueLimits = ({ queueMiB, queueSeconds }: Limits): QueueLimits => ({
  bytes: queueMiB * MIB,
  age: micros(queueSeconds * 1e6),
  lag: micros((queueSeconds + 0.5) * 1e6),
});

const asNightglassError = (error: unknown): NightglassError =>
  error instanceof NightglassError
    ? error
    : new NightglassError('ingest/failed', 'the connection to the camera failed unexpectedly', {
        cause: error,
      });
