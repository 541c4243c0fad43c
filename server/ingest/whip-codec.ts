/** Which of the codecs that a publisher offers is taken (RFC 8829, RFC 6184 §8.2.2, RFC 7741 §6, RFC 9628 §6). Pure. */
import { NightglassError } from '#wire/nightglass-error.ts';
import type { VideoTrack } from '../packets/rtp-item.ts';

export interface CodecChoice {
  readonly track: VideoTrack;
  /** Of retransmitted packets (RFC 4588); absent where the publisher resends them as they were, or not at all. */
  readonly retransmission?: number;
}

const CLOCK_RATE = 90_000;
/** Not codecs of pictures, but of their repair. */
const REPAIR = new Set(['RTX', 'RED', 'ULPFEC', 'FLEXFEC-03']);
const IN_BAND = new Map([
  ['VP8', 'vp8'],
  ['VP9', 'vp9'],
  ['AV1', 'av1'],
] as const);

/** A line of the offer for each payload type, by its number. */
interface Offered {
  readonly types: readonly number[];
  /** In capitals. */
  readonly codecs: ReadonlyMap<number, string>;
  readonly formats: ReadonlyMap<number, string>;
}

/**
 * H.264, which every browser decodes: in packetization mode 1, else 0. Else the first that the publisher names of VP8,
 * VP9 and AV1, of any profile.
 * @param video the lines of the video section
 * @throws NightglassError `packets/unsupported-codec`
 */
export function chooseCodec(video: readonly string[]): CodecChoice {
  const offered = read(video);
  const track = h264In(offered) ?? inBandIn(offered);
  if (track === undefined) {
    const names = [...new Set(offered.types.map((type) => offered.codecs.get(type)!))];
    const ofPictures = names.filter((name) => !REPAIR.has(name));
    throw new NightglassError(
      'packets/unsupported-codec',
      `H.264, VP8, VP9 or AV1 video was expected, the publisher offers ${ofPictures.join(', ') || 'no codec with a name'}`,
    );
  }
  const retransmission = offered.types.find(
    (type) =>
      offered.codecs.get(type) === 'RTX' && offered.formats.get(type)?.trim() === `apt=${track.payloadType}`,
  );
  return { track, ...(retransmission === undefined ? {} : { retransmission }) };
}

function read(video: readonly string[]): Offered {
  const codecs = new Map<number, string>();
  const formats = new Map<number, string>();
  for (const line of video) {
    const map = /^a=rtpmap:(\d{1,3}) ([\w.-]{1,32})\/\d+/.exec(line);
    if (map) codecs.set(Number(map[1]), map[2]!.toUpperCase());
    const format = /^a=fmtp:(\d{1,3}) (.*)$/.exec(line);
    if (format) formats.set(Number(format[1]), format[2]!);
  }
  return { types: payloadTypes(video[0]!).filter((type) => codecs.has(type)), codecs, formats };
}

function h264In({ types, codecs, formats }: Offered): VideoTrack | undefined {
  const h264 = types.filter((type) => codecs.get(type) === 'H264');
  const mode = (type: number) => /packetization-mode=(\d)/.exec(formats.get(type) ?? '')?.[1] ?? '0';
  const payloadType = h264.find((type) => mode(type) === '1') ?? h264.find((type) => mode(type) === '0');
  if (payloadType === undefined) return undefined;
  const sets = /sprop-parameter-sets=([^;]*)/.exec(formats.get(payloadType) ?? '')?.[1] ?? '';
  return {
    codec: 'h264',
    clockRate: CLOCK_RATE,
    payloadType,
    parameterSets: sets
      .split(',', 16)
      .map((set) => Uint8Array.from(Buffer.from(set, 'base64')))
      .filter(([first = 0]) => (first & 0x1f) === 7 || (first & 0x1f) === 8),
  };
}

function inBandIn({ types, codecs }: Offered): VideoTrack | undefined {
  const known: ReadonlyMap<string, 'vp8' | 'vp9' | 'av1'> = IN_BAND;
  const payloadType = types.find((type) => known.has(codecs.get(type)!));
  if (payloadType === undefined) return undefined;
  const codec = known.get(codecs.get(payloadType)!)!;
  return { codec, clockRate: CLOCK_RATE, payloadType, parameterSets: [] };
}

const payloadTypes = (mediaLine: string): number[] => mediaLine.split(' ').slice(3).map(Number);
