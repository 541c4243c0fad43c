/** A camera, a clock and viewers for the fan-out's tests, all of which move only when told. */
import type { DeltaUnit, KeyUnit, VideoConfig } from '#wire/access-unit.ts';
import { type Micros, micros, wallMicros } from '#wire/time.ts';
import type { Reader } from '../../../server/fanout/reader.ts';
import type { StreamItem } from '../../../server/fanout/stream-item.ts';

export const CONFIG: VideoConfig = {
  codec: 'avc1.640028',
  codedWidth: 960,
  codedHeight: 540,
  format: 'annexb',
};

/** A key unit of `bytes` bytes at `seconds`. */
export const key = (seconds = 0, bytes = 100, config = CONFIG): KeyUnit => ({
  key: true,
  config,
  ...picture(seconds, bytes),
});

export const delta = (seconds = 0, bytes = 10): DeltaUnit => ({ key: false, ...picture(seconds, bytes) });

const picture = (seconds: number, bytes: number) => ({
  timestamp: micros(seconds * 1e6),
  capturedAt: wallMicros(1_700_000_000_000_000 + seconds * 1e6),
  captureClock: 'arrival' as const,
  data: new Uint8Array(bytes),
});

export const seconds = (value: number): Micros => micros(value * 1e6);

/** A clock for `new Stream({ now: clock.now })`. */
export class HandClock {
  #now = 0;
  readonly now = (): Micros => micros(this.#now);

  advance(by: number): void {
    this.#now += by * 1e6;
  }
}

/** Takes items from a reader, as many as it is told to and no more. */
export class Consumer {
  readonly items: StreamItem[] = [];
  readonly reader: Reader;
  readonly #iterator: AsyncIterator<StreamItem, undefined>;
  #appetite = 0;
  #eating = false;
  ended = false;

  constructor(reader: Reader) {
    this.reader = reader;
    this.#iterator = reader[Symbol.asyncIterator]();
  }

  /** Takes up to `count` items more, now or when they come. Resolves when what there is has been taken. */
  async take(count = Number.POSITIVE_INFINITY): Promise<void> {
    this.#appetite += count;
    void this.#eat();
    await settled();
  }

  /** What came since the last call, in the short notation of `shorthand`, without the camera's states. */
  told(): string[] {
    return this.items
      .splice(0)
      .filter((item) => item.kind !== 'state')
      .map(shorthand);
  }

  async #eat(): Promise<void> {
    if (this.#eating) return;
    this.#eating = true;
    while (this.#appetite > 0 && !this.ended) {
      this.#appetite--;
      const { done, value } = await this.#iterator.next();
      if (done) this.ended = true;
      else this.items.push(value);
    }
    this.#eating = false;
  }
}

/** Lets everything that is ready run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** `key 1.0`, `delta 1.3` (group and index), `config 1`, `gap 4`, `end closed`; a replay has an r. */
export function shorthand(item: StreamItem): string {
  switch (item.kind) {
    case 'unit':
      return `${item.replay ? 'r' : ''}${item.unit.key ? 'key' : 'delta'} ${item.group}.${item.index}`;
    case 'config':
      return `config ${item.group}`;
    case 'gap':
      return `gap ${item.dropped}`;
    case 'end':
      return `end ${item.code}`;
    case 'state':
      return item.state.state;
  }
}
