/** H.264's SPS with its VUI, PPS, slice headers and SEI: NAL units one by one, and together as pictures. */
import { unlessMalformed } from '../../../server/packets/bit-reader.ts';
import { H264Assembler } from '../../../server/packets/h264-assembler.ts';
import { withoutReordering } from '../../../server/packets/h264-reordering.ts';
import { isRecoveryPoint } from '../../../server/packets/h264-slice.ts';
import { configOf, parseSps, type Sps } from '../../../server/packets/h264-sps.ts';
import { nalUnit } from '../../../server/packets/nal-unit.ts';
import { anyH264Sps, h264Pictures, h264Pps } from '../h264-stream.ts';
import { RECORDS } from '../parts.ts';
import { holds, readBack, same, type Target } from '../target.ts';

/** Each one that is refused costs an error with its stack, in here alone. */
const MOST_NALS = 24;
const NALS_A_PICTURE = 3;

/** Each record is a NAL unit; so many of them are given to the assembler as one picture. */
export const H264_PARAMETER_SETS: Target = {
  name: 'sps',
  limit: 2_048,
  words: [],
  parts: RECORDS,
  seeds: () => [
    ...anyH264Sps(60, 1).map((sps) => RECORDS.join([sps])),
    ...[
      h264Pictures(),
      h264Pictures({ order: 0, types: 'IPBBPBBI' }),
      h264Pictures({ order: 0, openGop: true }),
    ].map((pictures) => RECORDS.join([h264Pps(255, 31), ...pictures.flatMap(({ nals }) => nals)])),
  ],
  take(input) {
    const nals = RECORDS.split(input)
      .filter((record) => record.length > 0)
      .slice(0, MOST_NALS);
    const kinds = nals.map(takeSps);
    for (const nal of nals) isRecoveryPoint(nalUnit(nal));
    const assembler = new H264Assembler(nals.slice(0, NALS_A_PICTURE));
    let keys = 0;
    for (let at = 0; at < nals.length; at += NALS_A_PICTURE) {
      const picture = assembler.assemble(nals.slice(at, at + NALS_A_PICTURE).map(nalUnit));
      if (picture?.key) keys++;
    }
    return `${Math.min(keys, 3)} ${assembler.reordered} ${kinds.filter((kind) => kind !== '').slice(0, 2)}`;
  },
};

/** Reads it as an SPS, whatever its type, and says what kind of one it is; nothing for one that cannot be read. */
function takeSps(nal: Uint8Array): string {
  const sps = unlessMalformed(() => parseSps(nal));
  if (sps === undefined) return '';
  const { codec, codedWidth, codedHeight } = configOf(sps);
  holds(/^avc1\.[0-9A-F]{6}$/.test(codec), 'the codec string is one');
  for (const side of [codedWidth, codedHeight])
    holds(side >= 1 && side <= 16_384, 'the wire can carry the size');
  const ordered = readBack(() => parseSps(withoutReordering(nal)));
  holds(ordered.vui?.bitstreamRestriction?.maxNumReorderFrames === 0, 'the promise of order is in the SPS');
  holds(
    same(withoutRestriction(ordered), withoutRestriction(sps)),
    'the promise of order changes nothing else',
  );
  const { pictureOrderCount, chromaFormatIdc, vui } = sps;
  return [
    pictureOrderCount.type,
    chromaFormatIdc,
    vui &&
      Object.values(vui)
        .map((part) => (part ? 1 : 0))
        .join(''),
  ].join('/');
}

/** All but what the promise replaces: the restriction itself, and a VUI that was not there or was cut short. */
const withoutRestriction = ({ vui, ...sps }: Sps): unknown => {
  if (vui === undefined) return sps;
  const { bitstreamRestriction: _, ...rest } = vui;
  const isBare = Object.values(rest).every((value) => value === undefined || value === false);
  return isBare ? sps : { ...sps, vui: rest };
};
