/** A child that is fed and gives back: what it is owed, and its end when it owes for too long. */
import type { Ffmpeg } from './ffmpeg-child.ts';

const LOOK_MS = 250;

/** Why nothing more comes: the units ended, the owner wants no more, or the child says nothing any longer. */
type Ending = 'units-ended' | 'stopped' | 'silent';

/** Ends the child's output, and with it whoever reads it, on `signal` and when it has been silent for too long. */
export class ChildWatch implements Disposable {
  readonly #ffmpeg: Ffmpeg;
  readonly #silenceSeconds: number;
  readonly #timer: NodeJS.Timeout;
  readonly #done = new AbortController();
  #owesSince: number | undefined;
  #ending: Ending | undefined;

  constructor(ffmpeg: Ffmpeg, silenceSeconds: number, signal: AbortSignal) {
    this.#ffmpeg = ffmpeg;
    this.#silenceSeconds = silenceSeconds;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    signal.addEventListener('abort', () => this.#cut('stopped'), { signal: this.#done.signal });
    if (signal.aborted) this.#cut('stopped');
  }

  /** True when nothing more is to be given in or taken out. */
  get over(): boolean {
    return this.#ending === 'stopped' || this.#ending === 'silent' || this.#done.signal.aborted;
  }

  /** Resolves once the child has taken the bytes in, or has ended. From now on it owes something. */
  write(bytes: Uint8Array): Promise<void> {
    this.#owesSince ??= performance.now();
    return new Promise((taken) => this.#ffmpeg.input.write(bytes, () => taken()));
  }

  /** The child has given something back, or what it was given asks for nothing back. */
  gave(): void {
    this.#owesSince = undefined;
  }

  /** Nothing more will be written; what it still owes comes, and then its end. */
  end(): void {
    this.#ending ??= 'units-ended';
    this.#ffmpeg.input.end();
  }

  /** Nothing when its end was meant; otherwise the end of a sentence. */
  whyEnded(lastWords: string): string | undefined {
    if (this.#ending === 'silent') return `it took in pictures and gave none for ${this.#silenceSeconds} s`;
    return this.#ending === undefined ? lastWords : undefined;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#done.abort();
  }

  #look(): void {
    if (this.#owesSince === undefined) return;
    if (performance.now() - this.#owesSince > this.#silenceSeconds * 1000) this.#cut('silent');
  }

  #cut(ending: Ending): void {
    this.#ending = ending;
    this.#ffmpeg.output.destroy();
  }
}
