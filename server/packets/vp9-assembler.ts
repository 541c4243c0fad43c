/** The payload of one VP9 picture → data that a decoder can be given (VP9 Bitstream Specification §6.2, §7.2). */
import type { VideoConfig } from '#wire/access-unit.ts';
import { BitReader, unlessMalformed } from './bit-reader.ts';
import type { AssembledPicture } from './picture-assembler.ts';

const SYNC_CODE = 0x49_83_42;
const RGB = 7;
/** The wire takes pictures of up to 16384 a side. */
const MAX_SIDE = 16_384;

/** Level, and the most luma samples in a picture (Annex A). A stream does not say its level, nor its rate. */
const LEVELS: readonly (readonly [level: number, samples: number])[] = [
  [10, 36_864],
  [11, 73_728],
  [20, 122_880],
  [21, 245_760],
  [30, 552_960],
  [31, 983_040],
  [40, 2_228_224],
  [50, 8_912_896],
  [60, 35_651_584],
];
const HIGHEST_LEVEL = 62;

/** Nothing for a picture whose header cannot be read. */
export const assembleVp9 = (data: Uint8Array): AssembledPicture | undefined =>
  unlessMalformed(() => {
    const config = readKeyHeader(data);
    return config === undefined ? { key: false, data } : { key: true, config, data };
  });

/** What a key picture's uncompressed header says; nothing for other pictures. @throws NightglassError `packets/malformed` */
function readKeyHeader(data: Uint8Array): VideoConfig | undefined {
  const bits = new BitReader(data, 'VP9 header');
  if (bits.bits(2) !== 2) throw bits.malformed('it does not begin with a frame marker');
  const profile = bits.bit() + 2 * bits.bit();
  if (profile === 3 && bits.flag()) throw bits.malformed('a profile of at most 3 was expected');
  const showsExisting = bits.flag();
  if (showsExisting || bits.flag()) return undefined;
  bits.bits(2); // show_frame, error_resilient_mode
  if (bits.bits(24) !== SYNC_CODE) throw bits.malformed('the sync code is missing');
  const bitDepth = profile < 2 ? 8 : bits.flag() ? 12 : 10;
  const subsamplingSaid = profile % 2 === 1;
  if (bits.bits(3) !== RGB) bits.bits(subsamplingSaid ? 4 : 1);
  else if (subsamplingSaid) bits.bit();
  const codedWidth = bits.bits(16) + 1;
  const codedHeight = bits.bits(16) + 1;
  if (codedWidth > MAX_SIDE || codedHeight > MAX_SIDE)
    throw bits.malformed(
      `a picture of at most ${MAX_SIDE} pixels a side was expected, ${codedWidth}×${codedHeight} came`,
    );
  const codec = ['vp09', two(profile), two(levelOf(codedWidth * codedHeight)), two(bitDepth)].join('.');
  return { codec, codedWidth, codedHeight, format: 'none' };
}

const levelOf = (samples: number): number => LEVELS.find(([, most]) => samples <= most)?.[0] ?? HIGHEST_LEVEL;

const two = (value: number): string => String(value).padStart(2, '0');
