/** Open bitstream units of AV1 (AV1 Bitstream & Decoding Process Specification §5.3, §4.10.5). */

export const OBU = {
  sequenceHeader: 1,
  temporalDelimiter: 2,
  frameHeader: 3,
  tileGroup: 4,
  metadata: 5,
  frame: 6,
  redundantFrameHeader: 7,
} as const;

const FORBIDDEN = 0x80;
const EXTENSION = 0x04;
const HAS_SIZE = 0x02;
/** Bytes of the longest number. */
const LONGEST = 8;

/** One OBU; `body` is what stands behind its header and size. */
export interface Obu {
  readonly type: number;
  /** One byte, or two with temporal and spatial id. */
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

/** A little-endian number in bytes of seven bits, and how many bytes those are; undefined where it does not end. */
export function readLeb128(bytes: Uint8Array, start: number): { value: number; bytes: number } | undefined {
  let value = 0;
  for (let index = 0; index < LONGEST; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value < 2 ** 32 ? { value, bytes: index + 1 } : undefined;
  }
  return undefined;
}

/**
 * The OBUs of one RTP element: one without its size, as the payload format has it, or with it; behind that there may be
 * more. Undefined where the bytes are no OBU, or fewer than it says.
 */
export function readObus(element: Uint8Array): Obu[] | undefined {
  const obus: Obu[] = [];
  for (let at = 0; at < element.length; ) {
    const first = element[at]!;
    const start = at + (first & EXTENSION ? 2 : 1);
    if (first & FORBIDDEN || start > element.length) return undefined;
    const size = first & HAS_SIZE ? readLeb128(element, start) : { value: element.length - start, bytes: 0 };
    if (size === undefined) return undefined;
    const from = start + size.bytes;
    const end = from + size.value;
    if (end > element.length) return undefined;
    const type = (first >> 3) & 15;
    obus.push({ type, header: element.subarray(at, start), body: element.subarray(from, end) });
    at = end;
  }
  return obus;
}

/** The OBUs one after another, each with its size (§5.2, low-overhead bitstream format). */
export function writeObus(obus: readonly Obu[]): Uint8Array {
  const bytes: (Uint8Array | readonly number[])[] = [];
  for (const { header, body } of obus)
    bytes.push([header[0]! | HAS_SIZE, ...header.subarray(1)], leb128(body.length), body);
  const data = new Uint8Array(bytes.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of bytes) {
    data.set(part, at);
    at += part.length;
  }
  return data;
}

function leb128(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) | 0x80);
  }
}
