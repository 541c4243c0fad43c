/** One RTP packet, and one compound RTCP packet. */
import { parseSenderReports } from '../../../server/packets/rtcp.ts';
import { parseRtp } from '../../../server/packets/rtp.ts';
import { ARRIVAL, rtpBytes, rtpPacket } from '../../support/rtp-packetiser.ts';
import { senderReport } from '../rtp-records.ts';
import { holds, readBack, same, type Target } from '../target.ts';

const PLAIN = rtpBytes(
  rtpPacket({ sequence: 65_535, timestamp: 90_000, payload: Uint8Array.of(0x65, 1, 2, 3) }),
);

/** With a contributing source, an extension of one word, and three bytes of padding. */
function full(): Uint8Array {
  const extras = [0, 0, 0, 9, 0xbe, 0xde, 0, 1, 1, 2, 3, 4];
  const bytes = Uint8Array.from([...PLAIN.subarray(0, 12), ...extras, ...PLAIN.subarray(12), 0, 0, 3]);
  bytes[0] = 0xb1;
  return bytes;
}

export const RTP: Target = {
  name: 'rtp',
  limit: 1_500,
  words: [],
  seeds: () => [PLAIN, full(), PLAIN.slice(0, 12)],
  take(input) {
    const packet = parseRtp(input, ARRIVAL);
    holds(packet.payload.length <= input.length - 12, 'the payload lies within the packet');
    holds(
      same({ ...readBack(() => parseRtp(rtpBytes(packet), ARRIVAL)) }, packet),
      'written and read it is the same',
    );
    return `${packet.payload.length > 0}`;
  },
};

export const RTCP: Target = {
  name: 'rtcp',
  limit: 1_500,
  words: [],
  seeds: () => [
    senderReport(90_000),
    Buffer.concat([senderReport(1), Buffer.of(0x81, 202, 0, 2, 0, 0, 0, 7, 1, 0, 0, 0), senderReport(2, 8)]),
  ],
  take(input) {
    const reports = parseSenderReports(input);
    holds(reports.length <= input.length / 28, 'no report is made of fewer bytes than it has');
    for (const { wallClock } of reports)
      holds(Number.isSafeInteger(wallClock) && wallClock > -1e15, 'the wall clock is whole microseconds');
    return `${Math.min(reports.length, 4)}`;
  },
};
