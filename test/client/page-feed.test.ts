import { describe, expect, it } from 'vitest';
import { feedTile, takePicture, wantOf } from '../../client/page-feed.ts';
import type { PagePicture } from '../../client/player-protocol.ts';
import type { Tile } from '../../client/tile-parts.ts';
import type { TileFacts } from '../../client/tile-status.ts';
import { micros, wallMicros } from '../../server/wire/time.ts';

const OPTIONS = { want: 'live', rendition: 'main', enhance: true, strength: 1, divider: 0 } as const;

/** A tile that remembers what it was told. */
function tile(from: 'socket' | 'page') {
  const told: { wants: string[]; news: Partial<TileFacts>[]; pictures: unknown[] } = {
    wants: [],
    news: [],
    pictures: [],
  };
  const parts = {
    feed: { from },
    options: OPTIONS,
    stream: { want: (want: string) => told.wants.push(want) },
    decoder: { muted: from === 'page', receive: (picture: unknown) => told.pictures.push(picture) },
    state: { learn: (news: Partial<TileFacts>) => told.news.push(news), numbers: { arrived: () => {} } },
  };
  return { tile: parts as unknown as Tile, told };
}

function picture(): PagePicture & { readonly closed: () => boolean } {
  let closed = false;
  const frame = {
    close: () => {
      closed = true;
    },
  } as VideoFrame;
  return { frame, timestamp: micros(5), capturedAt: wallMicros(7), stretch: 3, closed: () => closed };
}

describe('a tile that the page feeds', () => {
  it('lets its stream on the socket rest, and mutes its decoder', () => {
    const { tile: fed, told } = tile('socket');
    feedTile(fed, { from: 'page' });
    expect(told.wants).toEqual(['pause']);
    expect(fed.decoder.muted).toBe(true);
    expect(wantOf(fed).want).toBe('pause');
  });

  it('waits for a picture of its own when it is back at the socket', () => {
    const { tile: fed, told } = tile('page');
    feedTile(fed, { from: 'socket' });
    expect(told.wants).toEqual(['live']);
    expect(fed.decoder.muted).toBe(false);
    expect(told.news).toEqual([{ feed: { from: 'socket' }, shown: false }]);
  });

  it('keeps what it shows when the page only says what troubles it', () => {
    const { tile: fed, told } = tile('page');
    const trouble = { status: 'signed-out' } as const;
    feedTile(fed, { from: 'page', trouble });
    expect(told.news).toEqual([{ feed: { from: 'page', trouble } }]);
  });

  it('takes the page’s pictures as stretches of their own', () => {
    const { tile: fed, told } = tile('page');
    const given = picture();
    takePicture(fed, given);
    expect(told.pictures).toMatchObject([{ timestamp: 5, capturedAt: 7, epoch: -3, stretch: -3 }]);
    expect(told.pictures).toMatchObject([{ captureClock: 'archive' }]);
    expect(given.closed()).toBe(false);
  });

  it('closes a picture that comes too late, for a tile that is gone or fed by the socket again', () => {
    const [gone, back] = [picture(), picture()];
    takePicture(undefined, gone);
    const { tile: live, told } = tile('socket');
    takePicture(live, back);
    expect([gone.closed(), back.closed()]).toEqual([true, true]);
    expect(told.pictures).toEqual([]);
  });
});
