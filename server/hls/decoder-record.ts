/** Parameter sets as MP4 stores them (ISO/IEC 14496-15): the `avcC` and `hvcC` records. */
import type { Codec } from '#wire/access-unit.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { parseSps as parseH264Sps } from '../packets/h264-sps.ts';
import { parseSps as parseH265Sps } from '../packets/h265-sps.ts';
import { joined } from '../packets/joined.ts';
import { u8, u16, u32 } from './box.ts';
import { H264_PPS, H264_SPS, H265_PPS, H265_SPS, H265_VPS, nalTypeOf } from './unit-nals.ts';

/** Profiles whose record ends without chroma format and bit depths (§5.3.3.1.2). */
const SHORT_RECORD_PROFILES = new Set([66, 77, 88]);
/** The length before a NAL unit has four bytes; the field says one less. */
const LENGTH_SIZE_MINUS_ONE = 3;

/**
 * The record of either codec, for parameter sets in the order they are to stand in.
 * @throws NightglassError `packets/malformed` where one kind of set is missing, or the SPS cannot be read
 */
export function decoderRecord(codec: Codec, parameterSets: readonly Uint8Array[]): Uint8Array {
  const ofType = (type: number) => parameterSets.filter((nal) => nalTypeOf(codec, nal) === type);
  return codec === 'h264'
    ? avcRecord(ofType(H264_SPS), ofType(H264_PPS))
    : hevcRecord(ofType(H265_VPS), ofType(H265_SPS), ofType(H265_PPS));
}

/** AVCDecoderConfigurationRecord, §5.3.3.1.2. */
function avcRecord(sps: readonly Uint8Array[], pps: readonly Uint8Array[]): Uint8Array {
  const first = required('SPS', sps);
  required('PPS', pps);
  const { profileIdc, constraints, levelIdc, ...fields } = parseH264Sps(first);
  const depth = [fields.chromaFormatIdc, fields.bitDepthLuma - 8, fields.bitDepthChroma - 8] as const;
  return joined([
    u8(1, profileIdc, constraints, levelIdc, 0xfc | LENGTH_SIZE_MINUS_ONE, 0xe0 | sps.length),
    ...sps.flatMap(behindLength),
    u8(pps.length),
    ...pps.flatMap(behindLength),
    ...(SHORT_RECORD_PROFILES.has(profileIdc)
      ? []
      : [u8(0xfc | depth[0], 0xf8 | depth[1], 0xf8 | depth[2], 0)]),
  ]);
}

/** HEVCDecoderConfigurationRecord, §8.3.3.1.2; fields about speed and parallelism say: unknown. */
function hevcRecord(
  vps: readonly Uint8Array[],
  sps: readonly Uint8Array[],
  pps: readonly Uint8Array[],
): Uint8Array {
  required('VPS', vps);
  required('PPS', pps);
  const first = required('SPS', sps);
  const { profileTierLevel: of, ...fields } = parseH265Sps(first);
  // sps_temporal_id_nesting_flag, the last bit of the byte behind the header.
  const nested = first[2]! & 1;
  const arrays = [
    [H265_VPS, vps],
    [H265_SPS, sps],
    [H265_PPS, pps],
  ] as const;
  return joined([
    u8(1, (of.profileSpace << 6) | (of.highTier ? 0x20 : 0) | of.profileIdc),
    u32(of.compatibility),
    u8(...of.constraints, of.levelIdc),
    u16(0xf000),
    u8(
      0xfc,
      0xfc | fields.chromaFormatIdc,
      0xf8 | (fields.bitDepthLuma - 8),
      0xf8 | (fields.bitDepthChroma - 8),
    ),
    u16(0),
    u8((fields.maxSubLayers << 3) | (nested << 2) | LENGTH_SIZE_MINUS_ONE, arrays.length),
    // The top bit of the type: all sets of the kind are here, and none in the samples.
    ...arrays.flatMap(([type, nals]) => [u8(0x80 | type), u16(nals.length), ...nals.flatMap(behindLength)]),
  ]);
}

const behindLength = (nal: Uint8Array): Uint8Array[] => [u16(nal.length), nal];

function required(what: string, nals: readonly Uint8Array[]): Uint8Array {
  const [first] = nals;
  if (first === undefined)
    throw new NightglassError(
      'packets/malformed',
      `a key picture led by its ${what} was expected, none came`,
    );
  return first;
}
