import { describe, expect, it } from 'vitest';
import { type TileFacts, tileStatus } from '../../client/tile-status.ts';
import { wallMicros } from '../../server/wire/time.ts';
import { CONFIG } from './messages.ts';

const since = wallMicros(0);
const PLAYING: TileFacts = {
  link: { state: 'open' },
  refused: undefined,
  canvas: undefined,
  camera: { state: 'live', since },
  decoder: { state: 'awaiting-key', decoder: {} as VideoDecoder, config: CONFIG },
  feed: { from: 'socket' },
  shown: true,
  note: undefined,
};
const status = (facts: Partial<TileFacts>) => tileStatus({ ...PLAYING, ...facts });
const failure = { code: 'ingest/refused', message: 'the camera refused the port' } as const;
const unreachable = { state: 'unreachable', since, ...failure } as const;

describe('what a tile is said to be doing', () => {
  it('is playing, with a note where the picture is not enhanced although it should be', () => {
    expect(status({})).toEqual({ status: 'playing' });
    expect(status({ note: 'The enhancement is loading.' })).toEqual({
      status: 'playing',
      note: 'The enhancement is loading.',
    });
  });

  it('is waiting for a key unit until a picture was shown', () => {
    expect(status({ shown: false })).toEqual({ status: 'waiting-for-key' });
    expect(status({ shown: false, camera: undefined })).toEqual({ status: 'waiting-for-key' });
  });

  it('is connecting while the page or the camera is', () => {
    expect(status({ link: { state: 'connecting' } })).toEqual({ status: 'connecting' });
    expect(status({ camera: { state: 'idle', since } })).toEqual({ status: 'connecting' });
    expect(status({ camera: { state: 'connecting', since } })).toEqual({ status: 'connecting' });
  });

  it('names the camera that cannot be reached, and why', () => {
    expect(status({ camera: unreachable })).toEqual({ status: 'unreachable', ...failure });
  });

  it('names the codec this browser cannot decode', () => {
    const config = { ...CONFIG, codec: 'hev1.1.6.L93.B0' };
    expect(status({ decoder: { state: 'unsupported', config } })).toEqual({
      status: 'unsupported',
      codec: 'hev1.1.6.L93.B0',
    });
  });

  it('names a stream that was refused, a decoder that fails and a canvas that cannot be drawn on', () => {
    const refused = { code: 'socket/unknown-camera', message: 'there is no such camera' } as const;
    expect(status({ refused })).toEqual({ status: 'unreachable', ...refused });
    expect(status({ decoder: { state: 'failed', message: 'broken' } })).toEqual({
      status: 'unreachable',
      code: 'decode/failed',
      message: 'broken',
    });
    const canvas = { code: 'present/no-canvas', message: 'none' } as const;
    expect(status({ canvas })).toEqual({ status: 'unreachable', ...canvas });
  });

  it('names the nearest obstacle when there are several', () => {
    const config = CONFIG;
    const all = { camera: unreachable, decoder: { state: 'unsupported', config }, shown: false } as const;
    expect(status({ ...all, link: { state: 'signed-out' } })).toEqual({ status: 'signed-out' });
    expect(status({ ...all, link: { state: 'connecting' } })).toEqual({ status: 'connecting' });
    const broken = { state: 'broken', code: 'wire/unknown-version', message: 'version 2' } as const;
    expect(status({ ...all, link: broken })).toMatchObject({ code: 'wire/unknown-version' });
    expect(status(all)).toMatchObject({ code: 'ingest/refused' });
  });
});
