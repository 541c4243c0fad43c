/** RTP packets of H.265 → the NAL units of one picture (RFC 7798), sent in the order they decode in. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { Depacketiser } from './depacketiser.ts';
import { HEADER_BYTES, nalKind } from './h265-nal.ts';
import type { H265Track, RtpPacket } from './rtp-item.ts';

const AGGREGATE = 48;
const FRAGMENT = 49;
const PACI = 50;
const FORBIDDEN = 0x80;
/** nuh_temporal_id_plus1, which is never 0. */
const TEMPORAL_ID = 0x07;

/**
 * Refuses NAL units that are interleaved, and PACI packets (RFC 7798 §4.4.4), whose extension no camera is known to
 * use. Decoding order numbers are followed only to see that they rise: then the order sent is the one to decode in.
 */
export class H265Depacketiser extends Depacketiser {
  readonly #numbered: boolean;
  /** u16, wraps. */
  #lastNumber: number | undefined;

  constructor({
    payloadType,
    decodingOrderNumbers,
  }: Pick<H265Track, 'payloadType' | 'decodingOrderNumbers'>) {
    super(payloadType, nalKind);
    this.#numbered = decodingOrderNumbers;
  }

  protected takePayload(packet: RtpPacket): void {
    const { payload } = packet;
    const type = (payload[0]! >> 1) & 0x3f;
    if (payload[0]! & FORBIDDEN || ((payload[1] ?? 0) & TEMPORAL_ID) === 0) this.lose();
    else if (type < AGGREGATE) this.#takeSingle(packet);
    else if (type === AGGREGATE) this.#takeAggregate(packet);
    else if (type === FRAGMENT) this.#takeFragment(packet);
    else if (type === PACI)
      throw refusal(
        'H.265 in single, aggregation and fragmentation packets was expected, a PACI packet came',
      );
  }

  /** RFC 7798 §4.4.1. */
  #takeSingle({ payload, arrivedAt }: RtpPacket): void {
    const start = this.#passNumber(payload, HEADER_BYTES);
    this.takeWhole(payload[0]!, [secondByte(payload), payload.subarray(start)], arrivedAt);
  }

  /** RFC 7798 §4.4.2: a number before the first NAL unit's size, its distance from the last before the others'. */
  #takeAggregate(packet: RtpPacket): void {
    const { payload } = packet;
    this.takeAggregate(packet, HEADER_BYTES, (at) => {
      if (!this.#numbered) return at;
      if (at === HEADER_BYTES) return this.#passNumber(payload, at);
      this.#follow((this.#lastNumber ?? 0) + 1 + (payload[at] ?? 0));
      return at + 1;
    });
  }

  /** RFC 7798 §4.4.3: the FU header has the NAL unit's type; a number stands in the first piece alone. */
  #takeFragment({ payload, arrivedAt }: RtpPacket): void {
    const fuHeader = payload[HEADER_BYTES];
    if (fuHeader === undefined) {
      this.lose();
      return;
    }
    const header = (payload[0]! & 0x81) | ((fuHeader & 0x3f) << 1);
    const afterHeaders = HEADER_BYTES + 1;
    const start = fuHeader & 0x80 ? this.#passNumber(payload, afterHeaders) : afterHeaders;
    this.takeFragment(fuHeader, header, [secondByte(payload), payload.subarray(start)], arrivedAt);
  }

  /** Where it goes on after the number that stands at `at`, if there are numbers. */
  #passNumber(payload: Uint8Array, at: number): number {
    if (!this.#numbered) return at;
    this.#follow(((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0));
    return at + 2;
  }

  #follow(number: number): void {
    const last = this.#lastNumber;
    this.#lastNumber = number & 0xffff;
    if (last !== undefined && ((number - last) & 0xffff) >= 0x8000)
      throw refusal(
        `H.265 in the order it decodes in was expected, decoding order number ${this.#lastNumber} came after ${last}`,
      );
  }
}

/** The second byte of the payload header is that of the NAL unit too: layer and temporal id. */
const secondByte = (payload: Uint8Array): Uint8Array => payload.subarray(1, HEADER_BYTES);

const refusal = (message: string): NightglassError =>
  new NightglassError('packets/unsupported-codec', message);
