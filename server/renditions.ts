/** What a camera offers to its viewers: its full stream, maybe a smaller one, and H.264 of each where it is needed. */
import type { Logger } from 'pino';
import type { Rendition } from '#wire/control.ts';
import type { Camera } from './camera.ts';
import type { Limits } from './config.ts';
import type { Encoders } from './encoders.ts';
import type { Stream } from './fanout/stream.ts';
import type { Rendering } from './socket/rendering.ts';
import { Substitute } from './substitute.ts';

/** The two highest bits of an epoch on the wire say which rendering it is of. */
const EPOCHS = { main: 0, mainH264: 0x4000_0000, sub: 0x8000_0000, subH264: 0xc000_0000 } as const;

/** Owns the cameras it is given. */
export class Renditions implements AsyncDisposable {
  readonly main: Camera;
  readonly sub: Camera | undefined;
  readonly #substitutes: readonly Substitute[];
  readonly #renderings: Readonly<Record<Rendition, Rendering>>;
  /** Every Stream beside the camera's own, by its name in /metrics. */
  readonly others: ReadonlyMap<string, Stream>;

  /** @param sub the same camera's smaller stream, where it has one */
  constructor(main: Camera, sub: Camera | undefined, limits: Limits, encoders: Encoders, log: Logger) {
    this.main = main;
    this.sub = sub;
    const named = log.child({ camera: main.config.name });
    const takePlace = encoders.forCamera();
    const ofMain = new Substitute(main.stream, limits, takePlace, named);
    const full = renderingOf(main.stream, EPOCHS.main, ofMain, EPOCHS.mainH264);
    const others = new Map([['main-h264', ofMain.stream]]);
    this.others = others;
    if (sub === undefined) {
      this.#substitutes = [ofMain];
      this.#renderings = { main: full, sub: full };
      return;
    }
    const ofSub = new Substitute(sub.stream, limits, takePlace, named.child({ rendition: 'sub' }));
    this.#substitutes = [ofMain, ofSub];
    const smaller = renderingOf(sub.stream, EPOCHS.sub, ofSub, EPOCHS.subH264);
    this.#renderings = { main: full, sub: { ...smaller, instead: full } };
    others.set('sub', sub.stream).set('sub-h264', ofSub.stream);
  }

  /** A camera without a smaller stream gives its full one, the very same, for both. */
  rendering(rendition: Rendition): Rendering {
    return this.#renderings[rendition];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const parts = [...this.#substitutes, this.main, ...(this.sub ? [this.sub] : [])];
    await Promise.all(parts.map((part) => part[Symbol.asyncDispose]()));
  }
}

const renderingOf = (
  stream: Stream,
  epochBase: number,
  substitute: Substitute,
  itsBase: number,
): Rendering => ({ stream, epochBase, h264: { stream: substitute.stream, epochBase: itsBase } });
