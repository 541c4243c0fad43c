/** H.265 as MP4 stores it (ISO/IEC 14496-15 §8): parameter sets in an `hvcC` record. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { type AvcConfiguration, lengthPrefixed } from './avcc.ts';

/** Bytes up to numOfArrays. */
const FIXED_BYTES = 23;

/** Reads an HEVCDecoderConfigurationRecord, §8.3.3.1.2. @throws NightglassError `packets/malformed` */
export function parseHvcConfiguration(record: Uint8Array): AvcConfiguration {
  if (record.length < FIXED_BYTES || record[0] !== 1)
    throw new NightglassError('packets/malformed', 'an hvcC record of version 1 was expected');
  const parameterSets: Uint8Array[] = [];
  let at = FIXED_BYTES;
  for (let arrays = record[FIXED_BYTES - 1]!; arrays > 0; arrays--) {
    const count = ((record[at + 1] ?? 0) << 8) | (record[at + 2] ?? 0);
    at += 3;
    for (let set = 0; set < count; set++) {
      const bytes = lengthPrefixed(record, at, 2);
      parameterSets.push(bytes);
      at += 2 + bytes.length;
    }
  }
  return { lengthBytes: (record[21]! & 3) + 1, parameterSets };
}
