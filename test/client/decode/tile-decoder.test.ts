import { beforeEach, describe, expect, it } from 'vitest';
import { type DecoderState, TileDecoder } from '../../../client/decode/tile-decoder.ts';
import type { MediaMessage } from '../../../server/wire/message.ts';
import { micros } from '../../../server/wire/time.ts';
import { CONFIG, config, gap, unit } from '../messages.ts';
import { FakeChunk, FakeVideoDecoder } from './fake-video-decoder.ts';

let states: DecoderState['state'][];
let lost: number;
let tile: TileDecoder;

beforeEach(() => {
  Object.assign(globalThis, { EncodedVideoChunk: FakeChunk });
  FakeVideoDecoder.opened = [];
  FakeVideoDecoder.supported = () => true;
  states = [];
  lost = 0;
  tile = new TileDecoder(
    {
      changed: ({ state }) => states.push(state),
      lost: () => {
        lost++;
      },
    },
    FakeVideoDecoder as unknown as typeof VideoDecoder,
  );
});

async function feed(...messages: MediaMessage[]): Promise<void> {
  for (const message of messages) await tile.feed(message);
}

const newest = (): FakeVideoDecoder => FakeVideoDecoder.opened.at(-1)!;

describe("a tile's decoder", () => {
  it('opens at the first key unit, for low latency and without a description', async () => {
    await feed(unit(1, 3), config(2));
    expect(FakeVideoDecoder.opened).toHaveLength(0);
    await feed(unit(2, 0), unit(2, 1));
    expect(newest().configs).toEqual([
      {
        codec: 'avc1.64001f',
        codedWidth: 960,
        codedHeight: 540,
        optimizeForLatency: true,
        hardwareAcceleration: 'no-preference',
      },
    ]);
    expect(newest().decodeQueueSize).toBe(2);
    expect(tile.tally.undecodable).toBe(1);
    expect(states).toEqual(['decoding']);
  });

  it('gives the newest frame with what is known of its unit, and closes those it overtook', async () => {
    await feed(config(1), unit(1, 0), unit(1, 1), unit(1, 2));
    const frames = newest().work();
    const picture = tile.pictures.take();
    expect(picture).toMatchObject({ timestamp: 480_000, epoch: 1, capturedAt: 1_000_480_000, stretch: 1 });
    expect(frames.map(({ closed }) => closed)).toEqual([true, true, false]);
    expect(tile.tally).toEqual({ decoded: 3, late: 2, undecodable: 0 });
  });

  it('decodes all of a replayed GOP and shows only its end', async () => {
    await feed(config(1), ...Array.from({ length: 50 }, (_, index) => unit(1, index)));
    const frames = newest().work();
    expect(frames.filter(({ closed }) => !closed).map(({ timestamp }) => timestamp)).toEqual([59 * 40_000]);
  });

  it('counts a new stretch where the pictures or their epoch jump', async () => {
    await feed(config(1), unit(1, 0), unit(1, 1));
    newest().work();
    const before = tile.pictures.take()!.stretch;
    await feed(config(2), unit(2, 0, { discontinuity: true }), config(3), unit(3, 0, { epoch: 2 }));
    newest().work();
    expect(tile.pictures.take()!.stretch).toBe(before + 2);
  });

  it('goes on with the same decoder at the key unit after a gap', async () => {
    await feed(config(1), unit(1, 0), gap(1, 3), unit(1, 4), config(2), unit(2, 0));
    expect(FakeVideoDecoder.opened).toHaveLength(1);
    expect(newest().configs).toHaveLength(1);
    expect(states).toEqual(['decoding', 'awaiting-key', 'decoding']);
    expect(tile.tally.undecodable).toBe(1);
  });

  it('configures anew when the picture changes its size', async () => {
    const larger = { ...CONFIG, codedWidth: 1920, codedHeight: 1080 };
    await feed(config(1), unit(1, 0), config(2, larger), unit(2, 0));
    expect(newest().configs).toMatchObject([{ codedWidth: 960 }, { codedWidth: 1920 }]);
  });

  it('opens another at the next key unit after an error, and asks for that key unit', async () => {
    await feed(config(1), unit(1, 0));
    newest().fail('EncodingError');
    expect(lost).toBe(1);
    await feed(unit(1, 1), config(2), unit(2, 0));
    expect(FakeVideoDecoder.opened).toHaveLength(2);
    expect(states).toEqual(['decoding', 'closed', 'decoding']);
    expect(tile.tally.undecodable).toBe(1);
  });

  it('says that decoding fails after three errors without a frame between them, and still tries', async () => {
    for (let group = 1; group <= 3; group++) {
      await feed(config(group), unit(group, 0));
      newest().fail('EncodingError');
    }
    expect(states.at(-1)).toBe('failed');
    await feed(config(4), unit(4, 0));
    newest().work();
    expect(states.at(-1)).toBe('decoding');
    newest().fail('EncodingError');
    expect(states.at(-1)).toBe('closed');
  });

  it('does not count it a failure when the browser takes the decoder away', async () => {
    for (let group = 1; group <= 4; group++) {
      await feed(config(group), unit(group, 0));
      newest().fail('QuotaExceededError');
    }
    expect(states.at(-1)).toBe('closed');
    expect(lost).toBe(4);
  });

  it('comes back from a rehearsed loss', async () => {
    await feed(config(1), unit(1, 0));
    tile.rehearseLoss();
    expect(newest().state).toBe('closed');
    await feed(config(2), unit(2, 0));
    expect(states).toEqual(['decoding', 'closed', 'decoding']);
    expect(lost).toBe(1);
  });

  it('names a codec the browser cannot decode, until the camera sends another', async () => {
    FakeVideoDecoder.supported = (codec) => codec.startsWith('avc1');
    await feed(config(1, { ...CONFIG, codec: 'hev1.1.6.L93.B0' }), unit(1, 0), unit(1, 1));
    expect(states.at(-1)).toBe('unsupported');
    expect(FakeVideoDecoder.opened).toHaveLength(0);
    expect(tile.tally.undecodable).toBe(2);
    await feed(config(2), unit(2, 0));
    expect(states.at(-1)).toBe('decoding');
  });

  it('gives up what a decoder is hopelessly behind with, and waits for a key unit', async () => {
    await feed(config(1), ...Array.from({ length: 902 }, (_, index) => unit(1, index)));
    expect(states.at(-1)).toBe('awaiting-key');
    expect(newest().decodeQueueSize).toBe(0);
    expect(tile.tally.late).toBe(901);
    await feed(config(2), unit(2, 0));
    expect(states.at(-1)).toBe('decoding');
  });

  it('closes the decoder and every frame when it is disposed, also one that comes later', async () => {
    await feed(config(1), unit(1, 0), unit(1, 1, { timestamp: micros(440_000) }));
    const [frame] = newest().work();
    tile[Symbol.dispose]();
    expect(newest().state).toBe('closed');
    expect(frame!.closed).toBe(true);
    expect(await tile.pictures.filled()).toBe(false);
  });

  it('opens nothing when it is disposed while the browser is asked about the codec', async () => {
    await feed(config(1));
    const feeding = tile.feed(unit(1, 0));
    tile[Symbol.dispose]();
    await feeding;
    expect(FakeVideoDecoder.opened).toHaveLength(0);
  });
});
