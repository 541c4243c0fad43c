/** A camera's side of RFC 6184 and RFC 7798: pictures → RTP packets, with the habits that cameras have. */
import { type WallMicros, wallMicros } from '#wire/time.ts';
import type { RtpPacket } from '../../server/packets/rtp-item.ts';

export interface CodedPicture {
  /** Whole NAL units, header byte first. */
  readonly nals: readonly Uint8Array[];
  /** In clock-rate units; taken modulo 2^32. */
  readonly timestamp: number;
}

export interface Packetisation {
  /** H.264 unless said otherwise. */
  readonly codec?: 'h264' | 'h265';
  /** 0: single NAL unit packets, however large. 1: larger ones in fragments. */
  readonly mode?: 0 | 1;
  /** Payload bytes of a packet in mode 1. */
  readonly mtu?: number;
  /** Puts neighbouring NAL units that fit into one packet (STAP-A, AP). */
  readonly aggregate?: boolean;
  /** On which packets the marker stands. */
  readonly marker?: 'last-packet' | 'every-nal' | 'never';
  readonly firstSequence?: number;
  readonly ssrc?: number;
  readonly payloadType?: number;
  /** Arrival of a packet, by the index of its picture. */
  readonly arrival?: (picture: number) => WallMicros;
}

export const ARRIVAL = wallMicros(1_780_000_000_000_000);

/** What a test says of one packet; the rest is made up. */
export const rtpPacket = (fields: Partial<RtpPacket>): RtpPacket => ({
  kind: 'rtp',
  payloadType: 96,
  marker: false,
  sequence: 0,
  timestamp: 0,
  ssrc: 7,
  payload: new Uint8Array(0),
  arrivedAt: ARRIVAL,
  ...fields,
});

export function packetise(pictures: readonly CodedPicture[], options: Packetisation = {}): RtpPacket[] {
  const { marker = 'last-packet', ssrc = 7, payloadType = 96 } = options;
  const { arrival = (picture: number) => wallMicros(ARRIVAL + picture * 40_000) } = options;
  const packets: RtpPacket[] = [];
  let sequence = options.firstSequence ?? 65_530;
  pictures.forEach(({ nals, timestamp }, index) => {
    const payloads = payloadsOf(nals, options);
    payloads.forEach(({ payload, endsNal }, at) => {
      const last = at === payloads.length - 1;
      packets.push({
        kind: 'rtp',
        payloadType,
        marker: marker === 'every-nal' ? endsNal : marker === 'last-packet' && last,
        sequence: sequence++ & 0xffff,
        timestamp: timestamp >>> 0,
        ssrc,
        payload,
        arrivedAt: arrival(index),
      });
    });
  });
  return packets;
}

interface Payload {
  readonly payload: Uint8Array;
  readonly endsNal: boolean;
}

function payloadsOf(
  nals: readonly Uint8Array[],
  { codec = 'h264', mode = 1, mtu = 1200, aggregate }: Packetisation,
): Payload[] {
  const payloads: Payload[] = [];
  let waiting: Uint8Array[] = [];
  const [join, fragment] = codec === 'h265' ? [aggregationPacket, fu] : [stapA, fuA];
  const flush = (): void => {
    if (waiting.length > 0)
      payloads.push({ payload: waiting.length > 1 ? join(waiting) : waiting[0]!, endsNal: true });
    waiting = [];
  };
  for (const nal of nals) {
    const used = waiting.reduce((sum, one) => sum + 2 + one.length, codec === 'h265' ? 2 : 1);
    if (!aggregate || used + 2 + nal.length > mtu) flush();
    if (mode === 1 && nal.length > mtu) payloads.push(...fragment(nal, mtu));
    else waiting.push(nal);
  }
  flush();
  return payloads;
}

export function stapA(nals: readonly Uint8Array[]): Uint8Array {
  const bytes = [24 | Math.max(...nals.map((nal) => nal[0]! & 0x60))];
  for (const nal of nals) bytes.push(nal.length >> 8, nal.length & 0xff, ...nal);
  return Uint8Array.from(bytes);
}

function fuA(nal: Uint8Array, mtu: number): Payload[] {
  const [first = 0] = nal;
  return fragments(nal.subarray(1), mtu - 2).map(({ piece, marks }) => ({
    payload: behind([(first & 0xe0) | 28, marks | (first & 0x1f)], piece),
    endsNal: (marks & 0x40) !== 0,
  }));
}

/** RFC 7798 §4.4.2: the lowest layer is always 0 here, and the lowest temporal id of all. */
export function aggregationPacket(nals: readonly Uint8Array[]): Uint8Array {
  const bytes = [48 << 1, Math.min(...nals.map((nal) => nal[1]!))];
  for (const nal of nals) bytes.push(nal.length >> 8, nal.length & 0xff, ...nal);
  return Uint8Array.from(bytes);
}

/** RFC 7798 §4.4.3. */
function fu(nal: Uint8Array, mtu: number): Payload[] {
  const [first = 0, second = 0] = nal;
  return fragments(nal.subarray(2), mtu - 3).map(({ piece, marks }) => ({
    payload: behind([(first & 0x81) | (49 << 1), second, marks | ((first >> 1) & 0x3f)], piece),
    endsNal: (marks & 0x40) !== 0,
  }));
}

function behind(header: readonly number[], piece: Uint8Array): Uint8Array {
  const payload = new Uint8Array(header.length + piece.length);
  payload.set(header);
  payload.set(piece, header.length);
  return payload;
}

/** Bytes in pieces, each with the start and end bits of its FU header. */
function fragments(bytes: Uint8Array, size: number) {
  const pieces: { readonly piece: Uint8Array; readonly marks: number }[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    pieces.push({ piece, marks: (at === 0 ? 0x80 : 0) | (at + size >= bytes.length ? 0x40 : 0) });
  }
  return pieces;
}

/** The packet as bytes on a wire, without the parts that are optional. */
export function rtpBytes(packet: RtpPacket): Uint8Array {
  const bytes = new Uint8Array(12 + packet.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, (packet.marker ? 0x80 : 0) | packet.payloadType);
  view.setUint16(2, packet.sequence);
  view.setUint32(4, packet.timestamp);
  view.setUint32(8, packet.ssrc);
  bytes.set(packet.payload, 12);
  return bytes;
}
