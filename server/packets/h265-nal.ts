/** What the NAL units of H.265 are (ITU-T H.265 §7.3.1.2, table 7-1). */
import { type NalUnit, nalBytes } from './nal-unit.ts';
import type { NalKind } from './picture-grouper.ts';

/** nal_unit_type, those that matter here. */
export const NAL = {
  /** Leading pictures that refer to pictures before the random access point they follow (RASL_N, RASL_R). */
  raslN: 8,
  raslR: 9,
  /** Intra random access points: BLA (3), IDR (2), CRA. */
  firstBla: 16,
  lastBla: 18,
  idrWithRadl: 19,
  cra: 21,
  vps: 32,
  sps: 33,
  pps: 34,
  aud: 35,
  prefixSei: 39,
  suffixSei: 40,
} as const;

/** Bytes of a NAL unit header. */
export const HEADER_BYTES = 2;

export const nalType = (nal: NalUnit): number => (nal.header >> 1) & 0x3f;

/** nuh_layer_id; what is not 0 belongs to extensions that base decoders do not read. */
export const layerOf = (nal: NalUnit): number => ((nal.header & 1) << 5) | ((nal.body[0]?.[0] ?? 0) >> 3);

/** True for pictures at which decoding may begin. */
export const isRandomAccess = (type: number): boolean => type >= NAL.firstBla && type <= NAL.cra;

/** True for NAL units of slices; the types between and above these are reserved. */
export const isSlice = (type: number): boolean => type <= NAL.raslR || isRandomAccess(type);

/** first_slice_segment_in_pic_flag is the slice header's first bit; the leads are those of §7.4.2.4.4. */
export function nalKind(nal: NalUnit): NalKind {
  const type = nalType(nal);
  if (layerOf(nal) > 0) return 'other';
  if (isSlice(type))
    return (nalBytes(nal, HEADER_BYTES + 1)[HEADER_BYTES] ?? 0) & 0x80 ? 'first-slice' : 'slice';
  const lead = (type >= NAL.vps && type <= NAL.aud) || type === NAL.prefixSei || (type >= 41 && type <= 44);
  return lead ? 'lead' : 'other';
}
