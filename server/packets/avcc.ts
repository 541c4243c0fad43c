/** H.264 as MP4 stores it (ISO/IEC 14496-15 §5): parameter sets in an `avcC` record, NAL units behind lengths. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { type NalUnit, nalUnit } from './nal-unit.ts';
import { MAX_UNIT_NALS } from './picture-grouper.ts';

/** What the decoder configuration record of a track says; of H.265's too. */
export interface AvcConfiguration {
  /** Bytes of the length before each NAL unit: 1, 2 or 4. */
  readonly lengthBytes: number;
  /** NAL units of parameter sets, and of H.265 maybe others. Views into the record. */
  readonly parameterSets: readonly Uint8Array[];
}

/** Reads an AVCDecoderConfigurationRecord, §5.3.3.1.2. @throws NightglassError `packets/malformed` */
export function parseAvcConfiguration(record: Uint8Array): AvcConfiguration {
  if (record.length < 7 || record[0] !== 1) throw malformed('an avcC record of version 1 was expected');
  const parameterSets: Uint8Array[] = [];
  let at = 5;
  for (const countMask of [0x1f, 0xff]) {
    const count = (record[at++] ?? 0) & countMask;
    for (let set = 0; set < count; set++) {
      const bytes = lengthPrefixed(record, at, 2);
      parameterSets.push(bytes);
      at += 2 + bytes.length;
    }
  }
  return { lengthBytes: (record[4]! & 3) + 1, parameterSets };
}

/** The NAL units of one sample, as views into it. @throws NightglassError `packets/malformed` */
export function parseAvcSample(sample: Uint8Array, lengthBytes: number): NalUnit[] {
  const nals: NalUnit[] = [];
  for (let at = 0; at < sample.length; ) {
    const bytes = lengthPrefixed(sample, at, lengthBytes);
    if (bytes.length > 0) nals.push(nalUnit(bytes));
    if (nals.length > MAX_UNIT_NALS)
      throw malformed(`a picture of more than ${MAX_UNIT_NALS} NAL units came`);
    at += lengthBytes + bytes.length;
  }
  return nals;
}

/** The bytes behind a length of `lengthBytes`, as a view. @throws NightglassError `packets/malformed` */
export function lengthPrefixed(bytes: Uint8Array, at: number, lengthBytes: number): Uint8Array {
  let length = 0;
  for (let index = 0; index < lengthBytes; index++) length = length * 256 + (bytes[at + index] ?? 0);
  const start = at + lengthBytes;
  if (start + length > bytes.length) throw malformed('a NAL unit longer than what holds it came');
  return bytes.subarray(start, start + length);
}

const malformed = (message: string): NightglassError => new NightglassError('packets/malformed', message);
