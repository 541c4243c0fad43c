/** Video usability information, the part of an SPS that says how to show and buffer pictures (ITU-T H.264 §E.1.1). */
import type { BitReader } from './bit-reader.ts';

const EXTENDED_SAR = 255;
/** Denominators and lengths have small limits in §E.2.1; a larger one means that the bits are not what they seem. */
const MAX_FRAMES = 16;

/** The fields of the standard by their own names, without the ones that only say whether another is there. */
export interface Vui {
  readonly aspectRatio: AspectRatio | undefined;
  readonly overscanAppropriate: boolean | undefined;
  readonly videoSignal: VideoSignal | undefined;
  readonly chromaLocation: { readonly topField: number; readonly bottomField: number } | undefined;
  readonly timing: Timing | undefined;
  readonly nalHrd: Hrd | undefined;
  readonly vclHrd: Hrd | undefined;
  /** Only there with one of the two before it. */
  readonly lowDelayHrd: boolean | undefined;
  readonly picStructPresent: boolean;
  readonly bitstreamRestriction: BitstreamRestriction | undefined;
}

export interface AspectRatio {
  readonly idc: number;
  /** The sample aspect ratio itself where idc is 255, else 0. */
  readonly width: number;
  readonly height: number;
}

export interface VideoSignal {
  readonly format: number;
  readonly fullRange: boolean;
  /** Code points of ITU-T H.273. */
  readonly colour:
    | { readonly primaries: number; readonly transfer: number; readonly matrix: number }
    | undefined;
}

export interface Timing {
  readonly unitsInTick: number;
  /** Units per second; a frame lasts two ticks. */
  readonly timeScale: number;
  readonly fixedFrameRate: boolean;
}

/** hrd_parameters, §E.1.2. */
export interface Hrd {
  readonly bitRateScale: number;
  readonly cpbSizeScale: number;
  readonly buffers: readonly {
    readonly bitRateValueMinus1: number;
    readonly sizeValueMinus1: number;
    readonly constantBitRate: boolean;
  }[];
  readonly initialCpbRemovalDelayLength: number;
  readonly cpbRemovalDelayLength: number;
  readonly dpbOutputDelayLength: number;
  readonly timeOffsetLength: number;
}

export interface BitstreamRestriction {
  readonly motionVectorsOverPicBoundaries: boolean;
  readonly maxBytesPerPicDenom: number;
  readonly maxBitsPerMbDenom: number;
  readonly log2MaxMvLengthHorizontal: number;
  readonly log2MaxMvLengthVertical: number;
  /** How many frames may come before a frame in decoding order and after it in output order. */
  readonly maxNumReorderFrames: number;
  readonly maxDecFrameBuffering: number;
}

/** Reads vui_parameters; also says at which bit bitstream_restriction_flag stands. */
export function readVui(bits: BitReader): { readonly vui: Vui; readonly restrictionFlagAt: number } {
  const aspectRatio = optional(bits, readAspectRatio);
  const overscanAppropriate = optional(bits, () => bits.flag());
  const videoSignal = optional(bits, readVideoSignal);
  const chromaLocation = optional(bits, () => ({
    topField: bits.unsigned('chroma_sample_loc_type_top_field', 5),
    bottomField: bits.unsigned('chroma_sample_loc_type_bottom_field', 5),
  }));
  const timing = optional(bits, readTiming);
  const nalHrd = optional(bits, readHrd);
  const vclHrd = optional(bits, readHrd);
  const lowDelayHrd = nalHrd || vclHrd ? bits.flag() : undefined;
  const picStructPresent = bits.flag();
  const restrictionFlagAt = bits.position;
  const bitstreamRestriction = optional(bits, readRestriction);
  const vui: Vui = {
    aspectRatio,
    overscanAppropriate,
    videoSignal,
    chromaLocation,
    timing,
    nalHrd,
    vclHrd,
    lowDelayHrd,
    picStructPresent,
    bitstreamRestriction,
  };
  return { vui, restrictionFlagAt };
}

const optional = <T>(bits: BitReader, read: (bits: BitReader) => T): T | undefined =>
  bits.flag() ? read(bits) : undefined;

function readAspectRatio(bits: BitReader): AspectRatio {
  const idc = bits.bits(8);
  if (idc !== EXTENDED_SAR) return { idc, width: 0, height: 0 };
  return { idc, width: bits.bits(16), height: bits.bits(16) };
}

const readVideoSignal = (bits: BitReader): VideoSignal => ({
  format: bits.bits(3),
  fullRange: bits.flag(),
  colour: optional(bits, () => ({
    primaries: bits.bits(8),
    transfer: bits.bits(8),
    matrix: bits.bits(8),
  })),
});

const readTiming = (bits: BitReader): Timing => ({
  unitsInTick: bits.bits(32),
  timeScale: bits.bits(32),
  fixedFrameRate: bits.flag(),
});

function readHrd(bits: BitReader): Hrd {
  const count = bits.unsigned('cpb_cnt_minus1', 31) + 1;
  return {
    bitRateScale: bits.bits(4),
    cpbSizeScale: bits.bits(4),
    buffers: Array.from({ length: count }, () => ({
      bitRateValueMinus1: bits.unsigned('bit_rate_value_minus1'),
      sizeValueMinus1: bits.unsigned('cpb_size_value_minus1'),
      constantBitRate: bits.flag(),
    })),
    initialCpbRemovalDelayLength: bits.bits(5) + 1,
    cpbRemovalDelayLength: bits.bits(5) + 1,
    dpbOutputDelayLength: bits.bits(5) + 1,
    timeOffsetLength: bits.bits(5),
  };
}

const readRestriction = (bits: BitReader): BitstreamRestriction => ({
  motionVectorsOverPicBoundaries: bits.flag(),
  maxBytesPerPicDenom: bits.unsigned('max_bytes_per_pic_denom', 16),
  maxBitsPerMbDenom: bits.unsigned('max_bits_per_mb_denom', 16),
  log2MaxMvLengthHorizontal: bits.unsigned('log2_max_mv_length_horizontal', 16),
  log2MaxMvLengthVertical: bits.unsigned('log2_max_mv_length_vertical', 16),
  maxNumReorderFrames: bits.unsigned('max_num_reorder_frames', MAX_FRAMES),
  maxDecFrameBuffering: bits.unsigned('max_dec_frame_buffering', MAX_FRAMES),
});
