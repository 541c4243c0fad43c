/** The head of a fragmented MP4 file with one video track: its `ftyp` and `moov`, as mediabunny writes them. */
import { BufferTarget, EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, Output } from 'mediabunny';

/** Ticks a second of the track's times: they are whole microseconds. */
export const TIMESCALE = 1_000_000;

/** What a file must say of its pictures. Without a `description` H.264 and H.265 are Annex B, parameter sets in band. */
export type TrackConfig = Pick<
  VideoDecoderConfig,
  'codec' | 'codedWidth' | 'codedHeight' | 'description' | 'colorSpace'
>;

/**
 * @param key the first picture, as the camera or the encoder gave it: parameter sets are found in it
 * @throws Error where the codec is none that MP4 holds, or the picture lacks its parameter sets
 */
export async function mp4Header(config: TrackConfig, key: Uint8Array): Promise<Uint8Array> {
  const boxes: Uint8Array[] = [];
  const keep = (bytes: Uint8Array) => void boxes.push(bytes.slice());
  const format = new Mp4OutputFormat({ fastStart: 'fragmented', onFtyp: keep, onMoov: keep });
  const output = new Output({ format, target: new BufferTarget() });
  const source = new EncodedVideoPacketSource(codecName(config.codec));
  output.addVideoTrack(source, { frameRate: TIMESCALE });
  await output.start();
  await source.add(new EncodedPacket(key, 'key', 0, 1), { decoderConfig: config });
  await output.finalize();
  const header = new Uint8Array(boxes.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const bytes of boxes) {
    header.set(bytes, at);
    at += bytes.length;
  }
  return header;
}

/** True where the codec's pictures are NAL units. */
export const hasNalUnits = (codec: string): boolean => /^(avc|hev|hvc)/.test(codec);

function codecName(codec: string) {
  if (codec.startsWith('avc')) return 'avc';
  if (/^h(ev|vc)/.test(codec)) return 'hevc';
  if (codec.startsWith('vp09')) return 'vp9';
  if (codec.startsWith('av01')) return 'av1';
  throw new Error(`MP4 with H.264, H.265, VP9 or AV1 was expected, ${codec} came`);
}
