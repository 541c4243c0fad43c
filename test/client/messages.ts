/** Messages of one stream, for the tests of the page's end of the wire. */
import type { VideoConfig } from '../../server/wire/access-unit.ts';
import type { ConfigMessage, GapMessage, UnitMessage } from '../../server/wire/message.ts';
import { micros, wallMicros } from '../../server/wire/time.ts';

export const CONFIG: VideoConfig = {
  codec: 'avc1.64001f',
  codedWidth: 960,
  codedHeight: 540,
  format: 'annexb',
};

const position = (group: number, index: number) => ({
  stream: 1,
  epoch: 1,
  group,
  index,
  sentAt: wallMicros(0),
});

export const config = (group: number, given: VideoConfig = CONFIG): ConfigMessage => ({
  kind: 'config',
  ...position(group, 0),
  config: given,
});

/** A unit of 25 fps in GOPs of 10; a key unit where `index` is 0. */
export const unit = (group: number, index: number, more: Partial<UnitMessage> = {}): UnitMessage => ({
  kind: 'unit',
  ...position(group, index),
  key: index === 0,
  discontinuity: false,
  timestamp: micros((group * 10 + index) * 40_000),
  capturedAt: wallMicros(1_000_000_000 + (group * 10 + index) * 40_000),
  captureClock: 'arrival',
  data: new Uint8Array(100),
  ...more,
});

export const gap = (group: number, dropped: number): GapMessage => ({
  kind: 'gap',
  ...position(group, 0),
  dropped,
});

export async function* each<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}
