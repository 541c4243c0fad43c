/** RTP packets of H.264 → the NAL units of one picture (RFC 6184, packetization modes 0 and 1). */
import { NightglassError } from '#wire/nightglass-error.ts';
import { Depacketiser } from './depacketiser.ts';
import { nalKind } from './h264-nal.ts';
import type { RtpPacket } from './rtp-item.ts';

const STAP_A = 24;
const FU_A = 28;
const INTERLEAVED = new Map([
  [25, 'STAP-B'],
  [26, 'MTAP16'],
  [27, 'MTAP24'],
  [29, 'FU-B'],
]);
const FORBIDDEN = 0x80;

/** Refuses interleaved mode (packetization-mode 2). */
export class H264Depacketiser extends Depacketiser {
  constructor(payloadType: number) {
    super(payloadType, nalKind);
  }

  protected takePayload(packet: RtpPacket): void {
    const { payload, arrivedAt } = packet;
    const header = payload[0]!;
    const type = header & 0x1f;
    if (header & FORBIDDEN) this.lose();
    else if (type === FU_A) this.#takeFuA(packet);
    else if (type === STAP_A) this.takeAggregate(packet, 1);
    else if (type > 0 && type < STAP_A) this.takeWhole(header, [payload.subarray(1)], arrivedAt);
    else if (INTERLEAVED.has(type))
      throw new NightglassError(
        'packets/unsupported-codec',
        `H.264 in packetization mode 0 or 1 was expected, ${INTERLEAVED.get(type)} of interleaved mode came`,
      );
  }

  #takeFuA({ payload, arrivedAt }: RtpPacket): void {
    const fuHeader = payload[1];
    if (fuHeader === undefined) {
      this.lose();
      return;
    }
    const header = (payload[0]! & 0xe0) | (fuHeader & 0x1f);
    this.takeFragment(fuHeader, header, [payload.subarray(2)], arrivedAt);
  }
}
