/** RTCP sender reports (RFC 3550 §6.4.1): at which wall clock the camera's RTP clock stood. */
import { wallMicros } from '#wire/time.ts';
import type { SenderReport } from './rtp-item.ts';

const SENDER_REPORT = 200;
const SENDER_REPORT_BYTES = 28;
const NTP_TO_UNIX_SECONDS = 2_208_988_800;
const NTP_ERA_SECONDS = 2 ** 32;

/**
 * The sender reports of a compound RTCP packet, in order. Reads as far as the bytes are well formed and never
 * throws: a report only refines the clock, and losing one costs nothing. A report whose clock is zero is left out
 * (RFC 3550 §6.4.1: the sender knows no wall clock).
 */
export function parseSenderReports(bytes: Uint8Array): SenderReport[] {
  const reports: SenderReport[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = 4 + 4 * view.getUint16(at + 2);
    if (view.getUint8(at) >> 6 !== 2 || at + length > bytes.length) break;
    if (view.getUint8(at + 1) === SENDER_REPORT && length >= SENDER_REPORT_BYTES) {
      const seconds = view.getUint32(at + 8);
      const fraction = view.getUint32(at + 12);
      if (seconds !== 0 || fraction !== 0)
        reports.push({
          kind: 'sender-report',
          ssrc: view.getUint32(at + 4),
          wallClock: fromNtp(seconds, fraction),
          timestamp: view.getUint32(at + 16),
        });
    }
    at += length;
  }
  return reports;
}

/** RFC 4330 §3: seconds without their top bit belong to the era that begins in 2036. */
function fromNtp(seconds: number, fraction: number) {
  const sinceEra0 = seconds < 2 ** 31 ? seconds + NTP_ERA_SECONDS : seconds;
  return wallMicros((sinceEra0 - NTP_TO_UNIX_SECONDS) * 1e6 + Math.round((fraction * 1e6) / 2 ** 32));
}
