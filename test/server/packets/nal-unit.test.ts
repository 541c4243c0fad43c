import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitReader } from '../../../server/packets/bit-reader.ts';
import { BitWriter } from '../../../server/packets/bit-writer.ts';
import {
  withEmulationPrevention,
  withoutEmulationPrevention,
} from '../../../server/packets/emulation-prevention.ts';
import { annexB, nalBytes, nalUnit } from '../../../server/packets/nal-unit.ts';
import { ue } from '../../support/sps-writer.ts';

/** Bytes with many zeros, where emulation prevention has work to do. */
const zeroRich = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(4), fc.nat(255)), { maxLength: 40 })
  .map((bytes) => Uint8Array.from(bytes));

describe('a NAL unit', () => {
  const pieces = { header: 0x65, body: [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)] };

  it('stands behind a four-byte start code in Annex B, put together from its pieces', () => {
    const bytes = annexB([nalUnit(Uint8Array.of(0x67, 9)), pieces]);
    expect([...bytes]).toEqual([0, 0, 0, 1, 0x67, 9, 0, 0, 0, 1, 0x65, 1, 2, 3]);
  });

  it('gives its bytes in one, or the first of them', () => {
    expect([...nalBytes(pieces)]).toEqual([0x65, 1, 2, 3]);
    expect([...nalBytes(pieces, 2)]).toEqual([0x65, 1]);
    expect([...nalBytes(pieces, 99)]).toEqual([0x65, 1, 2, 3]);
  });
});

describe('emulation prevention', () => {
  it.each([
    [
      [0, 0, 0],
      [0, 0, 3, 0],
    ],
    [
      [0, 0, 1],
      [0, 0, 3, 1],
    ],
    [
      [0, 0, 3],
      [0, 0, 3, 3],
    ],
    [
      [0, 0, 4],
      [0, 0, 4],
    ],
    [
      [0, 0, 0, 0, 0],
      [0, 0, 3, 0, 0, 3, 0],
    ],
  ])('writes %j as %j and reads it back', (raw, written) => {
    expect([...withEmulationPrevention(Uint8Array.from(raw))]).toEqual(written);
    expect([...withoutEmulationPrevention(Uint8Array.from(written))]).toEqual(raw);
  });

  it('keeps start codes out of any bytes, and loses none of them', () => {
    fc.assert(
      fc.property(zeroRich, (raw) => {
        const written = withEmulationPrevention(raw);
        expect([...written].join(' ')).not.toMatch(/\b0 0 [012]\b/);
        expect(withoutEmulationPrevention(written)).toEqual(raw);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('bit fields', () => {
  it.each([
    ['1', 0, 0],
    ['010', 1, 1],
    ['011', 2, -1],
    ['00100', 3, 2],
    ['00111', 6, -3],
    ['000010001', 16, -8],
  ])('reads %s as ue %i and se %i (ITU-T H.264 §9.1)', (bits, unsigned, signed) => {
    const bytes = Uint8Array.of(
      Number.parseInt(bits.slice(0, 8).padEnd(8, '0'), 2),
      bits[8] === '1' ? 128 : 0,
    );
    expect(new BitReader(bytes, 'field').unsigned('value')).toBe(unsigned);
    expect(new BitReader(bytes, 'field').signed('value')).toBe(signed);
  });

  it('writes numbers so that they are read back', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 31 - 2)), (values) => {
        const writer = new BitWriter();
        for (const value of values) writer.unsigned(value);
        const bytes = writer.finish();
        const reader = new BitReader(bytes, 'field');
        expect(values.map(() => reader.unsigned('value'))).toEqual(values);
        expect(reader.position).toBe(values.map(ue).join('').length);
      }),
    );
  });

  it('reads 32 bits without a sign', () => {
    expect(new BitReader(Uint8Array.of(0xff, 0xff, 0xff, 0xfe), 'field').bits(32)).toBe(0xffff_fffe);
  });

  it('names what ended too early, what is too large and what is no number', () => {
    const reading = (bytes: number[], max?: number) => () =>
      new BitReader(Uint8Array.from(bytes), 'SPS').unsigned('level', max);
    expect(reading([0x00])).toThrow('SPS: it ends too early');
    expect(reading([0b00100_000], 2)).toThrow('SPS: level of at most 2 was expected, 3 came');
    expect(reading([0, 0, 0, 0, 0, 0xff])).toThrow('SPS: level is no Exp-Golomb code');
  });
});
