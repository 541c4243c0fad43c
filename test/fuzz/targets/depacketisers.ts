/** RTP packets → the NAL units of pictures, for both codecs. */
import type { Depacketiser } from '../../../server/packets/depacketiser.ts';
import { H264Depacketiser } from '../../../server/packets/h264-depacketiser.ts';
import { H265Depacketiser } from '../../../server/packets/h265-depacketiser.ts';
import { nalLength } from '../../../server/packets/nal-unit.ts';
import {
  type DepacketisedUnit,
  MAX_UNIT_BYTES,
  MAX_UNIT_NALS,
} from '../../../server/packets/picture-grouper.ts';
import type { RtpPacket } from '../../../server/packets/rtp-item.ts';
import { packetise } from '../../support/rtp-packetiser.ts';
import { h264Pictures } from '../h264-stream.ts';
import { h265Pictures } from '../h265-stream.ts';
import { RECORDS } from '../parts.ts';
import { inputOf, itemsOf } from '../rtp-records.ts';
import { holds, type Target } from '../target.ts';

const WAYS = [
  { mtu: 20 },
  { aggregate: true },
  { mtu: 30, marker: 'never' },
  { marker: 'every-nal' },
] as const;
const LIMIT = 16_384;

function push(depacketiser: Depacketiser, records: readonly Uint8Array[]): string {
  const units: DepacketisedUnit[] = [];
  let bytes = 0;
  for (const item of itemsOf(records))
    if (item.kind === 'rtp') {
      bytes += item.payload.length;
      units.push(...depacketiser.push(item));
    }
  units.push(...depacketiser.end());
  let given = 0;
  for (const { nals } of units) {
    const length = nals.reduce((sum, nal) => sum + nalLength(nal), 0);
    given += length;
    holds(nals.length > 0 && nals.length <= MAX_UNIT_NALS, 'a picture has NAL units, at most so many');
    holds(length <= MAX_UNIT_BYTES, 'a picture has at most so many bytes');
  }
  holds(given <= bytes, 'no more comes out than went in');
  return `${Math.min(units.length, 12)} ${units.some(({ afterLoss }) => afterLoss)}`;
}

export const H264_DEPACKETISER: Target = {
  name: 'h264-depacketiser',
  limit: LIMIT,
  words: [],
  parts: RECORDS,
  seeds: () =>
    WAYS.flatMap((way) => [packetise(h264Pictures(), way), packetise(h264Pictures({ slices: 3 }), way)]).map(
      (packets) => inputOf(packets),
    ),
  take: (input) => push(new H264Depacketiser(96), RECORDS.split(input)),
};

/** Its first record says whether decoding order numbers are expected. */
export const H265_DEPACKETISER: Target = {
  name: 'h265-depacketiser',
  limit: LIMIT,
  words: [],
  parts: RECORDS,
  seeds: () =>
    [h265Pictures(), h265Pictures({ slices: 3 })].flatMap((pictures) => [
      ...WAYS.map((way) => seed(0, packetise(pictures, { ...way, codec: 'h265' }))),
      seed(1, packetise(pictures, { codec: 'h265' }).map(withNumber)),
    ]),
  take: (input) => {
    const [options, ...records] = RECORDS.split(input);
    const decodingOrderNumbers = (options?.[0] ?? 0) % 2 === 1;
    return push(new H265Depacketiser({ payloadType: 96, decodingOrderNumbers }), records);
  },
};

const seed = (numbered: number, packets: readonly RtpPacket[]): Uint8Array =>
  Buffer.concat([RECORDS.join([Uint8Array.of(numbered)]), inputOf(packets)]);

/** A single NAL unit packet with its decoding order number behind the header (RFC 7798 §4.4.1). */
const withNumber = (packet: RtpPacket, index: number): RtpPacket => ({
  ...packet,
  payload: Uint8Array.from([...packet.payload.subarray(0, 2), 0, index, ...packet.payload.subarray(2)]),
});
