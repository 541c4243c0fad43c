import { afterEach, expect, it } from 'vitest';
import type { FromPlayer } from '../../client/player-protocol.ts';
import type { Link } from '../../client/socket/link.ts';
import { TileStream } from '../../client/socket/tile-stream.ts';
import { openTile } from '../../client/tile-parts.ts';
import { ALL_CODECS, type ViewerMessage } from '../../server/wire/control.ts';
import { CONFIG, config, unit } from './messages.ts';

const { VideoDecoder } = globalThis;

afterEach(() => {
  Object.assign(globalThis, { VideoDecoder });
});

it('a tile whose browser cannot decode a camera’s H.265 after all asks for H.264, and says so if none comes', async () => {
  Object.assign(globalThis, {
    VideoDecoder: { isConfigSupported: async () => ({ supported: false }) },
  });
  const sent: ViewerMessage[] = [];
  const told: FromPlayer[] = [];
  const wire = {
    send: (message: ViewerMessage) => sent.push(message),
    closed: () => {},
    decodes: () => ALL_CODECS,
  };
  const options = { want: 'live', rendition: 'main', enhance: false, strength: 1, divider: 0 } as const;
  const link = {
    open: (camera: string, _: unknown, news: ConstructorParameters<typeof TileStream>[3]) =>
      new TileStream(1, camera, options, news, wire),
  };
  using tile = openTile(
    {
      type: 'add',
      tile: 1,
      camera: 'quay',
      canvas: {} as OffscreenCanvas,
      options,
      feed: { from: 'socket' },
    },
    {
      link: link as unknown as Link,
      linkState: { state: 'open' },
      post: (message) => told.push(message),
      ready: () => {},
    },
  );
  const unsupported = () =>
    told.filter((news) => news.type === 'status' && news.status.status === 'unsupported');
  const feed = async () => {
    await tile.decoder.feed(config(1, { ...CONFIG, codec: 'hev1.2.4.L150.90' }));
    await tile.decoder.feed(unit(1, 0));
  };
  await feed();
  expect(sent).toMatchObject([{ type: 'close' }, { type: 'open', decodes: ['h264'] }]);
  expect(unsupported()).toEqual([]);
  await feed();
  expect(sent).toHaveLength(2);
  expect(unsupported()).toHaveLength(1);
});
