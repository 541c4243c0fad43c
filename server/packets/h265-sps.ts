/** The H.265 sequence parameter set (ITU-T H.265 §7.3.2.2.1): what must be known before the first picture. */
import type { VideoConfig } from '#wire/access-unit.ts';
import { BitReader } from './bit-reader.ts';
import { withoutEmulationPrevention } from './emulation-prevention.ts';
import { HEADER_BYTES } from './h265-nal.ts';

/** The wire takes pictures of up to 16384 a side. */
const MAX_SIDE = 16_384;
const MAX_SUB_LAYERS = 7;
const CONSTRAINT_BYTES = 6;

/** profile_tier_level (§7.3.3): what a decoder must be able to do. */
export interface ProfileTierLevel {
  /** 0 to 3. */
  readonly profileSpace: number;
  readonly highTier: boolean;
  readonly profileIdc: number;
  /** general_profile_compatibility_flag[j] is bit 31 − j. */
  readonly compatibility: number;
  /** The six bytes of flags from general_progressive_source_flag on. */
  readonly constraints: readonly number[];
  /** 30 times the level's number. */
  readonly levelIdc: number;
}

/** The fields of the standard by their own names. */
export interface Sps {
  readonly vpsId: number;
  /** sps_max_sub_layers_minus1 + 1. */
  readonly maxSubLayers: number;
  readonly profileTierLevel: ProfileTierLevel;
  readonly id: number;
  readonly chromaFormatIdc: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  /** Pixels, after the conformance window. */
  readonly width: number;
  readonly height: number;
  /** How many pictures may come before a picture in decoding order and after it in output order, at most. */
  readonly maxNumReorderPics: number;
}

/**
 * Reads an SPS NAL unit of the base layer (header first, no start code, emulation prevention in place).
 * @throws NightglassError `packets/malformed`
 */
export function parseSps(nal: Uint8Array): Sps {
  const bits = new BitReader(withoutEmulationPrevention(nal.subarray(HEADER_BYTES)), 'SPS');
  const vpsId = bits.bits(4);
  const maxSubLayers = bits.bits(3) + 1;
  if (maxSubLayers > MAX_SUB_LAYERS)
    throw bits.malformed(`at most ${MAX_SUB_LAYERS} sub-layers were expected, ${maxSubLayers} came`);
  bits.flag(); // sps_temporal_id_nesting_flag
  const profileTierLevel = readProfileTierLevel(bits, maxSubLayers);
  const id = bits.unsigned('sps_seq_parameter_set_id', 15);
  const chromaFormatIdc = bits.unsigned('chroma_format_idc', 3);
  if (chromaFormatIdc === 3) bits.flag(); // separate_colour_plane_flag
  const { width, height } = readSize(bits, chromaFormatIdc);
  const bitDepthLuma = 8 + bits.unsigned('bit_depth_luma_minus8', 8);
  const bitDepthChroma = 8 + bits.unsigned('bit_depth_chroma_minus8', 8);
  bits.unsigned('log2_max_pic_order_cnt_lsb_minus4', 12);
  const maxNumReorderPics = readMaxNumReorderPics(bits, maxSubLayers);
  return {
    vpsId,
    maxSubLayers,
    profileTierLevel,
    id,
    chromaFormatIdc,
    bitDepthLuma,
    bitDepthChroma,
    width,
    height,
    maxNumReorderPics,
  };
}

/**
 * What a decoder is configured with; the codec string is of ISO/IEC 14496-15 §E.3, e.g. `hev1.1.6.L93.B0`: `hev1`
 * says that parameter sets come in band, and `hvc1` would promise that they do not.
 */
export function configOf(sps: Sps): VideoConfig {
  const { profileSpace, profileIdc, compatibility, highTier, levelIdc, constraints } = sps.profileTierLevel;
  const lastConstraint = constraints.findLastIndex((byte) => byte !== 0);
  const codec = [
    'hev1',
    `${['', 'A', 'B', 'C'][profileSpace]}${profileIdc}`,
    reversed32(compatibility).toString(16).toUpperCase(),
    `${highTier ? 'H' : 'L'}${levelIdc}`,
    ...constraints.slice(0, lastConstraint + 1).map((byte) => byte.toString(16).toUpperCase()),
  ].join('.');
  return { codec, codedWidth: sps.width, codedHeight: sps.height, format: 'annexb' };
}

function readProfileTierLevel(bits: BitReader, maxSubLayers: number): ProfileTierLevel {
  const profileTierLevel = {
    profileSpace: bits.bits(2),
    highTier: bits.flag(),
    profileIdc: bits.bits(5),
    compatibility: bits.bits(32),
    constraints: Array.from({ length: CONSTRAINT_BYTES }, () => bits.bits(8)),
    levelIdc: bits.bits(8),
  };
  const subLayers = Array.from({ length: maxSubLayers - 1 }, () => ({
    hasProfile: bits.flag(),
    hasLevel: bits.flag(),
  }));
  if (subLayers.length > 0) bits.bits(2 * (8 - subLayers.length)); // reserved_zero_2bits
  for (const { hasProfile, hasLevel } of subLayers) {
    if (hasProfile) for (let byte = 0; byte < 11; byte++) bits.bits(8);
    if (hasLevel) bits.bits(8);
  }
  return profileTierLevel;
}

function readSize(bits: BitReader, chromaFormatIdc: number) {
  const codedWidth = bits.unsigned('pic_width_in_luma_samples', MAX_SIDE);
  const codedHeight = bits.unsigned('pic_height_in_luma_samples', MAX_SIDE);
  const offsets = bits.flag() ? ['left', 'right', 'top', 'bottom'] : [];
  const [left = 0, right = 0, top = 0, bottom = 0] = offsets.map((side) =>
    bits.unsigned(`conf_win_${side}_offset`, MAX_SIDE),
  );
  const unitX = chromaFormatIdc === 1 || chromaFormatIdc === 2 ? 2 : 1;
  const unitY = chromaFormatIdc === 1 ? 2 : 1;
  const width = codedWidth - unitX * (left + right);
  const height = codedHeight - unitY * (top + bottom);
  if (width <= 0 || height <= 0)
    throw bits.malformed(`a picture of 1 to ${MAX_SIDE} pixels a side was expected, ${width}×${height} came`);
  return { width, height };
}

/** Told for each sub-layer, or for the highest alone. */
function readMaxNumReorderPics(bits: BitReader, maxSubLayers: number): number {
  let maxNumReorderPics = 0;
  for (let left = bits.flag() ? maxSubLayers : 1; left > 0; left--) {
    bits.unsigned('sps_max_dec_pic_buffering_minus1', 15);
    maxNumReorderPics = bits.unsigned('sps_max_num_reorder_pics', 15);
    bits.unsigned('sps_max_latency_increase_plus1');
  }
  return maxNumReorderPics;
}

function reversed32(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + ((value >>> bit) & 1);
  return reversed;
}
