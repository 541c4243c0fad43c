/** The bytes of the newest item, encoded once for all viewers that can share them. */
import { encodeHeader, HEADER_BYTES, type MediaMessage, payload } from '#wire/message.ts';
import type { WallMicros } from '#wire/time.ts';
import type { EndItem, QueuedItem } from '../fanout/stream-item.ts';

export type MediaItem = QueuedItem | EndItem;

/** Pages number their tiles alike, so few stream ids are in use; past this many, a message is not kept. */
const MOST_SHARED = 8;

/**
 * A Stream hands the same item to all its readers in one go, so that viewers who chose the same stream id are sent the
 * same bytes within the same millisecond: a thousand messages cost a few dozen copies of the unit. Remembers one item
 * and one millisecond.
 */
export class EncodedMessages {
  #item: MediaItem | undefined;
  #sentAt: WallMicros | undefined;
  readonly #byStream = new Map<number, Uint8Array>();

  /** The whole message; not to be changed. `epochBase` is the same for all items of a Stream. */
  encode(item: MediaItem, stream: number, sentAt: WallMicros, epochBase = 0): Uint8Array {
    if (item !== this.#item || sentAt !== this.#sentAt) {
      this.#item = item;
      this.#sentAt = sentAt;
      this.#byStream.clear();
    }
    const known = this.#byStream.get(stream);
    if (known !== undefined) return known;
    const bytes = encodeMessage(toMessage(item, stream, sentAt, epochBase));
    if (this.#byStream.size < MOST_SHARED) this.#byStream.set(stream, bytes);
    return bytes;
  }
}

function encodeMessage(message: MediaMessage): Uint8Array {
  const body = payload(message);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + body.byteLength);
  bytes.set(encodeHeader(message));
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

function toMessage(item: MediaItem, stream: number, sentAt: WallMicros, epochBase: number): MediaMessage {
  const epoch = (item.epoch + epochBase) >>> 0;
  if (item.kind !== 'unit') return { ...item, epoch, stream, sentAt };
  const { group, index, discontinuity, unit } = item;
  const { key, timestamp, capturedAt, captureClock, data } = unit;
  return {
    kind: 'unit',
    stream,
    epoch,
    group,
    index,
    sentAt,
    key,
    discontinuity,
    timestamp,
    capturedAt,
    captureClock,
    data,
  };
}
