/** One tile of a viewer: the items of one rendering of a camera at a time, sent as its socket takes them. */
import { type Codec, codecOf } from '#wire/access-unit.ts';
import type { Want } from '#wire/control.ts';
import type { Micros } from '#wire/time.ts';
import type { Reader } from '../fanout/reader.ts';
import type { ConfigItem, StateItem, StreamItem } from '../fanout/stream-item.ts';
import type { Rendering } from './rendering.ts';
import type { ViewerWriter } from './viewer-writer.ts';

export interface TileOptions {
  /** The viewer's number for it. */
  readonly stream: number;
  readonly want: Want;
  /** What the viewer decodes; another codec is replaced by its H.264, where there is one. */
  readonly decodes: readonly Codec[];
}

/** A reader, and what it reads: the rendering that was asked for, or the H.264 of it. */
interface View {
  readonly asked: Rendering;
  readonly read: Rendering;
  readonly reader: Reader;
  /** The last state of one that has no picture yet. */
  state: StateItem | undefined;
  /** Whether its first unit follows on those of another rendering. */
  jumps: boolean;
}

/**
 * While the socket is full nothing is taken from the reader, so that what a slow viewer misses is dropped in its queue,
 * where it is counted and told. Another rendering takes over with its first key unit: until then the one before plays on.
 */
export class Tile implements Disposable {
  /** Resolves when the stream has ended or the tile was disposed, rejects when the server failed. */
  readonly ended: Promise<void>;
  readonly #options: TileOptions;
  readonly #writer: ViewerWriter;
  #want: Want;
  #shown: View;
  /** What takes over as soon as it has a picture. */
  #coming: View | undefined;
  #sent = false;
  #disposed = false;
  #settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void };

  /** Begins to send at once. */
  constructor(rendering: Rendering, options: TileOptions, writer: ViewerWriter) {
    this.#options = options;
    this.#writer = writer;
    this.#want = options.want;
    const { promise, ...settle } = withResolvers();
    this.ended = promise;
    this.#settle = settle;
    this.#shown = this.#open(rendering, rendering);
    this.#run(this.#shown);
  }

  /** Goes over to another rendering; the last call wins. */
  show(rendering: Rendering): void {
    if (rendering === this.#coming?.asked) return;
    this.#coming?.reader[Symbol.dispose]();
    this.#coming = undefined;
    if (rendering === this.#shown.asked) return;
    this.#coming = this.#open(rendering, rendering);
    this.#run(this.#coming);
  }

  want(want: Want): void {
    this.#want = want;
    // Whoever wants nothing needs no H.264 made: the camera's own stream waits for what comes next.
    if (want === 'pause' && this.#shown.read !== this.#shown.asked) this.#replaceShown(this.#shown.asked);
    else this.#shown.reader.want(want);
    this.#coming?.reader.want(want);
  }

  acknowledge(timestamp: Micros): void {
    this.#shown.reader.acknowledge(timestamp);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#coming?.reader[Symbol.dispose]();
    this.#coming = undefined;
    this.#shown.reader[Symbol.dispose]();
  }

  #open(asked: Rendering, read: Rendering): View {
    const reader = read.stream.read({ want: this.#want });
    return { asked, read, reader, state: undefined, jumps: false };
  }

  #run(view: View): void {
    this.#serve(view).then(
      () => view === this.#shown && this.#settle.resolve(),
      (error) => this.#settle.reject(error),
    );
  }

  async #serve(view: View): Promise<void> {
    for await (const item of view.reader) {
      if (!this.#isServed(view)) return;
      if (item.kind === 'config' && this.#needsH264(view, item)) return this.#substitute(view);
      if (view === this.#coming && !this.#takeOver(view, item)) continue;
      this.#send(view, item);
      if (this.#writer.full) await this.#writer.drained();
    }
  }

  /** False for what was overtaken while its item was on its way here. */
  #isServed(view: View): boolean {
    return !this.#disposed && (view === this.#shown || view === this.#coming);
  }

  #needsH264({ read }: View, { config }: ConfigItem): boolean {
    const codec = codecOf(config);
    return read.h264 !== undefined && codec !== undefined && !this.#options.decodes.includes(codec);
  }

  /** Goes on with the H.264 of what was asked for, in the same role. */
  #substitute(view: View): void {
    const { asked } = view;
    if (asked.h264 === undefined) return;
    if (view === this.#shown) {
      this.#replaceShown(asked.h264);
    } else {
      this.#coming = this.#open(asked, asked.h264);
      this.#run(this.#coming);
    }
  }

  /** Reads the rendering that was asked for from elsewhere, at once. */
  #replaceShown(read: Rendering): void {
    const before = this.#shown;
    this.#shown = this.#open(before.asked, read);
    this.#shown.jumps = this.#sent;
    before.reader[Symbol.dispose]();
    this.#run(this.#shown);
  }

  /** True once a view that was coming has a picture; from then on nothing is sent of the one before it. */
  #takeOver(view: View, item: StreamItem): boolean {
    if (item.kind === 'state') view.state = item;
    if (item.kind !== 'config') return false;
    const before = this.#shown;
    this.#shown = view;
    this.#coming = undefined;
    view.jumps = this.#sent;
    before.reader[Symbol.dispose]();
    if (view.state) this.#send(view, view.state);
    return true;
  }

  #send(view: View, item: StreamItem): void {
    const { stream } = this.#options;
    const { epochBase } = view.read;
    if (item.kind === 'state') {
      this.#writer.say({ type: 'camera', stream, state: item.state });
    } else if (item.kind === 'unit' && view.jumps) {
      view.jumps = false;
      this.#writer.send({ ...item, discontinuity: true }, stream, epochBase);
    } else this.#writer.send(item, stream, epochBase);
    this.#sent ||= item.kind === 'unit';
  }
}

function withResolvers() {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject };
}
