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

/** nal_unit_type of each NAL unit of a stream. */
export const nalTypes = (bytes: Uint8Array): number[] => splitAnnexB(bytes).map((nal) => nal[0]! & 0x1f);

/** The NAL units of a stream by picture: a new one begins where anything follows the last slice of one. */
export function picturesOf(bytes: Uint8Array): Uint8Array[][] {
  const pictures: Uint8Array[][] = [];
  let picture: Uint8Array[] = [];
  let hasSlice = false;
  for (const nal of splitAnnexB(bytes)) {
    const type = nal[0]! & 0x1f;
    const slice = type === 1 || type === 5;
    const begins = slice ? (nal[1]! & 0x80) !== 0 : type >= 6 && type <= 9;
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
