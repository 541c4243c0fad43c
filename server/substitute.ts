/** H.264 of a camera's H.265, made while somebody needs it: Stream → ffmpeg → Stream. */
import type { Logger } from 'pino';
import type { AccessUnit } from '#wire/access-unit.ts';
import type { CameraState } from '#wire/camera-state.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { type Micros, micros, wallNow } from '#wire/time.ts';
import { queueLimits } from './camera.ts';
import type { Limits } from './config.ts';
import type { TakePlace } from './encoders.ts';
import type { Reader } from './fanout/reader.ts';
import { Stream } from './fanout/stream.ts';
import { backoff } from './ingest/backoff.ts';
import { type FollowedUnit, h264Of } from './ingest/h264-of.ts';
import { WhileWatched } from './while-watched.ts';

const MIB = 1024 * 1024;
/** A child that has the last GOP to decode first may be this far behind before it is cut to the next key unit. */
const MOST_BEHIND = micros(5_000_000);
/** A child costs more than a connection, takes another camera's place, and is soon made anew: it ends this early. */
const MOST_LINGER_SECONDS = 2;

/** Units that were left out before a child could take them in, and the timestamp of the unit that followed. */
interface Loss {
  readonly units: number;
  readonly before?: Micros;
}

/**
 * One for all viewers of a Stream that cannot decode it; begins with the first of them and ends after the last. Its
 * state is the camera's, and live once a picture is made. A camera that sends H.264 after all is passed on.
 */
export class Substitute implements AsyncDisposable {
  readonly stream: Stream;
  readonly #of: Stream;
  readonly #limits: Limits;
  readonly #takePlace: TakePlace;
  readonly #log: Logger;
  readonly #watched: WhileWatched;
  #failed = false;
  #loss: Loss = { units: 0 };

  constructor(of: Stream, limits: Limits, takePlace: TakePlace, log: Logger) {
    this.#of = of;
    this.#limits = limits;
    this.#takePlace = takePlace;
    this.#log = log;
    this.stream = new Stream({ gopBytes: limits.gopMiB * MIB, limits: queueLimits(limits) });
    this.#watched = new WhileWatched({
      stream: this.stream,
      feed: (stop) => this.#run(stop),
      closeAfterSeconds: Math.min(limits.closeAfterSeconds, MOST_LINGER_SECONDS),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#watched[Symbol.asyncDispose]();
  }

  /** One child after another until `stop`: another for each epoch of the camera, and after each failure. */
  async #run(stop: AbortSignal): Promise<void> {
    this.#failed = false;
    this.#watched.enter({ state: 'connecting', since: wallNow() });
    for (let failures = 0; !stop.aborted; ) {
      try {
        for await (const unit of this.#pictures(stop)) {
          if (stop.aborted) return;
          failures = 0;
          this.#failed = false;
          this.#watched.enter({ state: 'live', since: wallNow() });
          this.#tellLoss(unit);
          this.stream.publish(unit);
        }
      } catch (error) {
        if (stop.aborted) return;
        this.#fail(error);
        await this.#watched.pause(backoff(failures++, Math.random()) / 1000, stop);
      }
    }
  }

  async *#pictures(stop: AbortSignal) {
    const limits = { ...queueLimits(this.#limits), age: MOST_BEHIND };
    using reader = this.#of.read({ want: 'live', limits });
    const leave = () => reader[Symbol.dispose]();
    stop.addEventListener('abort', leave);
    // The camera's timestamps begin anew with its epochs, and a new child has nothing in common with the last.
    this.stream.discontinuity();
    this.#loss = { units: 0 };
    try {
      const { pictureTimeoutSeconds } = this.#limits;
      yield* h264Of(this.#epoch(reader), pictureTimeoutSeconds, stop, this.#takePlace);
    } finally {
      stop.removeEventListener('abort', leave);
    }
  }

  /** The units up to the camera's next epoch; its states are heard on the way. */
  async *#epoch(reader: Reader): AsyncGenerator<FollowedUnit, void, undefined> {
    let epoch: number | undefined;
    for await (const item of reader) {
      if (item.kind === 'state') this.#hear(item.state);
      if (item.kind === 'end') this.#endWith(item.code, item.message);
      if (item.kind === 'gap') this.#loss = { units: this.#loss.units + item.dropped };
      if (item.kind !== 'unit') continue;
      epoch ??= item.epoch;
      if (item.epoch !== epoch) return;
      if (this.#loss.units > 0) this.#loss = { before: item.unit.timestamp, ...this.#loss };
      yield { unit: item.unit, past: item.replay };
    }
  }

  /** A loss is told with the next key picture; the pictures until then follow on the one before the loss. */
  #tellLoss({ key, timestamp }: AccessUnit): void {
    const { units, before } = this.#loss;
    if (!key || before === undefined || timestamp < before) return;
    this.stream.lose(units);
    this.#loss = { units: 0 };
  }

  #hear(state: CameraState): void {
    if (state.state !== 'live' && state.state !== 'waiting-for-key') this.#watched.enter(state);
    // A child that fails again and again is the news, not that the camera is well.
    else if (!this.#failed) this.#watched.enter({ ...state, state: 'waiting-for-key' });
  }

  #endWith(...end: Parameters<Stream['end']>): void {
    this.#watched.stop();
    this.stream.end(...end);
  }

  #fail(error: unknown): void {
    const { code, message, cause } = inItsWords(error);
    if (!this.#failed) this.#log.warn({ code, cause }, message);
    this.#failed = true;
    this.#watched.enter({ state: 'unreachable', since: wallNow(), code, message });
  }
}

function inItsWords(error: unknown): NightglassError {
  if (!(error instanceof NightglassError))
    return new NightglassError('ingest/failed', 'making H.264 failed unexpectedly', { cause: error });
  if (error.code !== 'ingest/no-ffmpeg') return error;
  const message =
    'this browser cannot decode the camera’s H.265, and the server cannot make H.264 of it without ffmpeg';
  return new NightglassError(error.code, message, { cause: error.cause });
}
