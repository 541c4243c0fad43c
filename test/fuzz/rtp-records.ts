/** RTP and RTCP packets as records of one input: a byte that says how long after the one before, then the packet. */

import { NightglassError } from '#wire/nightglass-error.ts';
import { type WallMicros, wallMicros } from '#wire/time.ts';
import { MALFORMED_LIMIT } from '../../server/ingest/rtsp-media.ts';
import { parseSenderReports } from '../../server/packets/rtcp.ts';
import { parseRtp } from '../../server/packets/rtp.ts';
import type { RtpItem, RtpPacket } from '../../server/packets/rtp-item.ts';
import { ARRIVAL, rtpBytes } from '../support/rtp-packetiser.ts';
import { RECORDS } from './parts.ts';

/** RTCP's packet types, as they stand where RTP has marker and payload type (RFC 5761 §4). */
const isRtcp = (packet: Uint8Array): boolean => packet[1]! >= 200 && packet[1]! <= 207;

/** What a reader would make of the records: packets that are none are left out, and too many of them end it. */
export function itemsOf(records: readonly Uint8Array[]): RtpItem[] {
  const items: RtpItem[] = [];
  let refused = 0;
  let arrivedAt = ARRIVAL;
  for (const record of records) {
    arrivedAt = wallMicros(arrivedAt + later(record[0] ?? 0));
    const packet = record.subarray(1);
    if (isRtcp(packet)) items.push(...parseSenderReports(packet));
    else {
      const rtp = unlessRefused(() => parseRtp(packet, arrivedAt));
      if (rtp) items.push(rtp);
      else if (++refused >= MALFORMED_LIMIT) break;
    }
  }
  return items;
}

/** µs from a byte: up to 200 that many ms, and above it seconds either way, which a clock that is set takes. */
const later = (byte: number): number => (byte <= 200 ? byte * 1_000 : (byte - 228) * 10_000_000);

export const inputOf = (packets: readonly RtpPacket[], reports: readonly Uint8Array[] = []): Uint8Array =>
  RECORDS.join(
    packets.flatMap((packet, index) => [
      Buffer.concat([Buffer.of(20), rtpBytes(packet)]),
      ...(index === 1 ? reports.map((report) => Buffer.concat([Buffer.of(0), report])) : []),
    ]),
  );

/** A sender report that says: RTP clock `timestamp` stood at the wall clock of the first packet. */
export function senderReport(timestamp: number, ssrc = 7, wallClock: WallMicros = ARRIVAL): Uint8Array {
  const bytes = Buffer.alloc(28);
  bytes.set([0x80, 200, 0, 6]);
  bytes.writeUInt32BE(ssrc, 4);
  bytes.writeUInt32BE(Math.floor(wallClock / 1e6) + 2_208_988_800, 8);
  bytes.writeUInt32BE(timestamp >>> 0, 16);
  return bytes;
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NightglassError) return undefined;
    throw error;
  }
}
