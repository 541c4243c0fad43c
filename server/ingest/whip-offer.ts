/** What a publisher offers (RFC 9725 §4.2, RFC 8829): the video it would send, and the offer cut down to that. Pure. */
import { isIP } from 'node:net';
import { NightglassError } from '#wire/nightglass-error.ts';
import { type CodecChoice, chooseCodec } from './whip-codec.ts';

export interface WhipOffer extends CodecChoice {
  /** The offer with one payload type (and its retransmission) in its video section. */
  readonly sdp: string;
  /** Whether the publisher resends what a NACK asks for (RFC 4585 §6.2.1). */
  readonly resends: boolean;
  /** Whether the publisher makes a key unit when asked (RFC 4585 §6.3.1). */
  readonly keyUnits: boolean;
  /** `a=ice-ufrag`, by which trickled candidates name the session. */
  readonly ufrag: string;
}

const LINES_LIMIT = 2_000;
const CANDIDATES_LIMIT = 64;

/**
 * Chooses the codec, and with it the payload type. The NACK feedback is taken out, also the one for key units, by which
 * alone werift would repair too; `writeAnswer` puts it into the answer.
 * @throws NightglassError `ingest/bad-offer`, `packets/unsupported-codec`
 */
export function readOffer(text: string): WhipOffer {
  const lines = text.split(/\r\n|\n/).filter((line) => line !== '');
  if (lines[0] !== 'v=0') throw badOffer('an SDP offer was expected, it begins otherwise');
  if (lines.length > LINES_LIMIT) throw badOffer(`more than ${LINES_LIMIT} lines came`);
  const [session = [], ...media] = sections(lines);
  const videos = media.filter(([first]) => first?.startsWith('m=video '));
  if (videos.length !== 1 || media.length - videos.length > 1)
    throw badOffer(`one video and at most one audio section were expected, ${media.length} sections came`);
  if (media.some(([first]) => !/^m=(?:video|audio) /.test(first ?? '')))
    throw badOffer('video and audio were expected, something else is offered too');
  const video = videos[0]!;
  if (video.includes('a=recvonly') || video.includes('a=inactive'))
    throw badOffer('the offer must send video, it only receives');
  const ufrag = attribute('ice-ufrag', video, session);
  for (const name of ['ice-pwd', 'fingerprint', 'setup']) attribute(name, video, session);
  const chosen = chooseCodec(video);
  const { payloadType } = chosen.track;
  const kept = media.map((section) => (section === video ? cutDown(video, chosen) : section));
  let candidates = 0;
  const sdp = [session, ...kept]
    .flat()
    .filter((line) => !/^a=end-of-candidates/.test(line))
    .filter(
      (line) =>
        !line.startsWith('a=candidate:') || (usableCandidate(line) && candidates++ < CANDIDATES_LIMIT),
    );
  return {
    sdp: `${sdp.join('\r\n')}\r\n`,
    ...chosen,
    resends: video.some((line) => feedback(line, payloadType) === 'nack'),
    keyUnits: video.some((line) => feedback(line, payloadType) === 'nack pli'),
    ufrag,
  };
}

/**
 * The answer as the publisher gets it: with the NACK feedback where it was offered, and `a=ice-lite` at the session's
 * level, where alone it has a meaning (RFC 8839 §5.3); werift writes it into each section.
 */
export function writeAnswer(sdp: string, { track, resends, keyUnits }: WhipOffer): string {
  const lines = sdp.split('\r\n');
  const written = lines.filter((line) => line !== 'a=ice-lite');
  if (written.length < lines.length)
    written.splice(
      written.findIndex((line) => line.startsWith('m=')),
      0,
      'a=ice-lite',
    );
  const map = written.findIndex((line) => line.startsWith(`a=rtpmap:${track.payloadType} `));
  const ours = [...(resends ? ['nack'] : []), ...(keyUnits ? ['nack pli'] : [])];
  if (map >= 0) written.splice(map + 1, 0, ...ours.map((kind) => `a=rtcp-fb:${track.payloadType} ${kind}`));
  return written.join('\r\n');
}

/**
 * Whether a candidate (RFC 8839 §5.1, with or without `a=`) has an address of its own over UDP. Names are left out:
 * looking up what a peer names is no business of ours, and it reaches us without.
 */
export function usableCandidate(line: string): boolean {
  const [, , transport = '', , address = ''] = line.split(' ');
  return transport.toLowerCase() === 'udp' && isIP(address) !== 0;
}

/**
 * The video section with the chosen payload types alone, one layer, and no feedback that werift would give: told by its
 * congestion feedback that a lost packet came, a browser no longer has it when asked.
 */
function cutDown(video: readonly string[], { track, retransmission }: CodecChoice): string[] {
  const { payloadType } = track;
  const kept = retransmission === undefined ? [payloadType] : [payloadType, retransmission];
  const [first = '', ...rest] = video;
  const [media, port, protocol] = first.split(' ');
  const lines = rest.filter((line) => {
    if (
      /^(?:nack|transport-cc)/.test(feedback(line, payloadType) ?? '') ||
      /^a=(?:rid|simulcast):/.test(line)
    )
      return false;
    const type = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d{1,3}) /.exec(line)?.[1];
    return type === undefined || kept.includes(Number(type));
  });
  return [[media, port, protocol, ...kept].join(' '), ...lines];
}

/** The kind of RTCP feedback a line offers for a payload type, such as `nack pli`. */
const feedback = (line: string, payloadType: number): string | undefined => {
  const [, type, kind] = /^a=rtcp-fb:(\d{1,3}|\*) (.*)$/.exec(line) ?? [];
  return type === '*' || type === String(payloadType) ? kind?.trim() : undefined;
};

/** The session's lines, then each media section's, its `m=` line first. */
function sections(lines: readonly string[]): string[][] {
  const all: string[][] = [[]];
  for (const line of lines) {
    if (line.startsWith('m=')) all.push([]);
    all.at(-1)!.push(line);
  }
  return all;
}

function attribute(name: string, ...places: readonly (readonly string[])[]): string {
  const line = places.flat().find((candidate) => candidate.startsWith(`a=${name}:`));
  if (line === undefined) throw badOffer(`a=${name} is missing`);
  return line.slice(name.length + 3).trim();
}

const badOffer = (what: string): NightglassError =>
  new NightglassError('ingest/bad-offer', `the publisher's offer was not understood: ${what}`);
