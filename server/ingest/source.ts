/** What every kind of camera looks like to the server corridor. */
import type { AccessUnit } from '#wire/access-unit.ts';
import type { TellFault } from '../packets/stream-fault.ts';

/** A place access units come from. One call of `units` is one connection; reconnecting is the corridor's. */
export interface Source {
  /**
   * Opens the camera and yields every access unit it sends, delta units before the first key unit included
   * (they prove that pictures flow). Ends when the camera ends the stream; releases everything when the
   * signal aborts or the consumer stops. What goes wrong without ending the connection is told by `tell`.
   * @throws NightglassError `ingest/…` or `packets/…`
   */
  units(signal: AbortSignal, tell?: TellFault): AsyncIterable<AccessUnit>;
  /** Asks the camera for a key unit, where a camera of this kind can be asked; it may take its time, or not listen. */
  requestKey?(): void;
}
