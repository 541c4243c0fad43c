/** Made-up H.264, right in all that a server reads; what only a decoder would read is filler. */
import fc from 'fast-check';
import type { PictureOrderCount, Sps } from '../../server/packets/h264-sps.ts';
import { anyExtras, anySps } from '../support/any-sps.ts';
import type { CodedPicture } from '../support/rtp-packetiser.ts';
import { spsBits, spsNal, ue } from '../support/sps-writer.ts';

const TICKS = 3_600;
const LOG2_FRAME_NUM = 5;
const LOG2_LSB = 6;

const u = (length: number, value: number): string => value.toString(2).padStart(length, '0').slice(-length);

/** A NAL unit out of bits, with its trailing bits and emulation prevention. */
export function h264Nal(header: number, bits: string): Uint8Array {
  const nal = spsNal(`${bits}1`);
  nal[0] = header;
  return nal;
}

const PLAIN: Omit<Sps, 'width' | 'height'> = {
  profileIdc: 77,
  constraints: 0,
  levelIdc: 31,
  id: 0,
  chromaFormatIdc: 1,
  separateColourPlane: false,
  bitDepthLuma: 8,
  bitDepthChroma: 8,
  log2MaxFrameNum: LOG2_FRAME_NUM,
  pictureOrderCount: { type: 0, log2MaxLsb: LOG2_LSB },
  maxNumRefFrames: 2,
  gapsInFrameNumAllowed: false,
  widthInMbs: 40,
  heightInMapUnits: 23,
  frameMbsOnly: true,
  mbAdaptiveFrameField: false,
  direct8x8Inference: true,
  cropping: { left: 0, right: 0, top: 0, bottom: 4 },
  vui: undefined,
};

export const h264Sps = (fields: Partial<typeof PLAIN> = {}): Uint8Array =>
  spsNal(spsBits({ ...PLAIN, ...fields }, { losslessBypass: false, scalingLists: undefined }));

export const h264Pps = (id = 0, spsId = 0): Uint8Array => h264Nal(0x68, `${ue(id)}${ue(spsId)}110011`);

const RECOVERY_POINT = Uint8Array.of(0x06, 6, 1, 0xc4, 0x80);
const AUD = Uint8Array.of(0x09, 0xf0);

/** SPS of every kind the standard allows, the same ones every time. */
export const anyH264Sps = (count: number, seed: number): Uint8Array[] =>
  fc
    .sample(
      anySps.chain((sps) => anyExtras(sps).map((extras) => spsNal(spsBits(sps, extras)))),
      { seed, numRuns: count },
    )
    .filter((nal) => nal.length < 250);

type SliceType = 'P' | 'B' | 'I';
const SLICE_TYPE = { P: 0, B: 1, I: 7 } as const;

function slice(type: SliceType, idr: boolean, frame: number, order: PictureOrderCount['type'], first = 0) {
  const lsb = order === 0 ? u(LOG2_LSB, 2 * frame) : '';
  const header = `${ue(first)}${ue(SLICE_TYPE[type])}${ue(0)}${u(LOG2_FRAME_NUM, frame)}${idr ? ue(1) : ''}${lsb}`;
  return h264Nal(idr ? 0x65 : 0x41, `${header}${u(8, frame).repeat(type === 'B' ? 4 : 12)}`);
}

/** Eight pictures in two GOPs, of several slices, with B pictures or an open GOP where asked for. */
export function h264Pictures(
  way: { order?: PictureOrderCount['type']; slices?: number; types?: string; openGop?: boolean } = {},
): CodedPicture[] {
  const { order = 2, slices = 1, types = 'IPPPIPPP', openGop = false } = way;
  const pictureOrderCount: PictureOrderCount = order === 0 ? { type: 0, log2MaxLsb: LOG2_LSB } : { type: 2 };
  const sets = [h264Sps({ pictureOrderCount }), h264Pps()];
  return [...types].map((letter, index) => {
    const type = letter as SliceType;
    const idr = type === 'I' && !(openGop && index > 0);
    const lead = type === 'I' ? [AUD, ...sets, ...(idr ? [] : [RECOVERY_POINT])] : [];
    const kept = Array.from({ length: slices }, (_, at) =>
      slice(type, idr, index % 32, order as 0 | 2, at * 40),
    );
    return { nals: [...lead, ...kept], timestamp: 4_294_960_000 + index * TICKS };
  });
}
