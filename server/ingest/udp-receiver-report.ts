/** What a receiver tells a camera of its packets (RTCP receiver report, RFC 3550 §6.4.2). Pure. */
import type { Micros } from '#wire/time.ts';

/** One packet as it counts in a report. */
export interface ReceivedPacket {
  readonly sequence: number;
  readonly ssrc: number;
  /** u32 in clock-rate units. */
  readonly timestamp: number;
  /** By a clock that never goes back. */
  readonly arrivedAt: Micros;
}

/** H.264 and H.265 have no other (RFC 6184 §8.2.1, RFC 7798 §7.1). */
const CLOCK_RATE = 90_000;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const SENDER_REPORT = 200;
const CNAME = 1;
const BLOCK_BYTES = 24;

/** Counts the packets of one source, the one heard last. */
export class Reception {
  #ssrc: number | undefined;
  #base = 0;
  /** The highest number so far, with the wraps before it above bit 16. */
  #highest = 0;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #transit = 0;
  #jitter = 0;
  #senderReport: { readonly ssrc: number; readonly middle: number; readonly heardAt: Micros } | undefined;

  /** Counts a packet, in the order of arrival. */
  follow({ sequence, ssrc, timestamp, arrivedAt }: ReceivedPacket): void {
    // §6.4.1, in units of the RTP clock.
    const transit = Math.round((arrivedAt * CLOCK_RATE) / 1e6) - timestamp;
    if (ssrc !== this.#ssrc) {
      this.#ssrc = ssrc;
      this.#base = sequence;
      this.#highest = sequence;
      this.#received = 0;
      this.#expectedBefore = 0;
      this.#receivedBefore = 0;
      this.#jitter = 0;
    } else {
      const ahead = (sequence - this.#highest) & 0xffff;
      if (ahead < 0x8000) this.#highest += ahead;
      // A wrap of the RTP clock looks like a day's delay.
      this.#jitter += (Math.abs((transit - this.#transit) | 0) - this.#jitter) / 16;
    }
    this.#transit = transit;
    this.#received += 1;
  }

  /** Takes what the camera sent as RTCP, for the round trip it may want to reckon. */
  hear(rtcp: Uint8Array, heardAt: Micros): void {
    if (rtcp.length < 28 || rtcp[1] !== SENDER_REPORT) return;
    const view = new DataView(rtcp.buffer, rtcp.byteOffset);
    this.#senderReport = { ssrc: view.getUint32(4), middle: view.getUint32(10), heardAt };
  }

  /**
   * A compound packet: the report, and the name that §6.1 asks for beside it.
   * @param ssrc the receiver's own
   * @param name the receiver's canonical name, ASCII
   */
  report(ssrc: number, name: string, now: Micros): Uint8Array {
    const blocks = this.#ssrc === undefined ? 0 : 1;
    const reportBytes = 8 + blocks * BLOCK_BYTES;
    // The item's header, the name, and one to four zeros to the next whole word (§6.5).
    const nameBytes = 8 + ((2 + name.length + 4) & ~3);
    const bytes = new Uint8Array(reportBytes + nameBytes);
    const view = new DataView(bytes.buffer);
    head(view, 0, blocks, RECEIVER_REPORT, reportBytes);
    view.setUint32(4, ssrc);
    if (this.#ssrc !== undefined) this.#writeBlock(view, 8, this.#ssrc, now);
    head(view, reportBytes, 1, SOURCE_DESCRIPTION, nameBytes);
    view.setUint32(reportBytes + 4, ssrc);
    bytes.set([CNAME, name.length, ...Buffer.from(name, 'latin1')], reportBytes + 8);
    return bytes;
  }

  #writeBlock(view: DataView, at: number, ssrc: number, now: Micros): void {
    const expected = this.#highest - this.#base + 1;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    const fraction = expectedNow > 0 && lostNow > 0 ? Math.floor((lostNow * 256) / expectedNow) : 0;
    // 24 bits, signed: packets that came twice may make it negative.
    const lost = Math.max(-0x800000, Math.min(0x7fffff, expected - this.#received));
    view.setUint32(at, ssrc);
    view.setUint32(at + 4, (Math.min(fraction, 255) << 24) | (lost & 0xffffff));
    view.setUint32(at + 8, this.#highest >>> 0);
    view.setUint32(at + 12, Math.min(Math.floor(this.#jitter), 0xffffffff));
    if (this.#senderReport?.ssrc !== ssrc) return;
    view.setUint32(at + 16, this.#senderReport.middle);
    view.setUint32(at + 20, Math.round(((now - this.#senderReport.heardAt) * 65_536) / 1e6));
  }
}

function head(view: DataView, at: number, count: number, type: number, bytes: number): void {
  view.setUint8(at, 0x80 | count);
  view.setUint8(at + 1, type);
  view.setUint16(at + 2, bytes / 4 - 1);
}
