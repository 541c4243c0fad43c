/** One tile of a viewer: the items of one rendering of a camera at a time, sent as its socket takes them. */
import { type Codec, codecOf } from '#wire/access-unit.ts';
import type { Want } from '#wire/control.ts';
import type { Micros } from '#wire/time.ts';
import type { Reader } from '../fanout/reader.ts';
import type { ConfigItem, StateItem, StreamItem } from '../fanout/stream-item.ts';
import { Detour, type Turn, turnDue } from './detour.ts';
import type { Rendering } from './rendering.ts';
import type { ViewerWriter } from './viewer-writer.ts';

export interface TileOptions {
  /** The viewer's number for it. */
  readonly stream: number;
  readonly want: Want;
  /** What the viewer decodes; another codec is replaced by its H.264, where there is one. */
  readonly decodes: readonly Codec[];
}

/** A reader, and what it reads. */
interface View {
  asked: Rendering;
  /** What was asked for, or what stands in for it while it cannot be reached. */
  readonly from: Rendering;
  /** That, or the H.264 of it. */
  readonly read: Rendering;
  readonly reader: Reader;
  /** The last state of one that has no picture yet. */
  state: StateItem | undefined;
  /** Whether its first unit follows on those of another rendering. */
  jumps: boolean;
  /** Whether it only hears how what was asked for fares, while something else stands in for it. */
  waits: boolean;
}

/**
 * While the socket is full nothing is taken from the reader, so that what a slow viewer misses is dropped in its queue,
 * where it is counted and told. Another rendering takes over with its first key unit: until then the one before plays
 * on. What cannot be reached is stood in for.
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
  readonly #detour = new Detour((to) => this.#turn(to));
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
    this.#shown = this.#open({ asked: rendering, from: rendering, read: rendering });
    this.#run(this.#shown);
  }

  /** Goes over to another rendering; the last call wins. */
  show(rendering: Rendering): void {
    if (rendering === this.#coming?.asked) return;
    this.#coming?.reader[Symbol.dispose]();
    this.#coming = undefined;
    if (rendering === this.#shown.from) this.#shown.asked = rendering;
    else this.#come({ asked: rendering, from: rendering, read: rendering });
    this.#heed();
  }

  want(want: Want): void {
    this.#want = want;
    // Whoever wants nothing needs no H.264 made: the camera's own stream waits for what comes next.
    const { from, read, reader } = this.#shown;
    if (want === 'pause' && read !== from) this.#replaceShown(from, from);
    else reader.want(want);
    if (!this.#coming?.waits) this.#coming?.reader.want(want);
    this.#heed();
  }

  acknowledge(timestamp: Micros): void {
    this.#shown.reader.acknowledge(timestamp);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#detour[Symbol.dispose]();
    this.#coming?.reader[Symbol.dispose]();
    this.#coming = undefined;
    this.#shown.reader[Symbol.dispose]();
  }

  #open(what: Pick<View, 'asked' | 'from' | 'read'>, waits = false): View {
    const reader = what.read.stream.read({ want: waits ? 'pause' : this.#want });
    return { ...what, reader, state: undefined, jumps: false, waits };
  }

  #come(what: Pick<View, 'asked' | 'from' | 'read'>, waits = false): void {
    this.#coming = this.#open(what, waits);
    this.#run(this.#coming);
  }

  #run(view: View): void {
    this.#serve(view).then(
      () => view === this.#shown && this.#settle.resolve(),
      (error) => this.#settle.reject(error),
    );
  }

  async #serve(view: View): Promise<void> {
    for await (const item of view.reader) {
      if (item.kind === 'state') this.#heed();
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

  /** Goes on with the H.264 of what was read, in the same role. */
  #substitute(view: View): void {
    const { asked, from } = view;
    if (from.h264 === undefined) return;
    if (view === this.#shown) this.#replaceShown(from, from.h264);
    else this.#come({ asked, from, read: from.h264 });
  }

  /** Sees whether what was asked for can be reached. */
  #heed(): void {
    if (!this.#disposed) this.#detour.plan(this.#turnDue());
  }

  /** Whoever is going elsewhere or wants nothing does not mind what cannot be reached. */
  #turnDue(): Turn | undefined {
    const { asked, from } = this.#shown;
    const leaves = this.#coming !== undefined && !this.#coming.waits;
    if (asked.instead === undefined || leaves || this.#want === 'pause') return undefined;
    const away = from !== asked;
    const dark = away ? from.stream.state.state !== 'live' : !this.#sent;
    return turnDue({ away, asked: asked.stream.state.state, dark });
  }

  #turn(to: Turn['to']): void {
    const { asked } = this.#shown;
    if (to === 'stand-in' && asked.instead !== undefined) {
      this.#come({ asked, from: asked, read: asked }, true);
      this.#replaceShown(asked.instead, asked.instead);
    }
    if (to === 'asked' && this.#coming !== undefined) {
      this.#coming.waits = false;
      this.#coming.reader.want(this.#want);
    }
  }

  /** Reads what was asked for from elsewhere, at once. */
  #replaceShown(from: Rendering, read: Rendering): void {
    const before = this.#shown;
    this.#shown = this.#open({ asked: before.asked, from, read });
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
