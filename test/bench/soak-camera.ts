/** One camera of the soak: well for a while, then not, over and over. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../fuzz/random.ts';
import type { Fault, FaultyCamera } from '../support/faulty-camera.ts';
import * as faults from '../support/faulty-camera-faults.ts';
import type { SoakWatcher } from './soak-viewers.ts';

/** What a camera does, and by which name it is told. Those that come most often in the field stand first, and twice. */
const FAULTS: readonly (readonly [string, () => Fault])[] = [
  ['stall', () => faults.stall],
  ['half open', () => faults.halfOpen],
  ['resets', () => faults.resets],
  ['reboot', () => faults.reboot],
  ['stall', () => faults.stall],
  ['half open', () => faults.halfOpen],
  ['resets', () => faults.resets],
  ['reboot', () => faults.reboot],
  ['closes', () => faults.closes],
  ['encoder restart', () => faults.encoderRestart],
  ['audio only', () => faults.audioOnly],
  ['hours off', () => faults.hoursOff],
  ['repeated stamps', () => faults.repeatsStamps],
  ['garbage', () => faults.garbage],
  ['duplicates', () => faults.duplicates],
  ['reordered', () => faults.reorders],
  ['1 in 10 lost', () => faults.loses(10)],
  ['no PPS', () => faults.withoutPps],
  ['broken SPS', () => faults.brokenSps],
  ['not RTP', () => faults.notRtp],
  ['slow answers', () => faults.slowAnswers],
];
/** Shortest and longest, milliseconds. */
const WELL = [5_000, 40_000] as const;
const ILL = [500, 15_000] as const;
const UNWATCHED = [3_000, 20_000] as const;

export class SoakCamera {
  readonly #camera: FaultyCamera;
  readonly #name: string;
  readonly #watcher: SoakWatcher;
  readonly #random: Random;
  readonly #comesAndGoes: boolean;
  faults = 0;

  /** @param comesAndGoes true where nobody else watches: the watcher leaves it now and then, and it is closed */
  constructor(
    camera: FaultyCamera,
    name: string,
    watcher: SoakWatcher,
    random: Random,
    comesAndGoes: boolean,
  ) {
    this.#camera = camera;
    this.#name = name;
    this.#watcher = watcher;
    this.#random = random;
    this.#comesAndGoes = comesAndGoes;
  }

  /** Lives until the signal aborts, and is then well. */
  async live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.#random, WELL, signal);
      if (signal.aborted) return;
      if (this.#comesAndGoes && this.#random.oneIn(2)) {
        this.#watcher.leave(this.#name);
        await pause(this.#random, UNWATCHED, signal);
      }
      this.#watcher.watch(this.#name);
      const [name, fault] = this.#random.pick(FAULTS);
      this.#camera.misbehave(fault());
      this.faults++;
      await pause(this.#random, ILL, signal);
      this.#camera.behave();
      this.#watcher.wellAgain(this.#name, name);
    }
  }
}

/** Some time between the two, by chance; shorter when the signal aborts. */
export const pause = (
  random: Random,
  [least, most]: readonly [number, number],
  signal: AbortSignal,
): Promise<unknown> => wait(least + random.below(most - least), undefined, { signal }).catch(() => {});
