/** Made-up H.265, right in all that a server reads; what only a decoder would read is filler. */
import type { Sps } from '../../server/packets/h265-sps.ts';
import { h265SpsNal, MAIN, PLAIN, type SpsExtras } from '../support/h265-sps-writer.ts';
import type { CodedPicture } from '../support/rtp-packetiser.ts';
import { spsNal, ue } from '../support/sps-writer.ts';

const TICKS = 3_600;

/** A NAL unit of layer 0 and temporal id 0, out of bits. */
export const h265Nal = (type: number, bits: string): Uint8Array =>
  Uint8Array.from([type << 1, 1, ...spsNal(`${bits}1`).subarray(1)]);

export const h265Vps = (id = 0): Uint8Array => h265Nal(32, `${id.toString(2).padStart(4, '0')}110`);
export const h265Pps = (id = 0, spsId = 0): Uint8Array => h265Nal(34, `${ue(id)}${ue(spsId)}10`);

const SUB_LAYERS = [
  { profile: true, level: false },
  { profile: false, level: true },
];
const KINDS: readonly (readonly [Partial<Sps>, Partial<SpsExtras>])[] = [
  [{}, {}],
  [{ maxNumReorderPics: 3 }, { window: [0, 0, 0, 4] }],
  [{ maxSubLayers: 3 }, { subLayers: SUB_LAYERS, orderingOfEach: true }],
  [{ chromaFormatIdc: 3, bitDepthLuma: 10, bitDepthChroma: 12, id: 15, vpsId: 15 }, {}],
];

export const h265SpsKinds = (): Uint8Array[] =>
  KINDS.map(([fields, extras]) => h265SpsNal({ ...MAIN, ...fields }, { ...PLAIN, ...extras }));

const isKey = (type: number): boolean => type >= 16;
const slice = (type: number, index: number, first = true): Uint8Array =>
  h265Nal(
    type,
    `${first ? 1 : 0}${isKey(type) ? '0' : ''}${ue(0)}${index.toString(2).padStart(8, '0').repeat(10)}`,
  );

const [TRAIL_R, RASL_N, BLA, IDR, CRA] = [1, 8, 17, 19, 21] as const;

/** A few GOPs: an IDR, a CRA with leading pictures, a BLA; of several slices where asked for. */
export function h265Pictures({ slices = 1 } = {}): CodedPicture[] {
  const types = [IDR, TRAIL_R, TRAIL_R, CRA, RASL_N, TRAIL_R, BLA, RASL_N, TRAIL_R];
  const sets = [h265Vps(), h265SpsNal({ ...MAIN, maxNumReorderPics: 1 }), h265Pps()];
  return types.map((type, index) => ({
    nals: [
      ...(isKey(type) ? [h265Nal(35, '010'), ...sets] : []),
      ...Array.from({ length: slices }, (_, at) => slice(type, index, at === 0)),
    ],
    timestamp: 4_294_960_000 + index * TICKS,
  }));
}
