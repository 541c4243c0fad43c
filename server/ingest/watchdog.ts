/** Ends a camera's connection when it no longer shows pictures, whatever bytes still flow. */
import { NightglassError } from '#wire/nightglass-error.ts';

export interface WatchdogLimits {
  /** No access unit for so long, seconds. */
  readonly pictureTimeoutSeconds: number;
  /** Pictures, but no key unit since the connection was opened, seconds. Dark cameras send few. */
  readonly keyTimeoutSeconds: number;
}

const PERIOD_MS = 500;

/**
 * Watches what one connection yields; aborts `connection` with `ingest/no-picture` as the reason when it shows
 * nothing. Once a key unit has come, any picture counts as life: a GOP may be of any length. Pictures that a loss has
 * made useless do not: connecting anew brings a key unit from most cameras, sooner than waiting does from a dark one.
 */
export function watch(connection: AbortController, limits: WatchdogLimits): Watchdog {
  let awaitingSince = performance.now();
  let lastPicture = awaitingSince;
  let sawKey = false;
  let lost = false;
  let looked = awaitingSince;
  const timer = setInterval(() => {
    const now = performance.now();
    // What came while this server was held up waits to be read: that time is no silence of the camera.
    const heldUp = now - looked - PERIOD_MS;
    looked = now;
    if (heldUp > PERIOD_MS) {
      awaitingSince += heldUp;
      lastPicture += heldUp;
      return;
    }
    const seen = {
      withoutPicture: (now - lastPicture) / 1000,
      lost,
      ...(sawKey ? {} : { withoutKey: (now - awaitingSince) / 1000 }),
    };
    const reason = verdict(seen, limits);
    if (reason !== undefined) connection.abort(new NightglassError('ingest/no-picture', reason));
  }, PERIOD_MS);
  return {
    saw(key) {
      lastPicture = performance.now();
      sawKey ||= key;
      lost = false;
    },
    lost() {
      lost = true;
    },
    answered() {
      awaitingSince = lastPicture = performance.now();
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

export interface Watchdog extends Disposable {
  /** A picture came: of use to a viewer, or to be once a key unit has come. */
  saw(key: boolean): void;
  /** Pictures came that are of no use, because others before them were lost. */
  lost(): void;
  /** The camera answers, and no picture is due yet. */
  answered(): void;
}

/** What a connection has shown, seconds. */
export interface Seen {
  readonly withoutPicture: number;
  /** Absent once a key unit has come. */
  readonly withoutKey?: number;
  /** Pictures were lost since the last one. */
  readonly lost: boolean;
}

/** Why the connection should end, or nothing. */
export function verdict(
  { withoutPicture, withoutKey, lost }: Seen,
  { pictureTimeoutSeconds, keyTimeoutSeconds }: WatchdogLimits,
): string | undefined {
  if (withoutPicture > pictureTimeoutSeconds)
    return lost
      ? `pictures were lost on the way, and no key frame came for ${pictureTimeoutSeconds} s`
      : `the camera is connected, but no picture came for ${pictureTimeoutSeconds} s`;
  if (withoutKey !== undefined && withoutKey > keyTimeoutSeconds)
    return `the camera sends pictures, but no key frame came in ${keyTimeoutSeconds} s`;
  return undefined;
}
