import { describe, expect, it } from 'vitest';
import { chooseEncoder, codecsFor, evenSize } from '../../../client/record/encoder-choice.ts';

const HD = { width: 1920, height: 1080, rate: 25 };

/** The encoder in a browser that takes these; `asked` hears of all that the browser was asked. */
const chosen = (takes: (config: VideoEncoderConfig) => boolean, asked: VideoEncoderConfig[] = []) =>
  chooseEncoder(HD, async (config) => {
    asked.push(config);
    return takes(config);
  });

describe('the encoder of a clip', () => {
  it('is H.264 on hardware where the browser takes it, and nothing else is asked for', async () => {
    const asked: VideoEncoderConfig[] = [];
    expect(await chosen(() => true, asked)).toMatchObject({
      codec: 'avc1.640028',
      hardwareAcceleration: 'prefer-hardware',
      avc: { format: 'avc' },
      latencyMode: 'quality',
    });
    expect(asked).toHaveLength(1);
  });

  it('is H.264 in software before another codec on hardware', async () => {
    const software = ({ codec, hardwareAcceleration }: VideoEncoderConfig) =>
      !codec.startsWith('avc1') || hardwareAcceleration === 'no-preference';
    expect(await chosen(software)).toMatchObject({
      codec: 'avc1.640028',
      hardwareAcceleration: 'no-preference',
    });
  });

  it('is a plainer profile of H.264 before VP9, VP9 before AV1, and none where none is taken', async () => {
    const only = (start: string) => chosen(({ codec }) => codec.startsWith(start));
    expect(await only('avc1.42e0')).toMatchObject({ codec: 'avc1.42e028' });
    const others = await chosen(({ codec }) => !codec.startsWith('avc1'));
    expect(others).toMatchObject({ codec: 'vp09.00.41.08', hardwareAcceleration: 'prefer-hardware' });
    expect(others).not.toHaveProperty('avc');
    expect(await only('av01')).toMatchObject({ codec: 'av01.0.09M.08' });
    expect(await only('hvc1')).toBeUndefined();
  });

  it('is of the least level that the picture and its rate fit into', () => {
    expect(codecsFor({ width: 320, height: 192, rate: 25 })[0]).toBe('avc1.64001f');
    expect(codecsFor({ ...HD, rate: 60 })[0]).toBe('avc1.64002a');
    expect(codecsFor({ width: 3840, height: 2160, rate: 25 })[0]).toBe('avc1.640033');
    expect(codecsFor({ width: 20_000, height: 20_000, rate: 1 })).toEqual([]);
  });

  it('gets an even size, which loses a line rather than adding one', () => {
    expect(evenSize({ width: 161, height: 1 })).toEqual({ width: 160, height: 2 });
  });
});
