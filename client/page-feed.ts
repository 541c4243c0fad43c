/** A tile that the page feeds: its pictures come off a `<video>` that plays HLS, and its stream on the socket rests. */
import { micros } from '#wire/time.ts';
import type { Feed } from './playback-state.ts';
import type { PagePicture, TileOptions } from './player-protocol.ts';
import type { Wish } from './socket/tile-stream.ts';
import type { Tile } from './tile-parts.ts';

/** What is asked of the socket: nothing while the page feeds the tile. */
export const wantOf = ({ options, feed }: { readonly options: TileOptions; readonly feed: Feed }): Wish => ({
  rendition: options.rendition,
  want: feed.from === 'page' ? 'pause' : options.want,
});

/** Goes over to the other feed, or learns what troubles the page's. */
export function feedTile(tile: Tile, feed: Feed): void {
  const changes = feed.from !== tile.feed.from;
  tile.feed = feed;
  tile.decoder.muted = feed.from === 'page';
  tile.stream?.want(wantOf(tile).want);
  // The picture of one feed must never be taken for one of the other: back at the socket, it waits for its own.
  tile.state.learn(changes && feed.from === 'socket' ? { feed, shown: false } : { feed });
}

/** Takes a picture over from the page. It is closed at once where nobody wants it any more. */
export function takePicture(tile: Tile | undefined, picture: PagePicture): void {
  const { frame, timestamp, capturedAt, stretch } = picture;
  if (tile?.feed.from !== 'page') {
    frame.close();
    return;
  }
  tile.state.numbers.arrived(performance.now(), timestamp);
  // Below those of the decoder, so that neither is ever taken for the other's. A playlist gives dates, and does not say
  // whose clock they are of.
  const place = { epoch: -stretch, stretch: -stretch, captureClock: 'archive' } as const;
  tile.decoder.receive({ frame, timestamp: micros(timestamp), capturedAt, ...place });
}
