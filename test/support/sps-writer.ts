/** Writes H.264 SPS NAL units field by field (ITU-T H.264 §7.3.2.1.1, §E.1), for comparing with what is read. */
import type { Sps } from '../../server/packets/h264-sps.ts';
import type { Hrd, Vui } from '../../server/packets/h264-vui.ts';

export const HIGH_PROFILES = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/** What an SPS holds besides the fields that are read. */
export interface SpsExtras {
  readonly losslessBypass: boolean;
  /** delta_scale values of each scaling list; an empty list says: not there. None at all: no matrix. */
  readonly scalingLists: readonly (readonly number[])[] | undefined;
}

/** The bits of the raw byte sequence payload, as text of zeros and ones, with its trailing bits. */
export function spsBits(sps: Omit<Sps, 'width' | 'height'>, extras: SpsExtras): string {
  const { pictureOrderCount: order, cropping } = sps;
  const cropped = Object.values(cropping).some((offset) => offset > 0);
  const bits = [
    u(8, sps.profileIdc),
    u(8, sps.constraints),
    u(8, sps.levelIdc),
    ue(sps.id),
    HIGH_PROFILES.includes(sps.profileIdc) ? colourBits(sps, extras) : '',
    ue(sps.log2MaxFrameNum - 4),
    ue(order.type),
    order.type === 0 ? ue(order.log2MaxLsb - 4) : '',
    order.type === 1
      ? flag(order.deltaAlwaysZero) +
        se(order.offsetForNonRefPic) +
        se(order.offsetForTopToBottomField) +
        ue(order.offsetsForRefFrame.length) +
        order.offsetsForRefFrame.map(se).join('')
      : '',
    ue(sps.maxNumRefFrames),
    flag(sps.gapsInFrameNumAllowed),
    ue(sps.widthInMbs - 1),
    ue(sps.heightInMapUnits - 1),
    flag(sps.frameMbsOnly),
    sps.frameMbsOnly ? '' : flag(sps.mbAdaptiveFrameField),
    flag(sps.direct8x8Inference),
    flag(cropped),
    cropped ? ue(cropping.left) + ue(cropping.right) + ue(cropping.top) + ue(cropping.bottom) : '',
    flag(sps.vui !== undefined),
    sps.vui ? vuiBits(sps.vui) : '',
  ].join('');
  return `${bits}1`;
}

/** The NAL unit: header byte 0x67, then the bits with emulation prevention. */
export function spsNal(bits: string): Uint8Array {
  const raw = bits.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
  const escaped = spacedHex(Uint8Array.from(raw)).replace(/00 00(?= 0[0-3])/g, '00 00 03');
  return Uint8Array.from(`67 ${escaped}`.split(' '), (byte) => Number.parseInt(byte, 16));
}

/** The bits of a NAL unit after its header byte, without emulation prevention. */
export const rawBits = (nal: Uint8Array): string =>
  spacedHex(nal.subarray(1))
    .replace(/00 00 03/g, '00 00')
    .split(' ')
    .map((byte) => Number.parseInt(byte, 16).toString(2).padStart(8, '0'))
    .join('');

const spacedHex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

function colourBits(sps: Omit<Sps, 'width' | 'height'>, { losslessBypass, scalingLists }: SpsExtras): string {
  return [
    ue(sps.chromaFormatIdc),
    sps.chromaFormatIdc === 3 ? flag(sps.separateColourPlane) : '',
    ue(sps.bitDepthLuma - 8),
    ue(sps.bitDepthChroma - 8),
    flag(losslessBypass),
    flag(scalingLists !== undefined),
    ...(scalingLists ?? []).map((deltas) => flag(deltas.length > 0) + deltas.map(se).join('')),
  ].join('');
}

function vuiBits(vui: Vui): string {
  const { aspectRatio: aspect, videoSignal: signal, chromaLocation: chroma, timing } = vui;
  const restriction = vui.bitstreamRestriction;
  return [
    flag(aspect !== undefined),
    aspect ? u(8, aspect.idc) : '',
    aspect?.idc === 255 ? u(16, aspect.width) + u(16, aspect.height) : '',
    flag(vui.overscanAppropriate !== undefined),
    vui.overscanAppropriate === undefined ? '' : flag(vui.overscanAppropriate),
    flag(signal !== undefined),
    signal ? u(3, signal.format) + flag(signal.fullRange) + flag(signal.colour !== undefined) : '',
    signal?.colour
      ? u(8, signal.colour.primaries) + u(8, signal.colour.transfer) + u(8, signal.colour.matrix)
      : '',
    flag(chroma !== undefined),
    chroma ? ue(chroma.topField) + ue(chroma.bottomField) : '',
    flag(timing !== undefined),
    timing ? u(32, timing.unitsInTick) + u(32, timing.timeScale) + flag(timing.fixedFrameRate) : '',
    flag(vui.nalHrd !== undefined),
    vui.nalHrd ? hrdBits(vui.nalHrd) : '',
    flag(vui.vclHrd !== undefined),
    vui.vclHrd ? hrdBits(vui.vclHrd) : '',
    vui.lowDelayHrd === undefined ? '' : flag(vui.lowDelayHrd),
    flag(vui.picStructPresent),
    flag(restriction !== undefined),
    restriction
      ? flag(restriction.motionVectorsOverPicBoundaries) +
        ue(restriction.maxBytesPerPicDenom) +
        ue(restriction.maxBitsPerMbDenom) +
        ue(restriction.log2MaxMvLengthHorizontal) +
        ue(restriction.log2MaxMvLengthVertical) +
        ue(restriction.maxNumReorderFrames) +
        ue(restriction.maxDecFrameBuffering)
      : '',
  ].join('');
}

const hrdBits = (hrd: Hrd): string =>
  ue(hrd.buffers.length - 1) +
  u(4, hrd.bitRateScale) +
  u(4, hrd.cpbSizeScale) +
  hrd.buffers
    .map(
      (buffer) => ue(buffer.bitRateValueMinus1) + ue(buffer.sizeValueMinus1) + flag(buffer.constantBitRate),
    )
    .join('') +
  u(5, hrd.initialCpbRemovalDelayLength - 1) +
  u(5, hrd.cpbRemovalDelayLength - 1) +
  u(5, hrd.dpbOutputDelayLength - 1) +
  u(5, hrd.timeOffsetLength);

const flag = (value: boolean): string => (value ? '1' : '0');
const u = (length: number, value: number): string => value.toString(2).padStart(length, '0');
const se = (value: number): string => ue(value > 0 ? 2 * value - 1 : -2 * value);
export const ue = (value: number): string => {
  const code = (value + 1).toString(2);
  return code.padStart(2 * code.length - 1, '0');
};
