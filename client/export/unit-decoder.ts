/** Units of a span → its pictures, every one, in the order they are shown; what passes through keeps its place. */
import type { ExportGap } from '#wire/evidence.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { StoredConfig } from './init-config.ts';
import type { SpanItem, SpanUnit } from './span.ts';

/** A decoded picture. Whoever takes it closes its frame. */
export interface SpanPicture {
  readonly kind: 'picture';
  readonly frame: VideoFrame;
  readonly unit: SpanUnit;
  /** Another number than the picture before: fusion begins anew, and so does a part. */
  readonly stretch: number;
}

/** Units inside the decoder at once: it keeps its own threads busy, and the memory small. */
const INSIDE = 4;
const FAILURES_IN_A_ROW = 3;

/** True where this browser can decode what is stored. */
export async function decodes(config: StoredConfig): Promise<boolean> {
  const { supported } = await VideoDecoder.isConfigSupported(config).catch(() => ({ supported: false }));
  return supported === true;
}

/**
 * A picture comes behind its unit. Nothing is left out: the decoder waits for whoever takes the pictures. A GOP that no
 * decoder takes becomes a gap.
 * @throws NightglassError `decode/unsupported-codec`, `decode/failed`
 */
export async function* decodeSpan(
  items: AsyncIterable<SpanItem>,
): AsyncGenerator<SpanItem | SpanPicture, void, undefined> {
  using decoder = new SpanDecoder();
  for await (const item of items) {
    if (item.kind === 'gap' || decoder.endsBefore(item.unit)) yield* decoder.finish();
    if (item.kind === 'gap') yield item;
    else yield* decoder.push(item.unit);
  }
  yield* decoder.finish();
}

class SpanDecoder implements Disposable {
  #decoder: VideoDecoder | undefined;
  #config: StoredConfig | undefined;
  #epoch = 0;
  #stretch = 0;
  #breaks = 0;
  #inside = new Map<number, SpanUnit>();
  #ready: VideoFrame[] = [];
  #failure: Error | undefined;
  #failures = 0;
  #awaitingKey = false;
  #lost: ExportGap | undefined;
  #wake: () => void = () => {};

  endsBefore({ epoch, config }: SpanUnit): boolean {
    return this.#decoder !== undefined && (epoch + this.#breaks !== this.#epoch || config !== this.#config);
  }

  /** Passes the unit on, and gives the pictures that are there. */
  async *push(stored: SpanUnit): AsyncGenerator<SpanItem | SpanPicture, void, undefined> {
    if (this.#awaitingKey && stored.key) yield* this.#goOn(stored);
    // What comes behind a break belongs to another part.
    const unit = { ...stored, epoch: stored.epoch + this.#breaks };
    yield { kind: 'unit', unit };
    if (this.#awaitingKey) return this.#lose(unit);
    await this.#open(unit);
    this.#inside.set(unit.timestamp, unit);
    const { key, timestamp, data } = unit;
    try {
      this.#decoder!.decode(new EncodedVideoChunk({ type: key ? 'key' : 'delta', timestamp, data }));
    } catch (error) {
      this.#failure ??= error as Error;
    }
    yield* this.#pictures();
    while (!this.#failure && this.#decoder!.decodeQueueSize >= INSIDE) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      yield* this.#pictures();
    }
    if (this.#failure) this.#breakOff(this.#failure);
  }

  /** Everything that is still inside; the next unit begins anew. */
  async *finish(): AsyncGenerator<SpanItem | SpanPicture, void, undefined> {
    if (!this.#decoder) return;
    const flushed = this.#decoder.state === 'configured' ? this.#decoder.flush() : Promise.resolve();
    await flushed.catch(() => undefined);
    yield* this.#pictures();
    if (this.#failure) this.#breakOff(this.#failure);
    // A unit that gave no picture and no error: only here it is known that none will come.
    for (const unit of this.#inside.values()) this.#lose(unit);
    yield* this.#lostGap();
    this[Symbol.dispose]();
    this.#awaitingKey = false;
  }

  [Symbol.dispose](): void {
    for (const frame of this.#ready.splice(0)) frame.close();
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = undefined;
    this.#inside.clear();
  }

  async #open({ epoch, config }: SpanUnit): Promise<void> {
    if (this.#decoder && this.#config === config) return;
    if (!(await decodes(config)))
      throw new NightglassError(
        'decode/unsupported-codec',
        `this browser does not decode ${config.codec}; the original can be exported all the same`,
      );
    this.#decoder = new VideoDecoder({
      output: (frame) => {
        this.#failures = 0;
        this.#ready.push(frame);
        this.#wake();
      },
      error: (error) => {
        this.#failure = error;
        this.#wake();
      },
    });
    this.#decoder.addEventListener('dequeue', () => this.#wake());
    this.#decoder.configure(config);
    this.#config = config;
    this.#epoch = epoch;
    this.#stretch++;
  }

  *#pictures(): Generator<SpanPicture, void, undefined> {
    for (let frame = this.#ready.shift(); frame; frame = this.#ready.shift()) {
      const unit = this.#inside.get(frame.timestamp);
      this.#inside.delete(frame.timestamp);
      if (unit?.wanted) yield { kind: 'picture', frame, unit, stretch: this.#stretch };
      else frame.close();
    }
  }

  /** The decoder failed on what is inside: the next key unit begins anew. */
  #breakOff(error: Error): void {
    this.#failure = undefined;
    if (++this.#failures >= FAILURES_IN_A_ROW) throw new NightglassError('decode/failed', error.message);
    for (const unit of this.#inside.values()) this.#lose(unit);
    this[Symbol.dispose]();
    this.#awaitingKey = true;
  }

  #lose({ wanted, capturedAt, duration }: SpanUnit): void {
    if (!wanted) return;
    const { from, to } = this.#lost ?? { from: capturedAt, to: capturedAt };
    this.#lost = {
      from: Math.min(from, capturedAt) as ExportGap['from'],
      to: Math.max(to, capturedAt + duration) as ExportGap['to'],
      why: 'unreadable',
    };
  }

  *#goOn({ capturedAt }: SpanUnit): Generator<SpanItem, void, undefined> {
    this.#awaitingKey = false;
    this.#breaks++;
    if (this.#lost) this.#lost = { ...this.#lost, to: capturedAt };
    yield* this.#lostGap();
  }

  *#lostGap(): Generator<SpanItem, void, undefined> {
    if (this.#lost) yield { kind: 'gap', gap: this.#lost };
    this.#lost = undefined;
  }
}
