/** Telling decoders that pictures come in the order they are shown, so that they hold none back. */
import { BitWriter } from './bit-writer.ts';
import { withEmulationPrevention, withoutEmulationPrevention } from './emulation-prevention.ts';
import type { SliceHeader } from './h264-slice.ts';
import { readSpsLayout, type Sps } from './h264-sps.ts';

const BASELINE = 66;
/** VUI fields before bitstream_restriction_flag; each zero means: not there. */
const FLAGS_BEFORE_RESTRICTION = 8;
/** What §E.2.1 lets a decoder assume where nothing is said; 15 is the largest length in every edition. */
const UNSAID = {
  motionVectorsOverPicBoundaries: true,
  maxBytesPerPicDenom: 2,
  maxBitsPerMbDenom: 1,
  log2MaxMvLengthHorizontal: 15,
  log2MaxMvLengthVertical: 15,
};

/**
 * The same SPS NAL unit with bitstream_restriction saying that no picture is reordered and that the decoder needs
 * to keep no more than the reference frames (ITU-T H.264 §E.2.1). Without it a decoder must assume that as many are
 * reordered as its buffer holds, and shows the first one that many late. All other fields keep their bits.
 * @throws NightglassError `packets/malformed`
 */
export function withoutReordering(nal: Uint8Array): Uint8Array {
  const raw = withoutEmulationPrevention(nal.subarray(1));
  const { sps, vuiFlagAt, restrictionFlagAt } = readSpsLayout(raw);
  if (sps.vui?.bitstreamRestriction?.maxNumReorderFrames === 0) return nal;
  const bits = new BitWriter();
  if (restrictionFlagAt === undefined) {
    bits.copy(raw, vuiFlagAt);
    bits.bit(1);
    for (let flag = 0; flag < FLAGS_BEFORE_RESTRICTION; flag++) bits.bit(0);
  } else {
    bits.copy(raw, restrictionFlagAt);
  }
  const said = sps.vui?.bitstreamRestriction ?? UNSAID;
  bits.bit(1);
  bits.bit(said.motionVectorsOverPicBoundaries ? 1 : 0);
  bits.unsigned(said.maxBytesPerPicDenom);
  bits.unsigned(said.maxBitsPerMbDenom);
  bits.unsigned(said.log2MaxMvLengthHorizontal);
  bits.unsigned(said.log2MaxMvLengthVertical);
  bits.unsigned(0);
  bits.unsigned(Math.max(sps.maxNumRefFrames, 1));
  const body = withEmulationPrevention(bits.finish());
  const rewritten = new Uint8Array(1 + body.length);
  rewritten[0] = nal[0]!;
  rewritten.set(body, 1);
  return rewritten;
}

/**
 * Whether a stream shows pictures in another order than it sends them. What the SPS says is believed, except where
 * it cannot be (baseline, pic_order_cnt_type 2). Where it says nothing, hardly any camera reorders, so pictures
 * count as in order until a B picture comes that is shown before one already sent; from then on, and up to the end
 * of the connection, they count as reordered. Order is told by picture order counts (§8.2.1), not by timestamps,
 * because the decoder goes by them: low-delay B pictures do not count, and neither do clocks that jitter.
 */
export class ReorderingWatch {
  #seen = false;
  #lsb = 0;
  /** The picture order count, wraps taken out, from wherever it began. */
  #count = 0;
  #highest = 0;

  reorders(sps: Sps): boolean {
    if (sps.profileIdc === BASELINE || sps.pictureOrderCount.type === 2) return false;
    return this.#seen || (sps.vui?.bitstreamRestriction?.maxNumReorderFrames ?? 0) > 0;
  }

  /** Takes the first slice header of each picture, in the order sent. */
  see(slice: SliceHeader, sps: Sps): void {
    if (this.#seen) return;
    const { pictureOrderCount } = sps;
    if (pictureOrderCount.type === 1) this.#seen = slice.type === 'B';
    if (pictureOrderCount.type !== 0) return;
    const lsb = slice.pictureOrderCountLsb;
    this.#count += nearerWay(lsb - this.#lsb, 2 ** pictureOrderCount.log2MaxLsb);
    this.#lsb = lsb;
    if (slice.type === 'B' && this.#count < this.#highest) this.#seen = true;
    this.#highest = slice.idr ? this.#count : Math.max(this.#highest, this.#count);
  }
}

/**
 * The difference of two counts that wrap at `max`. §8.2.1.1 reckons from the reference picture before; in a stream that
 * is in order so far, the picture before gives the same.
 */
const nearerWay = (difference: number, max: number): number => {
  const up = (difference + max) % max;
  return up <= max / 2 ? up : up - max;
};
