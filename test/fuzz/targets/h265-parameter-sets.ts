/** H.265's VPS, SPS and PPS, and the beginning of slices: NAL units one by one, and together as pictures. */
import { unlessMalformed } from '../../../server/packets/bit-reader.ts';
import { H265Assembler } from '../../../server/packets/h265-assembler.ts';
import { configOf, parseSps } from '../../../server/packets/h265-sps.ts';
import { nalUnit } from '../../../server/packets/nal-unit.ts';
import { h265Pictures, h265Pps, h265SpsKinds, h265Vps } from '../h265-stream.ts';
import { RECORDS } from '../parts.ts';
import { holds, type Target } from '../target.ts';

/** Each one that is refused costs an error with its stack, in here alone. */
const MOST_NALS = 24;
const NALS_A_PICTURE = 4;
const CODEC = /^hev1\.[ABC]?\d{1,2}\.[0-9A-F]{1,8}\.[LH]\d{1,3}(?:\.[0-9A-F]{1,2}){0,6}$/;

/** Each record is a NAL unit; so many of them are given to the assembler as one picture. */
export const H265_PARAMETER_SETS: Target = {
  name: 'h265-parameter-sets',
  limit: 2_048,
  words: [],
  parts: RECORDS,
  seeds: () => [
    ...h265SpsKinds().map((sps) => RECORDS.join([h265Vps(15), sps, h265Pps(63, 15)])),
    RECORDS.join(h265Pictures().flatMap(({ nals }) => nals)),
    RECORDS.join(h265Pictures({ slices: 2 }).flatMap(({ nals }) => nals)),
  ],
  take(input) {
    const nals = RECORDS.split(input)
      .filter((record) => record.length > 0)
      .slice(0, MOST_NALS);
    const kinds = nals.map(takeSps).filter((kind) => kind !== '');
    const assembler = new H265Assembler(nals.slice(0, NALS_A_PICTURE));
    let keys = 0;
    let unshowable = 0;
    for (let at = 0; at < nals.length; at += NALS_A_PICTURE) {
      const picture = assembler.assemble(nals.slice(at, at + NALS_A_PICTURE).map(nalUnit), at === 0);
      if (picture === 'unshowable') unshowable++;
      else if (picture?.key) keys++;
    }
    return `${Math.min(keys, 3)} ${Math.min(unshowable, 2)} ${assembler.reordered} ${kinds.slice(0, 2)}`;
  },
};

/** Reads it as an SPS, whatever its type, and says what kind of one it is; nothing for one that cannot be read. */
function takeSps(nal: Uint8Array): string {
  const sps = unlessMalformed(() => parseSps(nal));
  if (sps === undefined) return '';
  const { codec, codedWidth, codedHeight } = configOf(sps);
  holds(CODEC.test(codec) && codec.length <= 64, 'the codec string is one, and the wire can carry it');
  for (const side of [codedWidth, codedHeight])
    holds(side >= 1 && side <= 16_384, 'the wire can carry the size');
  return `${sps.maxSubLayers}/${sps.chromaFormatIdc}/${sps.maxNumReorderPics}`;
}
