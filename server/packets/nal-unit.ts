/** NAL units of H.264 and H.265 (ITU-T H.264 §7.3.1, H.265 §7.3.1), and Annex B bytes out of them. */

/** One NAL unit as it came, in pieces, so that its bytes are copied once: into the access unit. */
export interface NalUnit {
  /** The first byte: H.264's whole header, half of H.265's. */
  readonly header: number;
  /** The bytes after it, in order. */
  readonly body: readonly Uint8Array[];
}

const START_CODE_BYTES = 4;

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

/** The NAL units one after another, each behind a four-byte start code (Annex B of both standards). */
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

/** In bytes, without a start code. */
export function nalLength(nal: NalUnit): number {
  let length = 1;
  for (const piece of nal.body) length += piece.length;
  return length;
}
