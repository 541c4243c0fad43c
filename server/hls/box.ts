/** Boxes of an MP4 file (ISO/IEC 14496-12 §4.2), written. */
import { joined } from '../packets/joined.ts';

/** Unsigned numbers, most significant byte first; signed ones are taken in two's complement. */
export const u8 = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

export function u16(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint16(2 * index, value);
  return bytes;
}

export function u32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value);
  return bytes;
}

/** @param value a whole number; of a double's, those up to 2^53 are exact */
export function u64(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

export const text = (letters: string): Uint8Array =>
  Uint8Array.from(letters, (letter) => letter.charCodeAt(0));

/** The size and type of a box that is written elsewhere. @param bodyBytes its bytes without this header */
export const boxHeader = (type: string, bodyBytes: number): Uint8Array =>
  joined([u32(8 + bodyBytes), text(type)]);

export const box = (type: string, ...body: readonly Uint8Array[]): Uint8Array =>
  joined([
    boxHeader(
      type,
      body.reduce((sum, { length }) => sum + length, 0),
    ),
    ...body,
  ]);

/** A box that begins with a version and 24 bits of flags. */
export const fullBox = (
  type: string,
  version: number,
  flags: number,
  ...body: readonly Uint8Array[]
): Uint8Array => box(type, u32(version * 2 ** 24 + flags), ...body);
