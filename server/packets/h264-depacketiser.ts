/** RTP packets of H.264 → the NAL units of one picture (RFC 6184, packetization modes 0 and 1). */
import { NightglassError } from '#wire/nightglass-error.ts';
import type { WallMicros } from '#wire/time.ts';
import { type DepacketisedUnit, PictureGrouper } from './h264-picture-grouper.ts';
import type { RtpPacket } from './rtp-item.ts';
import { RtpSequence } from './rtp-sequence.ts';

const STAP_A = 24;
const FU_A = 28;
const INTERLEAVED = new Map([
  [25, 'STAP-B'],
  [26, 'MTAP16'],
  [27, 'MTAP24'],
  [29, 'FU-B'],
]);
const FORBIDDEN = 0x80;
const FU_START = 0x80;
const FU_END = 0x40;
const NOTHING: readonly DepacketisedUnit[] = [];

/**
 * Puts NAL units together and groups them into pictures; a picture that misses or doubts anything is dropped. The
 * payloads are kept, not copied.
 */
export class H264Depacketiser {
  readonly #payloadType: number;
  readonly #sequence = new RtpSequence();
  readonly #pictures = new PictureGrouper();

  constructor(payloadType: number) {
    this.#payloadType = payloadType;
  }

  /**
   * Takes the next packet and returns the pictures it completed: none, one, or seldom two.
   * @throws NightglassError `packets/unsupported-codec` for interleaved mode (packetization-mode 2)
   */
  push(packet: RtpPacket): readonly DepacketisedUnit[] {
    if (packet.payloadType !== this.#payloadType) {
      this.#sequence.skip(packet);
      return NOTHING;
    }
    const step = this.#sequence.follow(packet);
    if (step === 'late') return NOTHING;
    if (step === 'gap') this.#pictures.lose();
    if (packet.payload.length === 0) return NOTHING;
    this.#pictures.enter(packet);
    this.#takePayload(packet);
    this.#pictures.leave(packet);
    return this.#pictures.finished();
  }

  /** The picture in progress when no more packets come, if there is one that can be whole. */
  end(): readonly DepacketisedUnit[] {
    this.#pictures.end();
    return this.#pictures.finished();
  }

  #takePayload(packet: RtpPacket): void {
    const { payload } = packet;
    const header = payload[0]!;
    const type = header & 0x1f;
    if (header & FORBIDDEN) this.#pictures.lose();
    else if (type === FU_A) this.#takeFragment(packet);
    else if (type === STAP_A) this.#takeAggregate(packet);
    else if (type > 0 && type < STAP_A) this.#takeWhole(payload, packet.arrivedAt);
    else if (INTERLEAVED.has(type))
      throw new NightglassError(
        'packets/unsupported-codec',
        `H.264 in packetization mode 0 or 1 was expected, ${INTERLEAVED.get(type)} of interleaved mode came`,
      );
  }

  #takeWhole(nal: Uint8Array, arrivedAt: WallMicros): void {
    this.#pictures.begin(nal[0]!, nal.subarray(1), arrivedAt);
    this.#pictures.close();
  }

  /** RFC 6184 §5.7.1: a 16-bit size before each NAL unit. */
  #takeAggregate({ payload, arrivedAt }: RtpPacket): void {
    for (let at = 1; at < payload.length; ) {
      const size = (payload[at]! << 8) | (payload[at + 1] ?? 0);
      at += 2;
      if (at + size > payload.length) {
        this.#pictures.lose();
        return;
      }
      if (size > 0) this.#takeWhole(payload.subarray(at, at + size), arrivedAt);
      at += size;
    }
  }

  /**
   * RFC 6184 §5.8. Without a gap no fragment is missing, so an end bit that never comes ends with the next NAL unit,
   * and start and end in one packet, which §5.8 forbids, is a whole NAL unit: cameras send both.
   */
  #takeFragment({ payload, arrivedAt }: RtpPacket): void {
    if (payload.length < 2) {
      this.#pictures.lose();
      return;
    }
    const header = (payload[0]! & 0xe0) | (payload[1]! & 0x1f);
    const piece = payload.subarray(2);
    if (payload[1]! & FU_START) this.#pictures.begin(header, piece, arrivedAt);
    else this.#pictures.grow(piece);
    if (payload[1]! & FU_END) this.#pictures.close();
  }
}
