import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NightglassError } from '#wire/nightglass-error.ts';
import { parseAvcConfiguration, parseAvcSample } from '../../../server/packets/avcc.ts';
import { nalBytes } from '../../../server/packets/nal-unit.ts';

const RECORD = [1, 0x64, 0, 0x28, 0xff, 0xe2, 0, 2, 0x67, 1, 0, 1, 0x67, 1, 0, 2, 0x68, 2];

describe('parseAvcConfiguration', () => {
  it('reads the length size and every parameter set', () => {
    const { lengthBytes, parameterSets } = parseAvcConfiguration(Uint8Array.from(RECORD));
    expect(lengthBytes).toBe(4);
    expect(parameterSets.map((set) => [...set])).toEqual([[0x67, 1], [0x67], [0x68, 2]]);
  });

  it.each([1, 2, 4])('reads lengths of %i bytes', (lengthBytes) => {
    const record = Uint8Array.from(RECORD).fill(0xfc | (lengthBytes - 1), 4, 5);
    expect(parseAvcConfiguration(record).lengthBytes).toBe(lengthBytes);
  });

  it.each([
    ['another version', [2, ...RECORD.slice(1)]],
    ['less than a record', RECORD.slice(0, 6)],
    ['a set cut off', RECORD.slice(0, -1)],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseAvcConfiguration(Uint8Array.from(bytes))).toThrow(NightglassError);
  });

  it('makes a configuration or a packets/malformed of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          parseAvcConfiguration(Uint8Array.from([1, 0x64, 0, 0x28, ...bytes]));
        } catch (error) {
          if (!(error instanceof NightglassError)) throw error;
          expect(error.code).toBe('packets/malformed');
        }
      }),
    );
  });
});

describe('parseAvcSample', () => {
  it.each([1, 2, 4])('gives back NAL units written behind lengths of %i bytes', (lengthBytes) => {
    const anyNals = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }));
    fc.assert(
      fc.property(anyNals, (nals) => {
        const sample = nals.flatMap((nal) => [
          ...new Array<number>(lengthBytes - 1).fill(0),
          nal.length,
          ...nal,
        ]);
        const read = parseAvcSample(Uint8Array.from(sample), lengthBytes);
        expect(read.map((nal) => nalBytes(nal))).toEqual(nals);
      }),
    );
  });

  it('passes over empty NAL units and refuses one that is cut off', () => {
    expect(parseAvcSample(Uint8Array.of(0, 0, 0, 1, 0x65), 2)).toHaveLength(1);
    expect(() => parseAvcSample(Uint8Array.of(0, 3, 0x65, 1), 2)).toThrow('longer than what holds it');
    expect(() => parseAvcSample(Uint8Array.of(0, 1, 0x65, 0), 2)).toThrow(NightglassError);
  });
});
