/** A publisher's side of RFC 7741 (VP8), RFC 9628 (VP9) and the RTP payload format of AV1: pictures → RTP packets. */
import { wallMicros } from '#wire/time.ts';
import { OBU, readObus } from '../../server/packets/av1-obu.ts';
import type { InBandTrack, RtpPacket } from '../../server/packets/rtp-item.ts';
import { ARRIVAL } from './rtp-packetiser.ts';

export interface InBandPacketisation {
  /** Payload bytes of a packet. */
  readonly mtu?: number;
  /** Which of the optional fields a descriptor has: none, as a browser writes them, or all. */
  readonly descriptor?: 'bare' | 'usual' | 'full';
  /** AV1: `all` puts a length before every element, `counted` leaves out the last one's. */
  readonly lengths?: 'all' | 'counted';
  /** AV1: OBUs keep their own size field. */
  readonly sized?: boolean;
  readonly marker?: boolean;
  readonly firstSequence?: number;
}

interface Way extends Required<InBandPacketisation> {
  readonly picture: number;
}

const WRITERS: Readonly<Record<InBandTrack['codec'], (data: Uint8Array, way: Way) => Uint8Array[]>> = {
  vp8: writeVp8,
  vp9: writeVp9,
  av1: writeAv1,
};

export function packetiseInBand(
  codec: InBandTrack['codec'],
  pictures: readonly Uint8Array[],
  options: InBandPacketisation = {},
): RtpPacket[] {
  const way = {
    ...({ mtu: 150, descriptor: 'usual', lengths: 'counted', sized: false } as const),
    ...{ marker: true, firstSequence: 65_530, ...options },
  };
  let sequence = way.firstSequence;
  return pictures.flatMap((data, picture) => {
    const payloads = WRITERS[codec](data, { ...way, picture });
    return payloads.map((payload, index) => ({
      kind: 'rtp' as const,
      payloadType: 96,
      marker: way.marker && index === payloads.length - 1,
      sequence: sequence++ & 0xffff,
      timestamp: (4_294_960_000 + picture * 3_600) >>> 0,
      ssrc: 7,
      payload,
      arrivedAt: wallMicros(ARRIVAL + picture * 40_000),
    }));
  });
}

const pieces = (data: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(data.length / size) }, (_, at) => data.subarray(at * size, (at + 1) * size));

const behind = (head: readonly number[], ...rest: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from([...head, ...rest.flatMap((part) => [...part])]);

function writeVp8(data: Uint8Array, { mtu, descriptor, picture }: Way): Uint8Array[] {
  const id = [0x80 | (picture >> 8), picture & 0xff];
  return pieces(data, mtu - 6).map((piece, index) => {
    const start = index === 0 ? 0x10 : 0;
    if (descriptor === 'bare') return behind([start], piece);
    if (descriptor === 'usual') return behind([0x80 | start, 0x80, ...id], piece);
    return behind([0x80 | start, 0xf0, ...id, picture & 0xff, 0x20], piece);
  });
}

function writeVp9(data: Uint8Array, { mtu, descriptor, picture }: Way): Uint8Array[] {
  const key = (data[0]! & 0x04) === 0;
  const all = pieces(data, mtu - 6);
  return all.map((piece, index) => {
    const place = (index === 0 ? 0x08 : 0) | (index === all.length - 1 ? 0x04 : 0) | (key ? 0 : 0x40);
    if (descriptor === 'bare') return behind([place], piece);
    if (descriptor === 'usual')
      return behind([0x80 | place | (key ? 0 : 0x10), picture & 0x7f, ...(key ? [] : [1 << 1])], piece);
    // A structure of one layer with its size, and a group of two pictures.
    const structure = [0x18, 0, 96, 0, 64, 2, 0x04, 1, 0x28, 1, 2];
    const head = [0x80 | 0x20 | 0x02 | place, 0x80, picture & 0xff, 0x00, picture & 0xff];
    return behind([...head, ...structure], piece);
  });
}

/** Elements one after another, cut where a packet is full. */
function writeAv1(data: Uint8Array, { mtu, lengths, sized }: Way): Uint8Array[] {
  const obus = readObus(data)!.filter(({ type }) => type !== OBU.temporalDelimiter);
  const newSequence = obus.some(({ type }) => type === OBU.sequenceHeader);
  const elements = obus.map(({ header, body }) =>
    sized
      ? behind([header[0]! | 2, ...header.subarray(1), ...leb128(body.length)], body)
      : behind([header[0]! & ~2, ...header.subarray(1)], body),
  );
  const payloads: Uint8Array[] = [];
  let inPacket: Uint8Array[] = [];
  let resumes = false;
  const flush = (breaksOff: boolean): void => {
    const count = lengths === 'counted' ? inPacket.length : 0;
    const head =
      (resumes ? 0x80 : 0) |
      (breaksOff ? 0x40 : 0) |
      (count << 4) |
      (newSequence && payloads.length === 0 ? 8 : 0);
    const parts = inPacket.flatMap((part, index) =>
      index === count - 1 ? [part] : [Uint8Array.from(leb128(part.length)), part],
    );
    payloads.push(behind([head], ...parts));
    inPacket = [];
    resumes = breaksOff;
  };
  for (const element of elements) {
    for (let at = 0; at < element.length; ) {
      const room = mtu - 8 - inPacket.reduce((sum, part) => sum + part.length + 2, 0);
      if (room <= 0 || inPacket.length === 3) {
        flush(at > 0);
        continue;
      }
      inPacket.push(element.subarray(at, at + room));
      at += room;
      if (at < element.length) flush(true);
    }
  }
  if (inPacket.length > 0) flush(false);
  return payloads;
}

const leb128 = (value: number): number[] =>
  value < 128 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >> 7)];
