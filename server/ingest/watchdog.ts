/** Ends a camera's connection when it no longer shows pictures, whatever bytes still flow. */
import type { AccessUnit } from '#wire/access-unit.ts';
import { NightglassError } from '#wire/nightglass-error.ts';

export interface WatchdogLimits {
  /** No access unit for so long, seconds. */
  readonly pictureTimeoutSeconds: number;
  /** Access units, but no key unit since the connection was opened, seconds. Dark cameras send few. */
  readonly keyTimeoutSeconds: number;
}

/**
 * Watches what one connection yields; aborts `connection` with `ingest/no-picture` as the reason when it shows
 * nothing. Once a key unit has come, any access unit counts as life: a GOP may be of any length.
 */
export function watch(connection: AbortController, limits: WatchdogLimits): Watchdog {
  const opened = performance.now();
  let lastUnit = opened;
  let sawKey = false;
  const timer = setInterval(() => {
    const now = performance.now();
    const reason = verdict((now - lastUnit) / 1000, sawKey ? undefined : (now - opened) / 1000, limits);
    if (reason !== undefined) connection.abort(new NightglassError('ingest/no-picture', reason));
  }, 500);
  return {
    saw(unit) {
      lastUnit = performance.now();
      sawKey ||= unit.key;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

export interface Watchdog extends Disposable {
  saw(unit: AccessUnit): void;
}

/** Why the connection should end, or nothing. `withoutKey` is absent once a key unit has come. Seconds. */
export function verdict(
  withoutUnit: number,
  withoutKey: number | undefined,
  { pictureTimeoutSeconds, keyTimeoutSeconds }: WatchdogLimits,
): string | undefined {
  if (withoutUnit > pictureTimeoutSeconds)
    return `the camera is connected, but no picture came for ${pictureTimeoutSeconds} s`;
  if (withoutKey !== undefined && withoutKey > keyTimeoutSeconds)
    return `the camera sends pictures, but no key frame came in ${keyTimeoutSeconds} s`;
  return undefined;
}
