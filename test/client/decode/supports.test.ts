import { describe, expect, it } from 'vitest';
import { codecsHere, supports } from '../../../client/decode/supports.ts';

/** A browser's decoder that supports what the condition says. */
const browser = (condition: (config: VideoDecoderConfig) => boolean): typeof VideoDecoder =>
  ({
    isConfigSupported: async (config: VideoDecoderConfig) => ({ supported: condition(config), config }),
  }) as unknown as typeof VideoDecoder;

const CONFIG = { codec: 'avc1.640028', codedWidth: 640, codedHeight: 360, format: 'annexb' } as const;

describe('what a browser decodes', () => {
  it('is H.265 beside H.264 where it says so of an ordinary H.265 camera', async () => {
    expect(await codecsHere(browser(({ codec }) => codec.startsWith('hev1.1.6.')))).toEqual(['h264', 'h265']);
  });

  it('is H.264 alone where it does not, or does not know what is asked', async () => {
    expect(await codecsHere(browser(() => false))).toEqual(['h264']);
    const strange = browser(() => {
      throw new TypeError('an unknown codec');
    });
    expect(await codecsHere(strange)).toEqual(['h264']);
  });

  it('is asked of Annex B, without a description', async () => {
    const asked: VideoDecoderConfig[] = [];
    await supports(
      browser((config) => asked.push(config) > 0),
      CONFIG,
    );
    expect(asked).toEqual([
      {
        codec: 'avc1.640028',
        codedWidth: 640,
        codedHeight: 360,
        hardwareAcceleration: 'no-preference',
        optimizeForLatency: true,
      },
    ]);
  });
});
