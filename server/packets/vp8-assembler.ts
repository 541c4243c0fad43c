/** The payload of one VP8 picture → data that a decoder can be given (RFC 6386 §9.1, §19.1). */
import type { AssembledPicture } from './picture-assembler.ts';

const KEY_HEADER_BYTES = 10;
const TAG_BYTES = 3;

/** A key picture says its size; nothing for one whose header cannot be read, or that lacks part of its first partition. */
export function assembleVp8(data: Uint8Array): AssembledPicture | undefined {
  const [first = 0, second = 0, third = 0] = data;
  const key = (first & 1) === 0;
  const firstPartition = (first >> 5) | (second << 3) | (third << 11);
  if (data.length < (key ? KEY_HEADER_BYTES : TAG_BYTES) + firstPartition) return undefined;
  if (!key) return { key, data };
  if (data[3] !== 0x9d || data[4] !== 0x01 || data[5] !== 0x2a) return undefined;
  // The two top bits of each say how a player may enlarge the picture.
  const codedWidth = data[6]! | ((data[7]! & 0x3f) << 8);
  const codedHeight = data[8]! | ((data[9]! & 0x3f) << 8);
  if (codedWidth === 0 || codedHeight === 0) return undefined;
  return { key, config: { codec: 'vp8', codedWidth, codedHeight, format: 'none' }, data };
}
