/** What this browser decodes. */
import type { Codec, VideoConfig } from '#wire/access-unit.ts';

/** How every stream is asked for and decoded. */
export const decoderConfig = ({ codec, codedWidth, codedHeight }: VideoConfig): VideoDecoderConfig => ({
  codec,
  codedWidth,
  codedHeight,
  hardwareAcceleration: 'no-preference',
  optimizeForLatency: true,
});

export async function supports(Decoder: typeof VideoDecoder, config: VideoConfig): Promise<boolean> {
  try {
    return (await Decoder.isConfigSupported(decoderConfig(config))).supported === true;
  } catch {
    // A TypeError says that the codec string is none the browser knows.
    return false;
  }
}

/** What H.265 cameras send as a rule: Main profile, level 4, 1080p. */
const USUAL_H265: VideoConfig = {
  codec: 'hev1.1.6.L120.90',
  codedWidth: 1920,
  codedHeight: 1080,
  format: 'annexb',
};

/** The codecs to ask the server for. H.264 is decoded by every browser that has WebCodecs. */
export async function codecsHere(
  Decoder: typeof VideoDecoder = globalThis.VideoDecoder,
): Promise<readonly Codec[]> {
  return (await supports(Decoder, USUAL_H265)) ? ['h264', 'h265'] : ['h264'];
}
