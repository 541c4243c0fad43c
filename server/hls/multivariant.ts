/** What a camera offers over HLS → its multivariant playlist (RFC 8216bis §4.4.6). */
import { NOTHING_HANDED_ON } from './handed-on.ts';
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
export function variantOf(
  name: string,
  { init, bytes, duration }: Segment,
  { query, inBand } = NOTHING_HANDED_ON,
): Variant {
  const { codec, codedWidth: width, codedHeight: height } = init.config;
  const bandwidth = Math.ceil((PEAK * bytes.length * 8) / (duration / 1e6));
  // What is `hev1` in the stream, with parameter sets in band, is `hvc1` in a segment.
  return { uri: name + query, codec: entryIn(codec, inBand), width, height, bandwidth };
}

/**
 * H.264 of another variant, before any has been made: High profile, of the least level that holds its size at 30 pictures
 * a second (ITU-T H.264 table A-1), and twice its bandwidth.
 */
export function asH264(
  name: string,
  { width, height, bandwidth }: Variant,
  { query, inBand } = NOTHING_HANDED_ON,
): Variant {
  const macroblocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const level = macroblocks <= 3_600 ? '1F' : macroblocks <= 8_192 ? '28' : '33';
  const codec = entryIn(`avc1.6400${level}`, inBand);
  return { uri: name + query, codec, width, height, bandwidth: 2 * bandwidth };
}

/** The codec string with the name that the sample entry has. */
const entryIn = (codec: string, inBand: boolean): string =>
  inBand ? codec.replace(/^hvc1\./, 'hev1.').replace(/^avc1\./, 'avc3.') : codec.replace(/^hev1\./, 'hvc1.');

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
