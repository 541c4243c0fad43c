/** What a camera offers over HLS → its multivariant playlist (RFC 8216bis §4.4.6). */
import type { Segment } from './segment.ts';

export interface Variant {
  readonly uri: string;
  /** RFC 6381. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** The peak, bits per second. */
  readonly bandwidth: number;
}

/** A camera's bit rate follows what it sees: its peak is taken to be so much more than one segment shows. */
const PEAK = 2;

/** The stream as the camera sends it, judged by its newest segment. */
export function variantOf(uri: string, { init, bytes, duration }: Segment): Variant {
  const { codec, codedWidth: width, codedHeight: height } = init.config;
  const bandwidth = Math.ceil((PEAK * bytes.length * 8) / (duration / 1e6));
  // What is `hev1` in the stream, with parameter sets in band, is `hvc1` in a segment.
  return { uri, codec: codec.replace(/^hev1\./, 'hvc1.'), width, height, bandwidth };
}

/**
 * H.264 of another variant, before any has been made: High profile, of the least level that holds its size at 30 pictures
 * a second (ITU-T H.264 table A-1), and twice its bandwidth.
 */
export function asH264(uri: string, { width, height, bandwidth }: Variant): Variant {
  const macroblocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const level = macroblocks <= 3_600 ? '1F' : macroblocks <= 8_192 ? '28' : '33';
  return { uri, codec: `avc1.6400${level}`, width, height, bandwidth: 2 * bandwidth };
}

export const multivariantPlaylist = (variants: readonly Variant[]): string =>
  [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    ...variants.flatMap(({ uri, codec, width, height, bandwidth }) => [
      `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},CODECS="${codec}",RESOLUTION=${width}x${height}`,
      uri,
    ]),
    '',
  ].join('\n');
