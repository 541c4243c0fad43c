/** The beginning of an H.264 slice header (ITU-T H.264 §7.3.3), and the recovery point SEI (§D.1.8). */
import { BitReader, unlessMalformed } from './bit-reader.ts';
import { withoutEmulationPrevention } from './emulation-prevention.ts';
import { NAL, nalType } from './h264-nal.ts';
import type { Sps } from './h264-sps.ts';
import { type NalUnit, nalBytes } from './nal-unit.ts';

/** The fields up to pic_order_cnt_lsb take at most 22 bytes before emulation prevention. */
const HEADER_BYTES = 40;
const SLICE_TYPES = ['P', 'B', 'I', 'SP', 'SI'] as const;
const RECOVERY_POINT = 6;

export interface SliceHeader {
  readonly idr: boolean;
  readonly type: (typeof SLICE_TYPES)[number];
  readonly ppsId: number;
  /** 0 where the SPS is unknown or has no such field. */
  readonly pictureOrderCountLsb: number;
}

/**
 * Reads the header of a slice NAL unit, with the SPS that its PPS refers to.
 * @returns nothing if it is not one a decoder could read
 */
export const readSliceHeader = (
  nal: NalUnit,
  spsOf: (ppsId: number) => Sps | undefined,
): SliceHeader | undefined =>
  unlessMalformed(() => {
    const bits = new BitReader(withoutEmulationPrevention(nalBytes(nal, HEADER_BYTES).subarray(1)), 'slice');
    bits.unsigned('first_mb_in_slice');
    const type = SLICE_TYPES[bits.unsigned('slice_type', 9) % 5]!;
    const ppsId = bits.unsigned('pic_parameter_set_id', 255);
    const idr = nalType(nal) === NAL.idr;
    const sps = spsOf(ppsId);
    const pictureOrderCountLsb = sps ? readPictureOrderCountLsb(bits, idr, sps) : 0;
    return { idr, type, ppsId, pictureOrderCountLsb };
  });

function readPictureOrderCountLsb(bits: BitReader, idr: boolean, sps: Sps): number {
  if (sps.pictureOrderCount.type !== 0) return 0;
  if (sps.separateColourPlane) bits.bits(2);
  bits.bits(sps.log2MaxFrameNum);
  if (!sps.frameMbsOnly && bits.flag()) bits.flag(); // field_pic_flag, bottom_field_flag
  if (idr) bits.unsigned('idr_pic_id', 65535);
  return bits.bits(sps.pictureOrderCount.log2MaxLsb);
}

/**
 * Whether an SEI NAL unit says that decoding may begin at its picture and is exact from it on: a recovery point with
 * recovery_frame_cnt 0, the key picture of an open GOP. Chromium takes it as a key chunk.
 */
export function isRecoveryPoint(sei: NalUnit): boolean {
  const raw = withoutEmulationPrevention(nalBytes(sei).subarray(1));
  let at = 0;
  const value = (): number => {
    let sum = 0;
    while (raw[at] === 0xff) {
      sum += 255;
      at++;
    }
    return sum + (raw[at++] ?? 0);
  };
  while (at + 2 < raw.length) {
    const type = value();
    const size = value();
    // ue(0) is a single 1 bit
    if (type === RECOVERY_POINT && size > 0 && (raw[at] ?? 0) & 0x80) return true;
    at += size;
  }
  return false;
}
