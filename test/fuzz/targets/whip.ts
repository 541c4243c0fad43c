/** What a WHIP publisher sends over HTTP, and the datagrams on its port. */
import { createHmac } from 'node:crypto';
import { readFragment } from '../../../server/ingest/whip-fragment.ts';
import { WhipGuard } from '../../../server/ingest/whip-guard.ts';
import { readOffer, writeAnswer } from '../../../server/ingest/whip-offer.ts';
import { H264Assembler } from '../../../server/packets/h264-assembler.ts';
import { audioSection, offerOf, videoSection } from '../../support/whip-offers.ts';
import { h264Pps, h264Sps } from '../h264-stream.ts';
import { LINES, RECORDS } from '../parts.ts';
import { holds, readBack, same, type Target, wordsOf } from '../target.ts';

const CANDIDATE = 'candidate:1 1 udp 2130706431 192.0.2.4 50000 typ host generation 0 ufrag Uf4g';
const SETS = [h264Sps(), h264Pps()].map((set) => Buffer.from(set).toString('base64')).join();
const OBS = videoSection({
  types: '96',
  codecs: [
    'a=rtpmap:96 H264/90000',
    `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${SETS}`,
    'a=rtcp-fb:* nack',
  ],
  more: [`a=${CANDIDATE}`, 'a=end-of-candidates', 'a=rid:h send', 'a=simulcast:send h'],
});

export const WHIP_OFFER: Target = {
  name: 'whip-offer',
  limit: 16_384,
  words: wordsOf(
    'm=video 9 UDP/TLS/RTP/SAVPF ',
    'a=rtpmap:',
    'a=fmtp:',
    'a=rtcp-fb:* ',
    'a=candidate:',
    'apt=',
    ' H264',
    ' VP9',
  ).concat(
    wordsOf('a=ice-ufrag:', 'packetization-mode=', 'sprop-parameter-sets=', '\r\n', ' ', '102', 'a=sendonly'),
  ),
  parts: LINES,
  text: true,
  seeds: () =>
    [
      offerOf(videoSection()),
      offerOf(audioSection(), videoSection()),
      offerOf(OBS),
      offerOf(videoSection({ types: '96 97' })),
    ].map((text) => Buffer.from(text)),
  take(input) {
    const offer = readOffer(Buffer.from(input).toString('utf8'));
    const { track, sdp, retransmission, ufrag } = offer;
    holds(Number.isInteger(track.payloadType) && track.payloadType >= 0, 'the payload type is one');
    holds(sdp.length <= 3 * input.length + 4, 'the offer is cut down, not up');
    const again = readBack(() => readOffer(sdp));
    holds(
      again.sdp === sdp && !again.resends && !again.keyUnits,
      'cut down again it is the same, without feedback',
    );
    holds(
      same([again.track, again.retransmission, again.ufrag], [track, retransmission, ufrag]),
      'it says the same',
    );
    new H264Assembler(track.parameterSets);
    const answer = writeAnswer(`${sdp}a=ice-lite\r\n`, offer);
    holds((answer.match(/^a=ice-lite$/gm) ?? []).length === 1, 'the answer says ice-lite once');
    return `${offer.resends} ${offer.keyUnits} ${retransmission !== undefined} ${Math.min(track.parameterSets.length, 2)}`;
  },
};

export const WHIP_FRAGMENT: Target = {
  name: 'whip-fragment',
  limit: 8_192,
  words: wordsOf(
    'a=ice-ufrag:',
    'a=mid:',
    'a=candidate:',
    'a=end-of-candidates',
    'm=video',
    ' udp ',
    ' tcp ',
    '.local',
    '::1',
  ),
  parts: LINES,
  text: true,
  seeds: () =>
    [
      [
        'a=ice-ufrag:Uf4g',
        'a=ice-pwd:x',
        'm=video 9 RTP/AVP 0',
        'a=mid:0',
        `a=${CANDIDATE}`,
        'a=end-of-candidates',
      ],
      [
        'a=ice-ufrag:Uf4g',
        'm=audio 9 RTP/AVP 0',
        'a=mid:1',
        `a=${CANDIDATE.replace('192.0.2.4', '2001:db8::4')}`,
      ],
      ['a=ice-ufrag:Uf4g', 'a=mid:0', `a=${CANDIDATE.replace('192.0.2.4', '5d3a.local')}`, ''],
    ].map((lines) => Buffer.from(lines.join('\r\n'))),
  take(input) {
    const { ufrag, candidates } = readFragment(Buffer.from(input).toString('utf8'));
    for (const { candidate, mid } of candidates)
      holds(
        candidate.startsWith('candidate:') && !/\n/.test(candidate + mid + ufrag),
        'a candidate is one line',
      );
    return `${Math.min(candidates.length, 3)} ${ufrag.length > 0}`;
  },
};

const PASSWORD = 'the-password-of-the-answer';

/** A STUN binding request, signed, with a fingerprint behind. */
function bindingRequest(password: string): Uint8Array {
  const attributes = Buffer.from([0, 6, 0, 5, ...Buffer.from('ab:cd'), 0, 0, 0]);
  const header = Buffer.alloc(20);
  header.writeUInt16BE(1, 0);
  header.writeUInt16BE(attributes.length + 24, 2);
  header.writeUInt32BE(0x2112a442, 4);
  const signature = createHmac('sha1', password)
    .update(Buffer.concat([header, attributes]))
    .digest();
  return Buffer.concat([
    header,
    attributes,
    Buffer.of(0, 8, 0, 20),
    signature,
    Buffer.of(0x80, 0x28, 0, 4, 1, 2, 3, 4),
  ]);
}

/** Each record is a datagram; the first byte says from which of a few addresses it comes. */
export const WHIP_GUARD: Target = {
  name: 'whip-guard',
  limit: 4_096,
  words: [Uint8Array.of(0x21, 0x12, 0xa4, 0x42), Uint8Array.of(0, 8, 0, 20)],
  parts: RECORDS,
  seeds: () => [
    RECORDS.join(
      [
        bindingRequest(PASSWORD),
        Buffer.of(0x80, 102, 0, 1),
        Buffer.of(21, 0xfe, 0xfd, 0, 0, 0),
        bindingRequest('x'),
      ].map((datagram, index) => Buffer.concat([Buffer.of(index), datagram])),
    ),
  ],
  take(input) {
    const guard = new WhipGuard(PASSWORD);
    const admitted = RECORDS.split(input)
      .filter((record) => record.length > 0)
      .map((record) => guard.admits(Buffer.from(record.subarray(1)), `192.0.2.${record[0]! % 4}:5000`));
    return admitted.slice(0, 4).join();
  },
};
