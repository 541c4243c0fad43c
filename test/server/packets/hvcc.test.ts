import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NightglassError } from '#wire/nightglass-error.ts';
import { parseHvcConfiguration } from '../../../server/packets/hvcc.ts';

/** Main profile, level 3; lengths of 4 bytes; arrays of one VPS, two SPS and no PPS. */
const RECORD = [
  ...[1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 90, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0x0f, 3],
  ...[0xa0, 0, 1, 0, 3, 0x40, 1, 2],
  ...[0xa1, 0, 2, 0, 2, 0x42, 1, 0, 3, 0x42, 1, 9],
  ...[0xa2, 0, 0],
];

describe('parseHvcConfiguration', () => {
  it('reads the length size and every NAL unit of every array', () => {
    const { lengthBytes, parameterSets } = parseHvcConfiguration(Uint8Array.from(RECORD));
    expect(lengthBytes).toBe(4);
    expect(parameterSets.map((set) => [...set])).toEqual([
      [0x40, 1, 2],
      [0x42, 1],
      [0x42, 1, 9],
    ]);
  });

  it.each([
    ['another version', [2, ...RECORD.slice(1)]],
    ['less than a record', RECORD.slice(0, 22)],
    ['a set cut off', RECORD.slice(0, -4)],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseHvcConfiguration(Uint8Array.from(bytes))).toThrow(NightglassError);
  });

  it('makes a configuration or a packets/malformed of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          parseHvcConfiguration(Uint8Array.from([...RECORD.slice(0, 22), ...bytes]));
        } catch (error) {
          if (!(error instanceof NightglassError)) throw error;
          expect(error.code).toBe('packets/malformed');
        }
      }),
    );
  });
});
