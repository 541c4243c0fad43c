/** The RTP header (RFC 3550 §5.1): bytes in, one packet out. */
import { NightglassError } from '#wire/nightglass-error.ts';
import type { WallMicros } from '#wire/time.ts';
import type { RtpPacket } from './rtp-item.ts';

const FIXED_BYTES = 12;

/**
 * Reads one RTP packet. Its payload is a view into `bytes`, which must not be written to afterwards; contributing
 * sources, the header extension and the padding are left out of it. It may be empty: some senders probe that way.
 * @throws NightglassError `packets/malformed`
 */
export function parseRtp(bytes: Uint8Array, arrivedAt: WallMicros): RtpPacket {
  if (bytes.length < FIXED_BYTES)
    throw malformed(`a header of ${FIXED_BYTES} bytes was expected, ${bytes.length} came`);
  const first = bytes[0]!;
  if (first >> 6 !== 2) throw malformed(`RTP version 2 was expected, ${first >> 6} came`);
  let start = FIXED_BYTES + 4 * (first & 0x0f);
  if (first & 0x10) {
    if (start + 4 > bytes.length) throw malformed('a header extension begins after the end of the packet');
    start += 4 + 4 * u16(bytes, start + 2);
  }
  let end = bytes.length;
  if (first & 0x20) {
    const padding = bytes[end - 1]!;
    if (padding === 0) throw malformed('padding of no bytes is announced');
    end -= padding;
  }
  if (start > end) throw malformed('the header and padding are longer than the packet');
  const second = bytes[1]!;
  return {
    kind: 'rtp',
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: u16(bytes, 2),
    timestamp: u32(bytes, 4),
    ssrc: u32(bytes, 8),
    payload: bytes.subarray(start, end),
    arrivedAt,
  };
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

const malformed = (message: string): NightglassError =>
  new NightglassError('packets/malformed', `RTP packet: ${message}`);
