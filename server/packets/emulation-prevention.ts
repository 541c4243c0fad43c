/** Emulation prevention (H.264 §7.4.1, H.265 §7.4.2): in a NAL unit no two zero bytes stand before 0, 1, 2 or 3. */

/** The raw byte sequence payload: `bytes` without the 3 that stands in each 00 00 03. */
export function withoutEmulationPrevention(bytes: Uint8Array): Uint8Array {
  const raw = new Uint8Array(bytes.length);
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    raw[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return raw.subarray(0, length);
}

/** `raw` with a 3 put before every byte of 0 to 3 that follows two zeros. */
export function withEmulationPrevention(raw: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  let zeros = 0;
  for (const byte of raw) {
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(bytes);
}
