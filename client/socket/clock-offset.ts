/** How far the server's wall clock is ahead of this machine's, from questions and answers over the socket. */
import { type Micros, micros, type WallMicros } from '#wire/time.ts';

/** One question and its answer. */
export interface ClockSample {
  readonly sentAt: WallMicros;
  readonly serverAt: WallMicros;
  readonly receivedAt: WallMicros;
}

/** Samples kept: eight questions every ten seconds follow a clock that drifts or is set. */
export const SAMPLES_KEPT = 8;

/** `samples` with one more, the oldest left out. */
export const withSample = (samples: readonly ClockSample[], sample: ClockSample): readonly ClockSample[] =>
  [...samples, sample].slice(-SAMPLES_KEPT);

/**
 * Server clock minus ours in µs, from the sample with the shortest round trip: it had the least room for the two
 * ways to differ. Undefined without samples. The error is at most half that round trip (RFC 5905 §8).
 */
export function clockOffset(samples: readonly ClockSample[]): Micros | undefined {
  let best: ClockSample | undefined;
  for (const sample of samples) if (!best || roundTrip(sample) <= roundTrip(best)) best = sample;
  return best && micros(best.serverAt - (best.sentAt + best.receivedAt) / 2);
}

const roundTrip = (sample: ClockSample): number => sample.receivedAt - sample.sentAt;
