/** RTP packets of H.264 → the NAL units of one picture (RFC 6184, packetization modes 0 and 1). */
import { NightglassError } from '#wire/nightglass-error.ts';
import type { WallMicros } from '#wire/time.ts';
import { hasSliceHeader, isPicture, NAL, type NalUnit } from './nal-unit.ts';
import type { RtpPacket } from './rtp-item.ts';
import { RtpSequence } from './rtp-sequence.ts';

/** Bytes of NAL units in one access unit. A 4K key unit of a good camera has about one. */
export const MAX_UNIT_BYTES = 8 * 1024 * 1024;
/** NAL units in one access unit; 1080p has at most 68 rows of macroblocks, usually one slice each or fewer. */
export const MAX_UNIT_NALS = 1024;

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

/** All NAL units of one picture, whole, in the order they came. */
export interface DepacketisedUnit {
  readonly nals: readonly NalUnit[];
  readonly ssrc: number;
  /** u32 in clock-rate units, wraps. */
  readonly rtpTimestamp: number;
  /** Arrival of the unit's first packet. */
  readonly arrivedAt: WallMicros;
  /** Something between the unit before and this one was lost or damaged. */
  readonly afterLoss: boolean;
}

/**
 * Whether the marker bit ends a picture (RFC 6184 §5.1). It is believed once a picture has come that had it on its
 * last packet and nowhere else: some cameras set it on every slice, others never. Until then, and for them, a picture
 * ends where the next begins, which costs one picture of delay.
 */
type Marker = 'unproven' | 'believed' | 'ignored';

/**
 * Puts NAL units together and groups them into pictures. A picture ends at a believed marker, at another timestamp,
 * or where an access unit delimiter, a parameter set or an SEI follows a slice (ITU-T H.264 §7.4.1.2.3). What is
 * damaged is dropped up to the next picture whose beginning is certain. The payloads are kept, not copied.
 */
export class H264Depacketiser {
  readonly #payloadType: number;
  readonly #sequence = new RtpSequence();
  #marker: Marker = 'unproven';
  /** Nothing is taken until a NAL unit that can only stand at the beginning of a picture. */
  #awaitingStart = true;
  #lost = false;
  #finished: DepacketisedUnit[] = [];
  #finishedTimestamp: number | undefined;

  #nals: NalUnit[] = [];
  #bytes = 0;
  #hasPicture = false;
  #fragments: Uint8Array[] | undefined;
  #ssrc = 0;
  #timestamp = 0;
  #arrivedAt = 0 as WallMicros;
  #markers = 0;
  #endsWithMarker = false;

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
    if (step === 'gap') this.#lose();
    if (packet.payload.length === 0) return NOTHING;
    if (packet.timestamp !== this.#timestamp || packet.ssrc !== this.#ssrc) {
      if (this.#hasPicture) this.#finish();
      this.#timestamp = packet.timestamp;
      this.#ssrc = packet.ssrc;
      this.#arrivedAt = packet.arrivedAt;
    }
    this.#takePayload(packet.payload, packet.arrivedAt);
    this.#endsWithMarker = packet.marker && this.#hasPicture;
    if (this.#endsWithMarker) {
      this.#markers++;
      if (this.#marker === 'believed') this.#finish();
    }
    return this.#handOver();
  }

  /** The picture in progress when no more packets come, if there is one that can be whole. */
  end(): readonly DepacketisedUnit[] {
    if (this.#hasPicture && this.#marker !== 'believed') this.#finish();
    return this.#handOver();
  }

  #takePayload(payload: Uint8Array, arrivedAt: WallMicros): void {
    const header = payload[0]!;
    const type = header & 0x1f;
    if (header & FORBIDDEN) this.#lose();
    else if (type === FU_A) this.#takeFragment(payload, arrivedAt);
    else if (type === STAP_A) this.#takeAggregate(payload, arrivedAt);
    else if (type > 0 && type < STAP_A) this.#take(header, payload.subarray(1), arrivedAt);
    else if (INTERLEAVED.has(type))
      throw new NightglassError(
        'packets/unsupported-codec',
        `H.264 in packetization mode 0 or 1 was expected, ${INTERLEAVED.get(type)} of interleaved mode came`,
      );
  }

  /** RFC 6184 §5.7.1: a 16-bit size before each NAL unit. */
  #takeAggregate(payload: Uint8Array, arrivedAt: WallMicros): void {
    for (let at = 1; at < payload.length; ) {
      const size = (payload[at]! << 8) | (payload[at + 1] ?? 0);
      at += 2;
      if (at + size > payload.length) {
        this.#lose();
        return;
      }
      if (size > 0) this.#take(payload[at]!, payload.subarray(at + 1, at + size), arrivedAt);
      at += size;
    }
  }

  /**
   * RFC 6184 §5.8. Without a gap no fragment is missing, so an end bit that never comes ends with the next NAL unit,
   * and start and end in one packet, which §5.8 forbids, is a whole NAL unit: cameras send both.
   */
  #takeFragment(payload: Uint8Array, arrivedAt: WallMicros): void {
    if (payload.length < 2) {
      this.#lose();
      return;
    }
    const header = (payload[0]! & 0xe0) | (payload[1]! & 0x1f);
    const piece = payload.subarray(2);
    if (payload[1]! & FU_START) this.#fragments = this.#take(header, piece, arrivedAt);
    else if (this.#fragments === undefined) {
      if (!this.#awaitingStart) this.#lose();
    } else {
      this.#fragments.push(piece);
      this.#count(piece.length);
    }
    if (payload[1]! & FU_END) this.#fragments = undefined;
  }

  /** Adds a NAL unit, or its first fragment, and returns its pieces; nothing if it was not wanted. */
  #take(header: number, piece: Uint8Array, arrivedAt: WallMicros): Uint8Array[] | undefined {
    this.#fragments = undefined;
    const type = header & 0x1f;
    const firstSlice = hasSliceHeader(type) && startsAtFirstMacroblock(piece);
    const leads = type >= NAL.sei && type <= NAL.aud;
    if (leads && this.#hasPicture) this.#finish();
    if (this.#awaitingStart) {
      if (!leads && !firstSlice) return;
      this.#awaitingStart = false;
    }
    if (this.#continuesFinished(type, firstSlice)) {
      this.#marker = 'ignored';
      this.#lose();
      return;
    }
    if (this.#nals.length === 0) this.#arrivedAt = arrivedAt;
    const body = [piece];
    this.#nals.push({ header, body });
    if (isPicture(type)) this.#hasPicture = true;
    this.#count(piece.length + 1);
    return this.#nals.length === 0 ? undefined : body;
  }

  /** A later slice of the picture that a marker has just ended: the marker lied. */
  #continuesFinished(type: number, firstSlice: boolean): boolean {
    return (
      !this.#hasPicture && hasSliceHeader(type) && !firstSlice && this.#timestamp === this.#finishedTimestamp
    );
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_UNIT_BYTES || this.#nals.length > MAX_UNIT_NALS) this.#lose();
  }

  #lose(): void {
    this.#reset();
    this.#awaitingStart = true;
    this.#lost = true;
  }

  #finish(): void {
    if (this.#marker === 'unproven' && this.#markers > 0)
      this.#marker = this.#markers === 1 && this.#endsWithMarker ? 'believed' : 'ignored';
    this.#finished.push({
      nals: this.#nals,
      ssrc: this.#ssrc,
      rtpTimestamp: this.#timestamp,
      arrivedAt: this.#arrivedAt,
      afterLoss: this.#lost,
    });
    this.#lost = false;
    this.#finishedTimestamp = this.#timestamp;
    this.#reset();
  }

  #reset(): void {
    this.#nals = [];
    this.#bytes = 0;
    this.#hasPicture = false;
    this.#fragments = undefined;
    this.#markers = 0;
    this.#endsWithMarker = false;
  }

  #handOver(): readonly DepacketisedUnit[] {
    if (this.#finished.length === 0) return NOTHING;
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }
}

/** first_mb_in_slice is the slice header's first field, and ue(0) is a single 1 bit. */
const startsAtFirstMacroblock = (sliceBody: Uint8Array): boolean => ((sliceBody[0] ?? 0) & 0x80) !== 0;
