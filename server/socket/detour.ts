/** When a tile leaves a stream that cannot be reached for the one that stands in for it, and when it returns. */
import type { CameraState } from '#wire/camera-state.ts';

/** A camera that hiccups is back before another stream is open. Milliseconds. */
const PATIENCE = 2000;
/** A camera that comes and goes changes its tile's picture at most so often. Milliseconds. */
const STEADY = 5000;

/** Where a tile stands. */
export interface Sight {
  /** It shows what stands in. */
  readonly away: boolean;
  /** Of the stream that it was asked to show. */
  readonly asked: CameraState['state'];
  /** There is no picture that a change could disturb. */
  readonly dark: boolean;
}

export interface Turn {
  readonly to: 'stand-in' | 'asked';
  /** How long it must be due before it is made, milliseconds. */
  readonly afterMs: number;
}

/** The turn that is due, if any. */
export function turnDue({ away, asked, dark }: Sight): Turn | undefined {
  if (away) return asked === 'live' ? { to: 'asked', afterMs: dark ? 0 : STEADY } : undefined;
  return asked === 'unreachable' ? { to: 'stand-in', afterMs: dark ? 0 : PATIENCE } : undefined;
}

/** Makes a turn that stays due for long enough. */
export class Detour implements Disposable {
  readonly #make: (to: Turn['to']) => void;
  #due: { readonly to: Turn['to']; readonly timer: NodeJS.Timeout } | undefined;

  constructor(make: (to: Turn['to']) => void) {
    this.#make = make;
  }

  /** @param turn what is due from now on; one without a wait is made before this returns */
  plan(turn: Turn | undefined): void {
    if (turn !== undefined && turn.afterMs > 0 && turn.to === this.#due?.to) return;
    this[Symbol.dispose]();
    if (turn === undefined) return;
    const { to, afterMs } = turn;
    if (afterMs === 0) this.#make(to);
    else this.#due = { to, timer: setTimeout(() => this.#makeDue(to), afterMs) };
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#due?.timer);
    this.#due = undefined;
  }

  #makeDue(to: Turn['to']): void {
    this.#due = undefined;
    this.#make(to);
  }
}
