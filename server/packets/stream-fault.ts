/** What keeps a camera's pictures from coming, or coming right, without ending its connection. */
import type { WallClockFault } from './rtp-clock-wall.ts';

export type StreamFault =
  /** The camera answers, and no picture is due yet. */
  | { readonly kind: 'opening' }
  /** So many units, as far as can be told, came broken or not at all, or are of no use without those. */
  | { readonly kind: 'lost'; readonly units: number }
  /** Before the first key unit, a picture came that nobody can read: its parameter sets have not come. */
  | { readonly kind: 'unreadable' }
  /** A picture stands elsewhere in time than the camera stamped it. */
  | { readonly kind: 'restamped' }
  /** The wall clock of the camera's sender reports is not to be believed; told once for each fault. */
  | { readonly kind: 'wall-clock'; readonly fault: WallClockFault };

/** Called in order with the units: what is told before a unit is handed on happened before it. */
export type TellFault = (fault: StreamFault) => void;
