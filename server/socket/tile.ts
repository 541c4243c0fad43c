/** One tile of a viewer: a Reader's items, sent as its socket takes them. */
import type { Reader } from '../fanout/reader.ts';
import type { ViewerWriter } from './viewer-writer.ts';

/**
 * Sends until the stream ends or the reader is disposed. While the socket is full nothing is taken from the reader, so
 * that what a slow viewer misses is dropped in its queue, where it is counted and told.
 */
export async function serveTile(stream: number, reader: Reader, writer: ViewerWriter): Promise<void> {
  for await (const item of reader) {
    if (item.kind === 'state') writer.say({ type: 'camera', stream, state: item.state });
    else writer.send(item, stream);
    if (writer.full) await writer.drained();
  }
}
