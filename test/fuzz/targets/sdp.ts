/** A camera's session description. */
import { readDescription } from '../../../server/ingest/rtsp-sdp.ts';
import { H264Assembler } from '../../../server/packets/h264-assembler.ts';
import { H265Assembler } from '../../../server/packets/h265-assembler.ts';
import { SDP_H264 } from '../../support/rtsp-script-server.ts';
import { h264Pps, h264Sps } from '../h264-stream.ts';
import { h265Pps, h265SpsKinds, h265Vps } from '../h265-stream.ts';
import { LINES } from '../parts.ts';
import { holds, type Target, wordsOf } from '../target.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const sdp = (...lines: readonly string[]): Uint8Array =>
  Buffer.from(['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=quay', 't=0 0', ...lines, ''].join('\r\n'));
const H265 = [
  'm=video 0 RTP/AVP 98 99',
  'a=rtpmap:98 H265/90000',
  `a=fmtp:98 sprop-vps=${base64(h265Vps())};sprop-sps=${base64(h265SpsKinds()[0]!)};sprop-pps=${base64(h265Pps())};sprop-max-don-diff=0`,
  'a=control:rtsp://other/track1',
  'a=recvonly',
];
const H264 = [
  'm=video 0 RTP/AVP 97 96',
  'a=rtpmap:96 H264/90000',
  `a=fmtp:96 packetization-mode=1; sprop-parameter-sets=${base64(h264Sps())},${base64(h264Pps())}`,
  'a=control:/track?id=2',
];
const AUDIO = ['m=audio 0 RTP/AVP 0 8', 'a=control:trackID=9'];
const BASES = ['rtsp://camera/quay/', 'rtsp://camera:8554/cam?channel=1&subtype=0'];

export const SDP: Target = {
  name: 'sdp',
  limit: 12_288,
  words: wordsOf(
    'm=video ',
    'a=rtpmap:96 ',
    'a=fmtp:96 ',
    'a=control:',
    'H264/90000',
    'H265',
    'sprop-parameter-sets=',
  ).concat(
    wordsOf(
      'packetization-mode=2',
      '__proto__=1',
      ';',
      '=',
      'RTP/AVP',
      ' 96',
      '\r\n',
      '*',
      'rtsp://',
      '\ud800',
    ),
  ),
  parts: LINES,
  text: true,
  seeds: () => [
    Buffer.from(SDP_H264),
    sdp('a=control:*', ...AUDIO, ...H265, ...H264),
    sdp(...H265, ...AUDIO),
    sdp('m=video 0 RTP/AVP 96', 'a=rtpmap:96 h264', 'c=IN IP4 0.0.0.0', 'b=AS:5000', 'a=framerate:25.0'),
  ],
  take(input) {
    const text = Buffer.from(input).toString('utf8');
    const [description] = BASES.map((base) => readDescription(text, base, 'camera:554/quay'));
    const { track, trackUrl, sessionUrl } = description!;
    for (const url of [trackUrl, sessionUrl])
      holds(/^rtsps?:\/\/[\x21-\x7e]{1,2048}$/i.test(url), 'a URL fits a request line');
    holds(Number.isInteger(track.payloadType) && track.payloadType < 128, 'the payload type is one');
    holds(track.clockRate > 0 && Number.isSafeInteger(track.clockRate), 'the clock rate is one');
    holds(track.parameterSets.length <= 48, 'the parameter sets are few');
    if (track.codec === 'h264') new H264Assembler(track.parameterSets);
    else new H265Assembler(track.parameterSets);
    return `${track.codec} ${Math.min(track.parameterSets.length, 3)} ${trackUrl === sessionUrl}`;
  },
};
