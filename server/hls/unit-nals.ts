/** The NAL units of an access unit, and which of them an MP4 keeps apart: its parameter sets. */
import type { Codec } from '#wire/access-unit.ts';

/** Views into the access unit, header byte first. */
export interface UnitNals {
  readonly parameterSets: readonly Uint8Array[];
  /** All others, as they came. */
  readonly rest: readonly Uint8Array[];
}

/** Four-byte start codes; no NAL unit holds one, for emulation prevention keeps them out. */
const START_CODE = Buffer.from([0, 0, 0, 1]);

export const H264_SPS = 7;
export const H264_PPS = 8;
export const H265_VPS = 32;
export const H265_SPS = 33;
export const H265_PPS = 34;

/** nal_unit_type of either codec. */
export const nalTypeOf = (codec: Codec, nal: Uint8Array): number =>
  codec === 'h264' ? (nal[0] ?? 0) & 0x1f : ((nal[0] ?? 0) >> 1) & 0x3f;

/** Takes Annex B data apart. */
export function unitNals(codec: Codec, data: Uint8Array): UnitNals {
  const parameterSets: Uint8Array[] = [];
  const rest: Uint8Array[] = [];
  for (const nal of annexBNals(data)) (isParameterSet(codec, nal) ? parameterSets : rest).push(nal);
  return { parameterSets, rest };
}

function* annexBNals(data: Uint8Array): Generator<Uint8Array, void, undefined> {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  for (let at = bytes.indexOf(START_CODE); at !== -1; ) {
    const begin = at + START_CODE.length;
    const next = bytes.indexOf(START_CODE, begin);
    const end = next === -1 ? data.length : next;
    if (end > begin) yield data.subarray(begin, end);
    at = next;
  }
}

function isParameterSet(codec: Codec, nal: Uint8Array): boolean {
  const type = nalTypeOf(codec, nal);
  return codec === 'h264' ? type === H264_SPS || type === H264_PPS : type >= H265_VPS && type <= H265_PPS;
}
