/** How many cameras the server makes H.264 of at once: each costs most of a core. */
import { NightglassError } from '#wire/nightglass-error.ts';

/** Takes a place, which is given back when it is disposed of. @throws NightglassError `ingest/too-many-encoders` */
export type TakePlace = () => Disposable;

/** One for all cameras. */
export class Encoders {
  readonly #most: number;
  #taken = 0;

  /** @param most places, 1 or more */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * For the streams of one camera, which share a place: a tile goes over from one to the other only when the other has a
   * picture, and the smaller costs little.
   */
  forCamera(): TakePlace {
    let streams = 0;
    return () => {
      if (streams === 0) this.#take();
      streams++;
      return {
        [Symbol.dispose]: () => {
          streams--;
          if (streams === 0) this.#taken--;
        },
      };
    };
  }

  #take(): void {
    if (this.#taken >= this.#most) {
      const cameras = this.#most === 1 ? 'one camera' : `${this.#most} cameras`;
      throw new NightglassError(
        'ingest/too-many-encoders',
        `the server makes H.264 of ${cameras} already, as many as it may at once (limits.encoders)`,
      );
    }
    this.#taken++;
  }
}
