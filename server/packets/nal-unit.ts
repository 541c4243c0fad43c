/** H.264 NAL units (ITU-T H.264 §7.3.1), and Annex B bytes out of them. */

/** One NAL unit as it came, in pieces, so that its bytes are copied once: into the access unit. */
export interface NalUnit {
  /** The header byte: forbidden_zero_bit, nal_ref_idc, nal_unit_type. */
  readonly header: number;
  /** The bytes after the header, in order. */
  readonly body: readonly Uint8Array[];
}

/** nal_unit_type (ITU-T H.264 table 7-1), those that matter here. */
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

const START_CODE_BYTES = 4;

export const nalType = (nal: NalUnit): number => nal.header & 0x1f;

/** True for NAL units that hold part of the picture itself. */
export const isPicture = (type: number): boolean => type >= NAL.slice && type <= NAL.idr;

/** True for NAL units that begin with a slice header: partitions B and C do not. */
export const hasSliceHeader = (type: number): boolean =>
  type === NAL.slice || type === NAL.partitionA || type === NAL.idr;

/** A NAL unit out of whole bytes, header first. The bytes are not copied. */
export const nalUnit = (bytes: Uint8Array): NalUnit => ({
  header: bytes[0] ?? 0,
  body: [bytes.subarray(1)],
});

/** The NAL unit's bytes in one, header first, or only the first `limit` of them. */
export function nalBytes(nal: NalUnit, limit = Number.POSITIVE_INFINITY): Uint8Array {
  const bytes = new Uint8Array(Math.min(nalLength(nal), limit));
  bytes[0] = nal.header;
  let at = 1;
  for (const piece of nal.body) {
    if (at >= bytes.length) break;
    bytes.set(piece.subarray(0, bytes.length - at), at);
    at += piece.length;
  }
  return bytes;
}

/** The NAL units one after another, each behind a four-byte start code (ITU-T H.264 Annex B). */
export function annexB(nals: readonly NalUnit[]): Uint8Array {
  let length = 0;
  for (const nal of nals) length += START_CODE_BYTES + nalLength(nal);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const nal of nals) {
    bytes[at + 3] = 1;
    bytes[at + START_CODE_BYTES] = nal.header;
    at += START_CODE_BYTES + 1;
    for (const piece of nal.body) {
      bytes.set(piece, at);
      at += piece.length;
    }
  }
  return bytes;
}

function nalLength(nal: NalUnit): number {
  let length = 1;
  for (const piece of nal.body) length += piece.length;
  return length;
}
