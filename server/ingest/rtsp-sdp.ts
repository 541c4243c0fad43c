/** What a camera's session description (RFC 8866, RFC 2326 §C) says of its video. Pure. */
import { type MediaDescription, parse, parseParams } from 'sdp-transform';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { VideoTrack } from '../packets/rtp-item.ts';
import { resolveControl } from './rtsp-url.ts';

/** The track to set up, and the URLs to ask for it by. */
export interface VideoDescription {
  readonly track: VideoTrack;
  /** For SETUP. */
  readonly trackUrl: string;
  /** For PLAY, keep-alive and TEARDOWN: the aggregate of all tracks. */
  readonly sessionUrl: string;
}

const LINE_LIMIT = 4_096;
const LINES_LIMIT = 512;
const CLOCK_RATE = 90_000;
const PARAMETER_SETS_LIMIT = 16;
/** The lines that are read; a camera's other lines never reach the general parser. */
const LINE_READ = /^(?:m=|a=(?:control|rtpmap|fmtp):)/;
/** Encoding names (RFC 6184 §8.2.1, RFC 7798 §7.2.1), and one that some servers make up. */
const CODECS: ReadonlyMap<string, VideoTrack['codec']> = new Map([
  ['H264', 'h264'],
  ['H265', 'h265'],
  ['HEVC', 'h265'],
]);
/** Payload types that need no rtpmap (RFC 3551 §6). */
const STATIC_CODECS: ReadonlyMap<number, string> = new Map([
  [26, 'JPEG'],
  [31, 'H261'],
  [32, 'MPV'],
  [33, 'MP2T'],
  [34, 'H263'],
]);

/**
 * Finds the first H.264 track, and without one the first of H.265. H.264 goes first wherever it stands: every browser
 * decodes it, and H.265 only those whose machine does it in hardware. Who wants a camera's H.265 all the same has a
 * URL for that stream alone.
 * @param base `Content-Base`, or the URL that was asked for
 * @throws NightglassError `ingest/no-video`, `packets/unsupported-codec`, `ingest/bad-url`
 */
export function readDescription(sdp: string, base: string, place: string): VideoDescription {
  const lines = sdp.split(/\r\n|\r|\n/).filter((line) => LINE_READ.test(line) && line.length <= LINE_LIMIT);
  const session = parse(`${lines.slice(0, LINES_LIMIT).join('\r\n')}\r\n`);
  const videos = session.media.filter((media) => media.type === 'video');
  if (videos.length === 0)
    throw new NightglassError(
      'ingest/no-video',
      `${place}: a video track was expected, the camera offers none`,
    );
  const sessionUrl = resolveControl(base, String(session.control ?? '*'));
  for (const codec of ['h264', 'h265'] as const)
    for (const media of videos) {
      const track = trackOf(media, codec);
      // A missing media-level control means the presentation is this one track (RFC 2326 §C.1.1).
      if (track !== undefined)
        return { track, sessionUrl, trackUrl: resolveControl(base, String(media.control ?? '*')) };
    }
  const codecs = [...new Set(videos.flatMap(codecsOf))].join(', ') || 'a codec without a name';
  throw new NightglassError(
    'packets/unsupported-codec',
    `${place}: H.264 or H.265 video was expected, the camera sends ${codecs}`,
  );
}

function trackOf(media: MediaDescription, codec: VideoTrack['codec']): VideoTrack | undefined {
  for (const payloadType of payloadTypes(media)) {
    const map = media.rtp.find(({ payload }) => payload === payloadType);
    if (map === undefined || CODECS.get(String(map.codec).toUpperCase()) !== codec) continue;
    const parameters = formatParameters(media, payloadType);
    // Mode 2 interleaves NAL units out of decoding order (RFC 6184 §5.5); no camera is known to use it.
    if (parameters['packetization-mode'] === 2) continue;
    const clockRate = Number.isSafeInteger(map.rate) && map.rate! > 0 ? map.rate! : CLOCK_RATE;
    if (codec === 'h264') {
      const parameterSets = readParameterSets(parameters['sprop-parameter-sets'], isH264Set);
      return { codec, payloadType, clockRate, parameterSets };
    }
    const parameterSets = ['sprop-vps', 'sprop-sps', 'sprop-pps'].flatMap((name) =>
      readParameterSets(parameters[name], isH265Set),
    );
    const decodingOrderNumbers = Number(parameters['sprop-max-don-diff'] ?? 0) > 0;
    return { codec, payloadType, clockRate, parameterSets, decodingOrderNumbers };
  }
  return undefined;
}

// The parser's types promise what a camera need not keep: payloads and values come as numbers or as text.
const payloadTypes = (media: MediaDescription): number[] =>
  String(media.payloads ?? '')
    .split(' ')
    .map(Number)
    .filter((type) => Number.isInteger(type) && type >= 0 && type < 128);

function formatParameters(media: MediaDescription, payloadType: number): Record<string, unknown> {
  const config = media.fmtp.find(({ payload }) => payload === payloadType)?.config;
  return config === undefined ? {} : parseParams(String(config).replace(/;\s*/g, ';'));
}

/** NAL units from base64 (RFC 6184 §8.1, RFC 7798 §7.1); others are left out, the stream may still carry them. */
function readParameterSets(value: unknown, isSet: (header: number) => boolean): Uint8Array[] {
  if (typeof value !== 'string') return [];
  return value
    .split(',', PARAMETER_SETS_LIMIT)
    .map((text) => Uint8Array.from(Buffer.from(text, 'base64')))
    .filter(([header = 0]) => isSet(header));
}

/** SPS or PPS, by nal_unit_type. */
const isH264Set = (header: number): boolean => (header & 0x1f) === 7 || (header & 0x1f) === 8;

/** VPS, SPS or PPS. */
const isH265Set = (header: number): boolean => header >> 1 >= 32 && header >> 1 <= 34;

function codecsOf(media: MediaDescription): string[] {
  return payloadTypes(media).flatMap((payloadType) => {
    const named = media.rtp.find(({ payload }) => payload === payloadType)?.codec;
    const codec = named === undefined ? STATIC_CODECS.get(payloadType) : String(named);
    if (codec === undefined) return [];
    const interleaved = codec.toUpperCase() === 'H264' ? ' in packetization mode 2' : '';
    return [`${spokenName(codec.toUpperCase())}${interleaved}`];
  });
}

/** The names people know codecs by, for messages. */
function spokenName(codec: string): string {
  switch (codec) {
    case 'JPEG':
      return 'MJPEG';
    case 'H264':
      return 'H.264';
    case 'MP4V-ES':
      return 'MPEG-4 part 2';
    case 'MPV':
      return 'MPEG-2';
    default:
      return codec.slice(0, 16);
  }
}
