/** NAL units one after another → the pictures they belong to, whatever a camera does with marker and timestamp. */
import type { WallMicros } from '#wire/time.ts';
import { type NalUnit, nalLength } from './nal-unit.ts';
import type { RtpPacket } from './rtp-item.ts';

/**
 * What a NAL unit is to a picture: a slice with a header, the first of its picture or a later one; a part of it
 * without such a header; what stands before a picture, as a rule; or anything else.
 */
export type NalKind = 'first-slice' | 'slice' | 'part' | 'lead' | 'other';

/** Bytes of NAL units in one access unit. A 4K key unit of a good camera has about one. */
export const MAX_UNIT_BYTES = 8 * 1024 * 1024;
/** NAL units in one access unit; 1080p has at most 68 rows of macroblocks, usually one slice each or fewer. */
export const MAX_UNIT_NALS = 1024;

const NOTHING: readonly DepacketisedUnit[] = [];

/** All NAL units of one picture, whole, in the order they came. */
export interface DepacketisedUnit {
  readonly nals: readonly NalUnit[];
  readonly ssrc: number;
  /** u32 in clock-rate units, wraps. */
  readonly rtpTimestamp: number;
  /** Arrival of the unit's first packet; of its first slice, where the timestamp tells no beginning. */
  readonly arrivedAt: WallMicros;
  /** Something between the unit before and this one was lost or damaged. */
  readonly afterLoss: boolean;
}

/**
 * Whether the marker bit ends a picture (RFC 6184 §5.1, RFC 7798 §4.1). It is believed once a picture has come that had
 * it on its last packet and nowhere else: some cameras set it on every slice, others never. Until then, and for them, a
 * picture ends where the next begins, which costs one picture of delay.
 */
type Marker = 'unproven' | 'believed' | 'ignored';

/**
 * Groups NAL units into pictures. A picture ends at a believed marker, at another timestamp, or where an access unit
 * delimiter, a parameter set or an SEI follows a slice (ITU-T H.264 §7.4.1.2.3, H.265 §7.4.2.4.4) and the next slice is
 * the first of its picture: GStreamer's rtph264pay puts parameter sets between the slices of one picture too. After a
 * loss, and at the beginning, no slice is taken until the first one of a picture. Each packet is entered and left; in
 * between its NAL units are begun, grown and closed.
 */
export class PictureGrouper {
  readonly #kindOf: (nal: NalUnit) => NalKind;
  #marker: Marker = 'unproven';
  #awaitingStart = true;
  #lost = false;
  #finished: DepacketisedUnit[] = [];
  #finishedTimestamp: number | undefined;

  #nals: NalUnit[] = [];
  #bytes = 0;
  #hasPicture = false;
  /** From which NAL unit on nothing but leads follows the slices: whose they are, the next slice tells. */
  #leadsFrom: number | undefined;
  /** The pieces of the NAL unit that is not closed yet. */
  #open: Uint8Array[] | undefined;
  #ssrc = 0;
  #timestamp = 0;
  #arrivedAt = 0 as WallMicros;
  #markers = 0;
  #endsWithMarker = false;

  constructor(kindOf: (nal: NalUnit) => NalKind) {
    this.#kindOf = kindOf;
  }

  /** A packet begins, and with another timestamp or source another picture. */
  enter(packet: RtpPacket): void {
    if (packet.timestamp === this.#timestamp && packet.ssrc === this.#ssrc) return;
    if (this.#hasPicture) this.#finish();
    this.#timestamp = packet.timestamp;
    this.#ssrc = packet.ssrc;
    this.#arrivedAt = packet.arrivedAt;
  }

  /** Begins a NAL unit by its first byte and what is there of the rest; `body` becomes the grouper's own. */
  begin(header: number, body: Uint8Array[], arrivedAt: WallMicros): void {
    this.#open = undefined;
    const nal: NalUnit = { header, body };
    const kind = this.#kindOf(nal);
    if (kind === 'first-slice' || kind === 'slice') {
      if (!this.#takesSlice(kind === 'first-slice', arrivedAt)) return;
    } else if (kind === 'lead') {
      if (this.#hasPicture) this.#leadsFrom ??= this.#nals.length;
    } else if (this.#awaitingStart) return;
    if (this.#nals.length === 0) this.#arrivedAt = arrivedAt;
    this.#open = body;
    this.#nals.push(nal);
    if (kind !== 'lead' && kind !== 'other') this.#hasPicture = true;
    this.#count(nalLength(nal));
  }

  /** Adds to the NAL unit that is open; one that is not there, and was not unwanted, is a loss. */
  grow(piece: Uint8Array): void {
    if (this.#open) {
      this.#open.push(piece);
      this.#count(piece.length);
    } else if (!this.#awaitingStart) this.lose();
  }

  /** Nothing more belongs to the NAL unit that is open. */
  close(): void {
    this.#open = undefined;
  }

  /** The packet ends. */
  leave(packet: RtpPacket): void {
    if (!this.#hasPicture || this.#leadsFrom !== undefined) return;
    this.#endsWithMarker = packet.marker;
    if (!packet.marker) return;
    this.#markers++;
    if (this.#marker === 'believed') this.#finish();
  }

  /** Something is missing or damaged: with it the picture in progress, up to the next that is whole. */
  lose(): void {
    this.#reset();
    this.#awaitingStart = true;
    this.#lost = true;
  }

  /** No packet comes any more: what can be whole of the picture in progress is. */
  end(): void {
    if (this.#hasPicture && this.#marker !== 'believed') this.#finish();
  }

  /** Hands over the pictures that ended since the last time. */
  finished(): readonly DepacketisedUnit[] {
    if (this.#finished.length === 0) return NOTHING;
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  /** Finds out to which picture a slice belongs, and whether that one is wanted. */
  #takesSlice(first: boolean, arrivedAt: WallMicros): boolean {
    if (first) {
      this.#awaitingStart = false;
      if (this.#leadsFrom !== undefined) {
        this.#finish();
        this.#arrivedAt = arrivedAt;
      }
    } else if (this.#awaitingStart) {
      this.#reset();
      return false;
    } else if (!this.#hasPicture && this.#timestamp === this.#finishedTimestamp) {
      // A later slice of the picture that a marker has just ended.
      this.#marker = 'ignored';
      this.lose();
      return false;
    }
    this.#leadsFrom = undefined;
    return true;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_UNIT_BYTES || this.#nals.length > MAX_UNIT_NALS) this.lose();
  }

  #finish(): void {
    if (this.#marker === 'unproven' && this.#markers > 0)
      this.#marker = this.#markers === 1 && this.#endsWithMarker ? 'believed' : 'ignored';
    const nals = this.#nals;
    const leadsFrom = this.#leadsFrom ?? nals.length;
    this.#finished.push({
      nals: nals.slice(0, leadsFrom),
      ssrc: this.#ssrc,
      rtpTimestamp: this.#timestamp,
      arrivedAt: this.#arrivedAt,
      afterLoss: this.#lost,
    });
    this.#lost = false;
    this.#finishedTimestamp = this.#timestamp;
    this.#reset();
    this.#nals = nals.slice(leadsFrom);
  }

  #reset(): void {
    this.#nals = [];
    this.#bytes = 0;
    this.#hasPicture = false;
    this.#leadsFrom = undefined;
    this.#open = undefined;
    this.#markers = 0;
    this.#endsWithMarker = false;
  }
}
