/** Writes H.265 SPS NAL units field by field (ITU-T H.265 §7.3.2.2.1), as far as they are read. */
import type { Sps } from '../../server/packets/h265-sps.ts';
import { spsNal, ue } from './sps-writer.ts';

/** What an SPS holds besides the fields that are read. */
export interface SpsExtras {
  /** Of each sub-layer but the highest: whether it has a profile and a level of its own. */
  readonly subLayers: readonly { readonly profile: boolean; readonly level: boolean }[];
  /** Offsets in chroma units; nothing leaves the window out. */
  readonly window: readonly [left: number, right: number, top: number, bottom: number] | undefined;
  /** True tells the ordering of each sub-layer, else of the highest alone. */
  readonly orderingOfEach: boolean;
}

export const PLAIN: SpsExtras = { subLayers: [], window: undefined, orderingOfEach: false };

/** Full HD with a conformance window still to come, main profile, level 3.1, in order. */
export const MAIN: Sps = {
  vpsId: 0,
  maxSubLayers: 1,
  profileTierLevel: {
    profileSpace: 0,
    highTier: false,
    profileIdc: 1,
    compatibility: 0x6000_0000,
    constraints: [0xb0, 0, 0, 0, 0, 0],
    levelIdc: 93,
  },
  id: 0,
  chromaFormatIdc: 1,
  bitDepthLuma: 8,
  bitDepthChroma: 8,
  width: 1920,
  height: 1088,
  maxNumReorderPics: 0,
};

/** The NAL unit of an SPS whose `width` and `height` are those before the conformance window. */
export function h265SpsNal(sps: Sps, extras: SpsExtras = PLAIN): Uint8Array {
  const { profileTierLevel: ptl } = sps;
  const { subLayers, window, orderingOfEach } = extras;
  const ordering = (reorder: number): string => ue(4) + ue(reorder) + ue(0);
  const told = orderingOfEach ? sps.maxSubLayers : 1;
  const bits = [
    u(4, sps.vpsId) + u(3, sps.maxSubLayers - 1) + flag(true),
    u(2, ptl.profileSpace) + flag(ptl.highTier) + u(5, ptl.profileIdc) + u(32, ptl.compatibility),
    ptl.constraints.map((byte) => u(8, byte)).join('') + u(8, ptl.levelIdc),
    subLayers.map(({ profile, level }) => flag(profile) + flag(level)).join(''),
    subLayers.length > 0 ? '00'.repeat(8 - subLayers.length) : '',
    subLayers
      .map(({ profile, level }) => (profile ? '10'.repeat(44) : '') + (level ? u(8, 30) : ''))
      .join(''),
    ue(sps.id) + ue(sps.chromaFormatIdc),
    sps.chromaFormatIdc === 3 ? flag(false) : '',
    ue(sps.width) + ue(sps.height),
    flag(window !== undefined) + (window ?? []).map(ue).join(''),
    ue(sps.bitDepthLuma - 8) + ue(sps.bitDepthChroma - 8) + ue(4),
    flag(orderingOfEach),
    ...Array.from({ length: told }, (_, layer) => ordering(layer === told - 1 ? sps.maxNumReorderPics : 1)),
    '1',
  ].join('');
  // The writer of H.264's puts a header of one byte before them.
  return Uint8Array.from([0x42, 0x01, ...spsNal(bits).subarray(1)]);
}

const flag = (value: boolean): string => (value ? '1' : '0');
const u = (length: number, value: number): string => value.toString(2).padStart(length, '0');
