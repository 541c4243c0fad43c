/** What AV1's sequence header says of the pictures after it (AV1 specification §5.5). */
import type { VideoConfig } from '#wire/access-unit.ts';
import { BitReader } from './bit-reader.ts';

/** The wire takes pictures of up to 16384 a side. */
const MAX_SIDE = 16_384;
const SELECT = 2;

export interface SequenceHeader {
  readonly config: VideoConfig;
  /** Every picture is a key picture, and its frame header does not say so. */
  readonly stillPicture: boolean;
}

/**
 * Of the first operating point, which has all layers and is what decoders choose.
 * @param body of the OBU, without header and size
 * @throws NightglassError `packets/malformed`
 */
export function parseSequenceHeader(body: Uint8Array): SequenceHeader {
  const bits = new BitReader(body, 'AV1 sequence header');
  const profile = bits.bits(3);
  if (profile > 2) throw bits.malformed(`a profile of at most 2 was expected, ${profile} came`);
  bits.bit(); // still_picture
  const reduced = bits.flag();
  const { level, tier } = reduced ? { level: bits.bits(5), tier: 0 } : readOperatingPoints(bits);
  const widthBits = bits.bits(4) + 1;
  const heightBits = bits.bits(4) + 1;
  const codedWidth = bits.bits(widthBits) + 1;
  const codedHeight = bits.bits(heightBits) + 1;
  if (codedWidth > MAX_SIDE || codedHeight > MAX_SIDE)
    throw bits.malformed(
      `a picture of at most ${MAX_SIDE} pixels a side was expected, ${codedWidth}×${codedHeight} came`,
    );
  if (!reduced && bits.flag()) bits.bits(7); // frame_id_numbers_present_flag
  bits.bits(3); // 128×128 superblocks, filter intra, intra edge filter
  if (!reduced) skipTools(bits);
  bits.bits(3); // superres, cdef, restoration
  const depth = readBitDepth(bits, profile);
  const name = `${two(level)}${tier === 0 ? 'M' : 'H'}`;
  const codec = `av01.${profile}.${name}.${two(depth)}`;
  return { config: { codec, codedWidth, codedHeight, format: 'none' }, stillPicture: reduced };
}

function readOperatingPoints(bits: BitReader): { level: number; tier: number } {
  let delayBits = 0;
  if (bits.flag()) {
    bits.bits(32); // num_units_in_display_tick
    bits.bits(32); // time_scale
    if (bits.flag()) bits.unsigned('num_ticks_per_picture_minus_1');
    if (bits.flag()) {
      delayBits = bits.bits(5) + 1;
      bits.bits(32); // num_units_in_decoding_tick
      bits.bits(10); // lengths of two times
    }
  }
  const hasDisplayDelay = bits.flag();
  const points = Array.from({ length: bits.bits(5) + 1 }, () => {
    bits.bits(12); // operating_point_idc
    const level = bits.bits(5);
    const tier = level > 7 ? bits.bit() : 0;
    if (delayBits > 0 && bits.flag()) skipDelays(bits, delayBits);
    if (hasDisplayDelay && bits.flag()) bits.bits(4);
    return { level, tier };
  });
  return points[0]!;
}

/** operating_parameters_info(): two delays of up to 32 bits, and a flag. */
function skipDelays(bits: BitReader, length: number): void {
  bits.bits(length);
  bits.bits(length);
  bits.bit();
}

/** The coding tools between the size and the loop filters, of which none is of interest. */
function skipTools(bits: BitReader): void {
  bits.bits(4);
  const orderHint = bits.flag();
  if (orderHint) bits.bits(2);
  const screenContent = bits.flag() ? SELECT : bits.bit();
  if (screenContent > 0 && !bits.flag()) bits.bit(); // seq_choose_integer_mv, seq_force_integer_mv
  if (orderHint) bits.bits(3);
}

function readBitDepth(bits: BitReader, profile: number): number {
  if (!bits.flag()) return 8;
  return profile === 2 && bits.flag() ? 12 : 10;
}

const two = (value: number): string => String(value).padStart(2, '0');
