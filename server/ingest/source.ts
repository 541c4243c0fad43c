/** What every kind of camera looks like to the server corridor. */
import type { AccessUnit } from '#wire/access-unit.ts';

/** A place access units come from. One call of `units` is one connection; reconnecting is the corridor's. */
export interface Source {
  /**
   * Opens the camera and yields every access unit it sends, delta units before the first key unit included
   * (they prove that pictures flow). Ends when the camera ends the stream; releases everything when the
   * signal aborts or the consumer stops.
   * @throws NightglassError `ingest/…` or `packets/…`
   */
  units(signal: AbortSignal): AsyncIterable<AccessUnit>;
}
