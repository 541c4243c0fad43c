/** Which encoder a clip gets: H.264 where the browser has it, else VP9, else AV1; on hardware where there is some. */

/** What is asked of `VideoEncoder.isConfigSupported`. */
export type Supports = (config: VideoEncoderConfig) => Promise<boolean>;

export interface EncodedSize {
  /** Pixels, even. */
  readonly width: number;
  readonly height: number;
  /** Pictures a second, about: for the encoder's rate control only. */
  readonly rate: number;
}

/** Bits a pixel: what is left of a night's noise after the network, kept well enough to look closely. */
const BITS_PER_PIXEL = 0.2;
const LEAST_BITS = 1_000_000;
const MOST_BITS = 40_000_000;

/** ITU-T H.264 table A-1: the level, macroblocks a picture, macroblocks a second. */
const H264_LEVELS = [
  ['1f', 3_600, 108_000],
  ['28', 8_192, 245_760],
  ['2a', 8_704, 522_240],
  ['33', 36_864, 983_040],
  ['34', 36_864, 2_073_600],
  ['3e', 139_264, 16_711_680],
] as const;
const H264_PROFILES = ['6400', '4d00', '42e0'];

/** VP9 and AV1 levels, with the pixels a picture that both allow at least. */
const OTHER_LEVELS = [
  ['31', '05', 665_856],
  ['41', '09', 2_228_224],
  ['51', '13', 8_912_896],
  ['61', '17', 35_651_584],
] as const;

/** The first configuration that the browser takes, best first; nothing where it takes none. */
export async function chooseEncoder(
  size: EncodedSize,
  supports: Supports,
): Promise<VideoEncoderConfig | undefined> {
  const { width, height, rate } = size;
  const bitrate = Math.round(
    Math.min(MOST_BITS, Math.max(LEAST_BITS, width * height * rate * BITS_PER_PIXEL)),
  );
  for (const codec of codecsFor(size))
    for (const hardwareAcceleration of ['prefer-hardware', 'no-preference'] as const) {
      const config: VideoEncoderConfig = {
        codec,
        width,
        height,
        bitrate,
        framerate: rate,
        hardwareAcceleration,
        // `realtime` lets an encoder drop pictures to keep to its bitrate.
        latencyMode: 'quality',
        ...(codec.startsWith('avc1') && { avc: { format: 'avc' as const } }),
      };
      if (await supports(config)) return config;
    }
  return undefined;
}

/** Codec strings, best first. */
export function codecsFor({ width, height, rate }: EncodedSize): readonly string[] {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const h264 = H264_LEVELS.find(([, picture, second]) => blocks <= picture && blocks * rate <= second);
  const other = OTHER_LEVELS.find(([, , pixels]) => width * height <= pixels);
  return [
    ...(h264 ? H264_PROFILES.map((profile) => `avc1.${profile}${h264[0]}`) : []),
    ...(other ? [`vp09.00.${other[0]}.08`, `av01.0.${other[1]}M.08`] : []),
  ];
}

/** The nearest size that 4:2:0 encoders take. */
export const evenSize = ({ width, height }: { readonly width: number; readonly height: number }) => ({
  width: Math.max(2, width & ~1),
  height: Math.max(2, height & ~1),
});
