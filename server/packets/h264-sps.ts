/** The H.264 sequence parameter set (ITU-T H.264 §7.3.2.1.1): what a decoder must know before the first picture. */
import type { VideoConfig } from '#wire/access-unit.ts';
import { BitReader, unlessMalformed } from './bit-reader.ts';
import { withoutEmulationPrevention } from './emulation-prevention.ts';
import { readVui, type Vui } from './h264-vui.ts';

/** Profiles whose SPS says more about colour and scaling (§7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** Macroblocks of 16 pixels; the wire takes pictures of up to 16384 a side. */
const MAX_SIDE_IN_MBS = 1024;

/** How the order of output is told (§8.2.1): pic_order_cnt_type 0, 1 or 2. With 2 it is the order of decoding. */
export type PictureOrderCount =
  | { readonly type: 0; readonly log2MaxLsb: number }
  | {
      readonly type: 1;
      readonly deltaAlwaysZero: boolean;
      readonly offsetForNonRefPic: number;
      readonly offsetForTopToBottomField: number;
      readonly offsetsForRefFrame: readonly number[];
    }
  | { readonly type: 2 };

/** The fields of the standard by their own names. Scaling lists are stepped over. */
export interface Sps {
  readonly profileIdc: number;
  /** constraint_set0_flag (the top bit) to constraint_set5_flag, and two reserved bits. */
  readonly constraints: number;
  readonly levelIdc: number;
  readonly id: number;
  readonly chromaFormatIdc: number;
  readonly separateColourPlane: boolean;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  readonly log2MaxFrameNum: number;
  readonly pictureOrderCount: PictureOrderCount;
  readonly maxNumRefFrames: number;
  readonly gapsInFrameNumAllowed: boolean;
  readonly widthInMbs: number;
  readonly heightInMapUnits: number;
  readonly frameMbsOnly: boolean;
  readonly mbAdaptiveFrameField: boolean;
  readonly direct8x8Inference: boolean;
  /** In cropping units, §7.4.2.1.1. */
  readonly cropping: {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  };
  /** Pixels, after cropping. */
  readonly width: number;
  readonly height: number;
  /** Nothing where there is none, and where it ends too early: what stands before it holds all the same. */
  readonly vui: Vui | undefined;
}

/** An SPS and where in its raw byte sequence payload the flags stand that `withoutReordering` turns. */
export interface SpsLayout {
  readonly sps: Sps;
  /** Bit offset of vui_parameters_present_flag. */
  readonly vuiFlagAt: number;
  /** Bit offset of bitstream_restriction_flag, if there is a readable VUI. */
  readonly restrictionFlagAt: number | undefined;
}

/**
 * Reads an SPS NAL unit (header byte first, no start code, emulation prevention in place).
 * @throws NightglassError `packets/malformed`
 */
export const parseSps = (nal: Uint8Array): Sps =>
  readSpsLayout(withoutEmulationPrevention(nal.subarray(1))).sps;

/** What a decoder is configured with; the codec string is of RFC 6381 §3.3, e.g. `avc1.640028`. */
export const configOf = (sps: Sps): VideoConfig => ({
  codec: `avc1.${[sps.profileIdc, sps.constraints, sps.levelIdc].map(hexByte).join('')}`,
  codedWidth: sps.width,
  codedHeight: sps.height,
  format: 'annexb',
});

/** @throws NightglassError `packets/malformed` */
export function readSpsLayout(raw: Uint8Array): SpsLayout {
  const bits = new BitReader(raw, 'SPS');
  const profileIdc = bits.bits(8);
  const constraints = bits.bits(8);
  const levelIdc = bits.bits(8);
  const id = bits.unsigned('seq_parameter_set_id', 31);
  const colour = readColour(bits, profileIdc);
  const log2MaxFrameNum = 4 + bits.unsigned('log2_max_frame_num_minus4', 12);
  const pictureOrderCount = readPictureOrderCount(bits);
  const maxNumRefFrames = bits.unsigned('max_num_ref_frames', 16);
  const gapsInFrameNumAllowed = bits.flag();
  const widthInMbs = 1 + bits.unsigned('pic_width_in_mbs_minus1', MAX_SIDE_IN_MBS - 1);
  const heightInMapUnits = 1 + bits.unsigned('pic_height_in_map_units_minus1', MAX_SIDE_IN_MBS - 1);
  const frameMbsOnly = bits.flag();
  const mbAdaptiveFrameField = !frameMbsOnly && bits.flag();
  const direct8x8Inference = bits.flag();
  const cropping = readCropping(bits);
  const { chromaFormatIdc, separateColourPlane } = colour;
  const fields = frameMbsOnly ? 1 : 2;
  const cropX = !separateColourPlane && (chromaFormatIdc === 1 || chromaFormatIdc === 2) ? 2 : 1;
  const cropY = (!separateColourPlane && chromaFormatIdc === 1 ? 2 : 1) * fields;
  const width = 16 * widthInMbs - cropX * (cropping.left + cropping.right);
  const height = 16 * heightInMapUnits * fields - cropY * (cropping.top + cropping.bottom);
  if (width <= 0 || height <= 0 || height > 16 * MAX_SIDE_IN_MBS)
    throw bits.malformed(`a picture of 1 to 16384 pixels a side was expected, ${width}×${height} came`);
  const vuiFlagAt = bits.position;
  const usability = bits.flag() ? tryReadVui(bits) : undefined;
  const sps: Sps = {
    profileIdc,
    constraints,
    levelIdc,
    id,
    ...colour,
    log2MaxFrameNum,
    pictureOrderCount,
    maxNumRefFrames,
    gapsInFrameNumAllowed,
    widthInMbs,
    heightInMapUnits,
    frameMbsOnly,
    mbAdaptiveFrameField,
    direct8x8Inference,
    cropping,
    width,
    height,
    vui: usability?.vui,
  };
  return { sps, vuiFlagAt, restrictionFlagAt: usability?.restrictionFlagAt };
}

function readColour(bits: BitReader, profileIdc: number) {
  if (!HIGH_PROFILES.has(profileIdc))
    return { chromaFormatIdc: 1, separateColourPlane: false, bitDepthLuma: 8, bitDepthChroma: 8 };
  const chromaFormatIdc = bits.unsigned('chroma_format_idc', 3);
  const separateColourPlane = chromaFormatIdc === 3 && bits.flag();
  const bitDepthLuma = 8 + bits.unsigned('bit_depth_luma_minus8', 6);
  const bitDepthChroma = 8 + bits.unsigned('bit_depth_chroma_minus8', 6);
  bits.flag(); // qpprime_y_zero_transform_bypass_flag
  if (bits.flag()) {
    const lists = chromaFormatIdc === 3 ? 12 : 8;
    for (let list = 0; list < lists; list++) if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
  }
  return { chromaFormatIdc, separateColourPlane, bitDepthLuma, bitDepthChroma };
}

/** §7.3.2.1.1.1: a next scale of 0 ends the list. */
function skipScalingList(bits: BitReader, size: number): void {
  let scale = 8;
  for (let at = 0; at < size && scale !== 0; at++) scale = (scale + bits.signed('delta_scale') + 256) % 256;
}

function readPictureOrderCount(bits: BitReader): PictureOrderCount {
  const type = bits.unsigned('pic_order_cnt_type', 2);
  if (type === 2) return { type };
  if (type === 0) return { type, log2MaxLsb: 4 + bits.unsigned('log2_max_pic_order_cnt_lsb_minus4', 12) };
  return {
    type: 1,
    deltaAlwaysZero: bits.flag(),
    offsetForNonRefPic: bits.signed('offset_for_non_ref_pic'),
    offsetForTopToBottomField: bits.signed('offset_for_top_to_bottom_field'),
    offsetsForRefFrame: Array.from(
      { length: bits.unsigned('num_ref_frames_in_pic_order_cnt_cycle', 255) },
      () => bits.signed('offset_for_ref_frame'),
    ),
  };
}

function readCropping(bits: BitReader) {
  if (!bits.flag()) return { left: 0, right: 0, top: 0, bottom: 0 };
  return {
    left: bits.unsigned('frame_crop_left_offset'),
    right: bits.unsigned('frame_crop_right_offset'),
    top: bits.unsigned('frame_crop_top_offset'),
    bottom: bits.unsigned('frame_crop_bottom_offset'),
  };
}

/** Encoders are known to cut the VUI short, and decoders to go on; FFmpeg's h264_ps.c does. */
const tryReadVui = (bits: BitReader) => unlessMalformed(() => readVui(bits));

const hexByte = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');
