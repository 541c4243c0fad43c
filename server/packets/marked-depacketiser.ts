/** RTP packets → the payload of one picture, for formats that mark where a picture ends: VP8, VP9 and AV1. */
import { MAX_UNIT_BYTES } from './picture-grouper.ts';
import type { RtpInstant } from './rtp-clock.ts';
import type { RtpPacket } from './rtp-item.ts';
import { RtpSequence } from './rtp-sequence.ts';

/** Pieces of one picture; 8 MiB in packets of 1,200 bytes are 7,000. */
const MAX_PIECES = 16_384;
const NOTHING: readonly MarkedPicture[] = [];

/** What one packet brings of a picture. */
export interface Share {
  /** Whether it is the first of its picture; `unsaid` where a format says so of key pictures alone. */
  readonly begins: boolean | 'unsaid';
  /** Nothing more of its picture follows, whatever the marker says. */
  readonly ends: boolean;
  readonly pieces: readonly Uint8Array[];
  /** The first piece goes on with the last one of the packet before. */
  readonly resumes: boolean;
  /** The last piece goes on in the next packet. */
  readonly breaksOff: boolean;
}

/** `foreign` is what another layer brings; undefined what cannot be read. */
export type ReadShare = (payload: Uint8Array) => Share | 'foreign' | undefined;

/** The parts of one picture, whole, in order: AV1's OBU elements, or whatever VP8 and VP9 were cut into. */
export interface MarkedPicture extends RtpInstant {
  /** Each part in the pieces it came in, which are views of the packets. */
  readonly parts: readonly (readonly Uint8Array[])[];
  /** Something between the picture before and this one was lost or damaged. */
  readonly afterLoss: boolean;
}

/**
 * `lost`: what comes is of no use before a picture begins. `between`: whatever comes next begins one. `within`: the
 * parts of one are being gathered.
 */
type State = 'lost' | 'between' | 'within';

/**
 * A picture ends at the marker (RFC 7741 §4.1, RFC 9628 §4.1), or where another timestamp follows without a gap. werift's
 * own depacketisers are not used: they read past the end of a payload that is cut short, take a byte too few off a VP8
 * descriptor that has a temporal layer alone, put no limit on a picture, and do not say what was lost.
 */
export class MarkedDepacketiser {
  readonly #payloadType: number;
  readonly #read: ReadShare;
  readonly #sequence = new RtpSequence();
  #state: State = 'lost';
  #afterLoss = false;
  #finished: MarkedPicture[] = [];

  #instant: RtpInstant | undefined;
  #parts: Uint8Array[][] = [];
  #bytes = 0;
  #pieces = 0;
  /** The last part goes on in the next packet. */
  #open = false;

  constructor(payloadType: number, read: ReadShare) {
    this.#payloadType = payloadType;
    this.#read = read;
  }

  /** Takes the next packet and returns the pictures it completed: none, one, or seldom two. */
  push(packet: RtpPacket): readonly MarkedPicture[] {
    if (packet.payloadType !== this.#payloadType) {
      this.#sequence.skip(packet);
      return NOTHING;
    }
    const step = this.#sequence.follow(packet);
    if (step === 'late') return NOTHING;
    if (step === 'gap') this.#lose();
    else if (packet.timestamp !== this.#instant?.rtpTimestamp) this.#finish();
    const { ssrc, timestamp: rtpTimestamp, arrivedAt } = packet;
    if (this.#state !== 'within') this.#instant = { ssrc, rtpTimestamp, arrivedAt };
    // Browsers that feel the link's width send packets of padding alone.
    if (packet.payload.length === 0) return this.#handOver();
    const share = this.#read(packet.payload);
    if (share === undefined) this.#lose();
    else if (share !== 'foreign') this.#take(share);
    if (packet.marker || (share !== 'foreign' && share?.ends)) this.#finish();
    return this.#handOver();
  }

  /** The picture in progress when no more packets come lacks its end. */
  end(): readonly MarkedPicture[] {
    return NOTHING;
  }

  #handOver(): readonly MarkedPicture[] {
    if (this.#finished.length === 0) return NOTHING;
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  #take({ begins, pieces, resumes, breaksOff }: Share): void {
    if (this.#state === 'lost' && begins !== true) return;
    if ((this.#state === 'between' && begins === false) || resumes !== this.#open) {
      this.#lose();
      return;
    }
    this.#state = 'within';
    pieces.forEach((piece, index) => {
      if (resumes && index === 0) this.#parts.at(-1)?.push(piece);
      else this.#parts.push([piece]);
      this.#bytes += piece.length;
    });
    this.#pieces += pieces.length;
    this.#open = breaksOff;
    if (this.#bytes > MAX_UNIT_BYTES || this.#pieces > MAX_PIECES) this.#lose();
  }

  #finish(): void {
    if (this.#open) this.#lose();
    if (this.#state === 'within' && this.#instant) {
      this.#finished.push({ ...this.#instant, parts: this.#parts, afterLoss: this.#afterLoss });
      this.#afterLoss = false;
      this.#reset();
    }
    // Before the first packet there was no end of a picture.
    if (this.#instant) this.#state = 'between';
  }

  #lose(): void {
    this.#reset();
    this.#state = 'lost';
    this.#afterLoss = true;
  }

  #reset(): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#pieces = 0;
    this.#open = false;
  }
}
