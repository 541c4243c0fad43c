/** Annex B, as cameras' pictures travel, → NAL units behind their lengths, as MP4 stores them (ISO/IEC 14496-15). */

/** The same NAL units, each behind its length in four bytes. Zero bytes between them, which are padding, are left out. */
export function lengthPrefixed(annexB: Uint8Array): Uint8Array<ArrayBuffer> {
  const units = [...nalUnits(annexB)];
  const bytes = new Uint8Array(units.reduce((sum, unit) => sum + 4 + unit.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const unit of units) {
    view.setUint32(at, unit.length);
    bytes.set(unit, at + 4);
    at += 4 + unit.length;
  }
  return bytes;
}

/** Each is what stands between two start codes (H.264 and H.265, Annex B), where no three bytes 0 0 1 can occur. */
function* nalUnits(bytes: Uint8Array): Generator<Uint8Array, void> {
  let code = startCode(bytes, 0);
  while (code !== -1) {
    const start = code + 1;
    code = startCode(bytes, start);
    let end = code === -1 ? bytes.length : code - 2;
    while (end > start && bytes[end - 1] === 0) end--;
    if (end > start) yield bytes.subarray(start, end);
  }
}

/** The index of the 1 of the next start code 0 0 1; −1 where there is none. */
function startCode(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(1, from + 2);
  while (at !== -1 && (bytes[at - 1] !== 0 || bytes[at - 2] !== 0)) at = bytes.indexOf(1, at + 1);
  return at;
}
