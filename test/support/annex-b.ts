/** Annex B streams taken apart, independently of the code under test. */

/** The NAL units of a stream, without start codes. */
export function splitAnnexB(bytes: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let at = 0; at + 2 < bytes.length; at++)
    if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1) starts.push(at + 3);
  return starts.map((start, index) => {
    let end = starts[index + 1] === undefined ? bytes.length : starts[index + 1]! - 3;
    while (end > start && bytes[end - 1] === 0) end--;
    return bytes.subarray(start, end);
  });
}

/** How a codec's NAL units tell what they are. */
export interface NalShape {
  readonly typeOf: (nal: Uint8Array) => number;
  readonly isSlice: (type: number) => boolean;
  readonly isLead: (type: number) => boolean;
  /** The byte that begins with the bit which says: first slice of its picture. */
  readonly firstSliceByte: number;
}

export const H264_SHAPE: NalShape = {
  typeOf: (nal) => nal[0]! & 0x1f,
  isSlice: (type) => type === 1 || type === 5,
  isLead: (type) => type >= 6 && type <= 9,
  firstSliceByte: 1,
};

export const H265_SHAPE: NalShape = {
  typeOf: (nal) => (nal[0]! >> 1) & 0x3f,
  isSlice: (type) => type < 32,
  isLead: (type) => (type >= 32 && type <= 35) || type === 39,
  firstSliceByte: 2,
};

/** nal_unit_type of each NAL unit of a stream. */
export const nalTypes = (bytes: Uint8Array, shape = H264_SHAPE): number[] =>
  splitAnnexB(bytes).map(shape.typeOf);

/** The NAL units of a stream by picture: a new one begins where anything follows the last slice of one. */
export function picturesOf(bytes: Uint8Array, shape = H264_SHAPE): Uint8Array[][] {
  const pictures: Uint8Array[][] = [];
  let picture: Uint8Array[] = [];
  let hasSlice = false;
  for (const nal of splitAnnexB(bytes)) {
    const type = shape.typeOf(nal);
    const slice = shape.isSlice(type);
    const begins = slice ? (nal[shape.firstSliceByte]! & 0x80) !== 0 : shape.isLead(type);
    if (begins && hasSlice) {
      pictures.push(picture);
      picture = [];
      hasSlice = false;
    }
    picture.push(nal);
    hasSlice ||= slice;
  }
  return [...pictures, picture];
}
