/** Whether an RTP packet follows the one before it (RFC 3550 §A.1). */
import type { RtpPacket } from './rtp-item.ts';

const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;

/** `next`: nothing is missing. `gap`: packets before it are missing for good. `late`: a repetition or too late. */
export type SequenceStep = 'next' | 'gap' | 'late';

/** Follows the sequence numbers of one track. Reordering is the transport's to undo, before packets come here. */
export class RtpSequence {
  #ssrc: number | undefined;
  #expected = 0;
  /** What would follow the last number that was far off; two far ones in a row mean the sender began anew. */
  #restart: number | undefined;

  follow(packet: RtpPacket): SequenceStep {
    const { sequence, ssrc } = packet;
    if (ssrc !== this.#ssrc) {
      const first = this.#ssrc === undefined;
      this.#ssrc = ssrc;
      return this.#accept(sequence, first ? 'next' : 'gap');
    }
    const ahead = (sequence - this.#expected) & 0xffff;
    if (ahead === 0) return this.#accept(sequence, 'next');
    if (ahead < MAX_DROPOUT || sequence === this.#restart) return this.#accept(sequence, 'gap');
    if (ahead < 0x10000 - MAX_MISORDER) this.#restart = (sequence + 1) & 0xffff;
    return 'late';
  }

  /** Counts a packet of another payload type that shares the numbers, such as forward error correction. */
  skip(packet: RtpPacket): void {
    if (packet.ssrc === this.#ssrc && packet.sequence === this.#expected)
      this.#accept(packet.sequence, 'next');
  }

  #accept(sequence: number, step: SequenceStep): SequenceStep {
    this.#expected = (sequence + 1) & 0xffff;
    this.#restart = undefined;
    return step;
  }
}
