/** What the NAL units of H.264 are (ITU-T H.264 table 7-1). */
import type { NalUnit } from './nal-unit.ts';
import type { NalKind } from './picture-grouper.ts';

/** nal_unit_type, those that matter here. */
export const NAL = {
  slice: 1,
  partitionA: 2,
  partitionC: 4,
  idr: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  aud: 9,
} as const;

export const nalType = (nal: NalUnit): number => nal.header & 0x1f;

/** True for NAL units that hold part of the picture itself. */
export const isPicture = (type: number): boolean => type >= NAL.slice && type <= NAL.idr;

/** True for NAL units that begin with a slice header: partitions B and C do not. */
export const hasSliceHeader = (type: number): boolean =>
  type === NAL.slice || type === NAL.partitionA || type === NAL.idr;

/** first_mb_in_slice is the slice header's first field, and ue(0) is a single 1 bit. */
export function nalKind(nal: NalUnit): NalKind {
  const type = nalType(nal);
  if (hasSliceHeader(type)) return (nal.body[0]?.[0] ?? 0) & 0x80 ? 'first-slice' : 'slice';
  if (isPicture(type)) return 'part';
  return type >= NAL.sei && type <= NAL.aud ? 'lead' : 'other';
}
