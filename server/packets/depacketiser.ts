/** RTP packets → the NAL units of one picture: what H.264 (RFC 6184) and H.265 (RFC 7798) share. */
import type { WallMicros } from '#wire/time.ts';
import type { NalUnit } from './nal-unit.ts';
import { type DepacketisedUnit, type NalKind, PictureGrouper } from './picture-grouper.ts';
import type { RtpPacket } from './rtp-item.ts';
import { RtpSequence } from './rtp-sequence.ts';

const FU_START = 0x80;
const FU_END = 0x40;
const NOTHING: readonly DepacketisedUnit[] = [];

/**
 * Puts NAL units together and groups them into pictures; a picture that misses or doubts anything is dropped. The
 * payloads are kept, not copied.
 */
export abstract class Depacketiser {
  readonly #payloadType: number;
  readonly #sequence = new RtpSequence();
  readonly #pictures: PictureGrouper;

  constructor(payloadType: number, kindOf: (nal: NalUnit) => NalKind) {
    this.#payloadType = payloadType;
    this.#pictures = new PictureGrouper(kindOf);
  }

  /**
   * Takes the next packet and returns the pictures it completed: none, one, or seldom two.
   * @throws NightglassError `packets/unsupported-codec` for NAL units sent in another order than they decode in
   */
  push(packet: RtpPacket): readonly DepacketisedUnit[] {
    if (packet.payloadType !== this.#payloadType) {
      this.#sequence.skip(packet);
      return NOTHING;
    }
    const step = this.#sequence.follow(packet);
    if (step === 'late') return NOTHING;
    if (step === 'gap') this.lose();
    if (packet.payload.length === 0) return NOTHING;
    this.#pictures.enter(packet);
    this.takePayload(packet);
    this.#pictures.leave(packet);
    return this.#pictures.finished();
  }

  /** The picture in progress when no more packets come, if there is one that can be whole. */
  end(): readonly DepacketisedUnit[] {
    this.#pictures.end();
    return this.#pictures.finished();
  }

  /** Takes a payload of at least one byte. */
  protected abstract takePayload(packet: RtpPacket): void;

  /** Takes a whole NAL unit: its first byte, and the pieces of the rest. */
  protected takeWhole(header: number, body: Uint8Array[], arrivedAt: WallMicros): void {
    this.#pictures.begin(header, body, arrivedAt);
    this.#pictures.close();
  }

  /**
   * Takes an aggregate apart from `start` on: a 16-bit size before each NAL unit (RFC 6184 §5.7.1, RFC 7798 §4.4.2).
   * @param toSize where the size stands, of a NAL unit before which something else may stand
   */
  protected takeAggregate(
    { payload, arrivedAt }: RtpPacket,
    start: number,
    toSize: (at: number) => number = (at) => at,
  ): void {
    for (let at = start; at < payload.length; ) {
      at = toSize(at);
      const size = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
      at += 2;
      if (at + size > payload.length) {
        this.lose();
        return;
      }
      if (size > 0) this.takeWhole(payload[at]!, [payload.subarray(at + 1, at + size)], arrivedAt);
      at += size;
    }
  }

  /**
   * Takes a piece of a NAL unit (RFC 6184 §5.8, RFC 7798 §4.4.3). Without a gap no fragment is missing, so an end
   * bit that never comes ends with the next NAL unit, and start and end in one packet, which both forbid, is a whole
   * NAL unit: cameras send both.
   * @param fuHeader the FU header, whose two top bits say where the piece stands
   * @param header the NAL unit's first byte
   * @param body the rest of its header, where there is more, and the piece
   */
  protected takeFragment(fuHeader: number, header: number, body: Uint8Array[], arrivedAt: WallMicros): void {
    if (fuHeader & FU_START) this.#pictures.begin(header, body, arrivedAt);
    else this.#pictures.grow(body.at(-1)!);
    if (fuHeader & FU_END) this.#pictures.close();
  }

  /** Something of the payload is missing or damaged. */
  protected lose(): void {
    this.#pictures.lose();
  }
}
