import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NightglassError } from '#wire/nightglass-error.ts';
import { configOf, parseSps, type Sps } from '../../../server/packets/h265-sps.ts';
import { h265SpsNal, MAIN, PLAIN, type SpsExtras } from '../../support/h265-sps-writer.ts';

const codecOf = (fields: Partial<Sps['profileTierLevel']>): string =>
  configOf({ ...MAIN, profileTierLevel: { ...MAIN.profileTierLevel, ...fields } }).codec;

describe('an H.265 SPS', () => {
  it('of libx265 is read: Main 10, 98×54, B pictures', () => {
    const nal =
      '42010202200000030090000003000003001e0000a03881071133659594aca94985e02d010000030001000003001908';
    expect(parseSps(Uint8Array.from(Buffer.from(nal, 'hex')))).toMatchObject({
      profileTierLevel: { profileIdc: 2, compatibility: 0x2000_0000, levelIdc: 30 },
      chromaFormatIdc: 1,
      bitDepthLuma: 10,
      bitDepthChroma: 10,
      width: 98,
      height: 54,
      maxNumReorderPics: 2,
    });
  });

  it('gives its size after the conformance window', () => {
    const window = [1, 2, 0, 4] as const;
    const sizeIn = (chromaFormatIdc: number): number[] => {
      const { width, height } = parseSps(h265SpsNal({ ...MAIN, chromaFormatIdc }, { ...PLAIN, window }));
      return [width, height];
    };
    expect([0, 1, 2, 3].map(sizeIn)).toEqual([
      [1917, 1084],
      [1914, 1080],
      [1914, 1084],
      [1917, 1084],
    ]);
  });

  it.each<[string, Partial<Sps>, Partial<SpsExtras>, RegExp]>([
    ['no pixel wide', { width: 8 }, { window: [2, 2, 0, 0] }, /0×1088 came/],
    ['too wide', { width: 16_385 }, {}, /pic_width_in_luma_samples of at most 16384/],
    ['too high', { height: 16_385 }, {}, /pic_height_in_luma_samples of at most 16384/],
    ['of eight sub-layers', { maxSubLayers: 8 }, {}, /at most 7 sub-layers/],
  ])('that is %s is malformed', (_, fields, extras, message) => {
    const nal = h265SpsNal({ ...MAIN, ...fields }, { ...PLAIN, ...extras });
    expect(() => parseSps(nal)).toThrow(
      expect.objectContaining({ code: 'packets/malformed', message: expect.stringMatching(message) }),
    );
  });

  const anySps = fc.record({
    vpsId: fc.nat(15),
    maxSubLayers: fc.integer({ min: 1, max: 7 }),
    profileTierLevel: fc.record({
      profileSpace: fc.nat(3),
      highTier: fc.boolean(),
      profileIdc: fc.nat(31),
      compatibility: fc.nat(0xffff_ffff),
      constraints: fc.array(fc.nat(255), { minLength: 6, maxLength: 6 }),
      levelIdc: fc.nat(255),
    }),
    id: fc.nat(15),
    chromaFormatIdc: fc.nat(3),
    bitDepthLuma: fc.integer({ min: 8, max: 16 }),
    bitDepthChroma: fc.integer({ min: 8, max: 16 }),
    width: fc.integer({ min: 1, max: 16_384 }),
    height: fc.integer({ min: 1, max: 16_384 }),
    maxNumReorderPics: fc.nat(15),
  });

  it('is read as it was written, whatever its fields and sub-layers', () => {
    fc.assert(
      fc.property(anySps, fc.infiniteStream(fc.boolean()), (sps, coin) => {
        const toss = (): boolean => coin.next().value;
        const subLayers = Array.from({ length: sps.maxSubLayers - 1 }, () => ({
          profile: toss(),
          level: toss(),
        }));
        const nal = h265SpsNal(sps, { ...PLAIN, subLayers, orderingOfEach: toss() });
        expect(parseSps(nal)).toEqual(sps);
      }),
      { numRuns: 500 },
    );
  });

  it('of any bytes is an SPS of a size the wire takes, or malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(30), (bytes, whole) => {
        const nal = Uint8Array.from([...h265SpsNal(MAIN).subarray(0, whole), ...bytes]);
        try {
          const { width, height } = parseSps(nal);
          for (const side of [width, height]) expect(side >= 1 && side <= 16_384).toBe(true);
        } catch (error) {
          if (!(error instanceof NightglassError)) throw error;
          expect(error.code).toBe('packets/malformed');
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the codec string of H.265 (ISO/IEC 14496-15 §E.3)', () => {
  it('is that of the standard’s own example for Main at level 3.1', () => {
    expect(configOf(MAIN)).toEqual({
      codec: 'hev1.1.6.L93.B0',
      codedWidth: 1920,
      codedHeight: 1088,
      format: 'annexb',
    });
  });

  it.each<[string, Partial<Sps['profileTierLevel']>]>([
    ['hev1.1.6.H153.B0', { highTier: true, levelIdc: 153 }],
    [
      'hev1.2.4.L120.90',
      { profileIdc: 2, compatibility: 0x2000_0000, constraints: [0x90, 0, 0, 0, 0, 0], levelIdc: 120 },
    ],
    [
      'hev1.A4.80000001.L93.0.8',
      { profileSpace: 1, profileIdc: 4, compatibility: 0x8000_0001, constraints: [0, 8, 0, 0, 0, 0] },
    ],
    ['hev1.C1.6.L93.B0.0.0.0.0.1', { profileSpace: 3, constraints: [0xb0, 0, 0, 0, 0, 1] }],
    ['hev1.1.6.L93', { constraints: [0, 0, 0, 0, 0, 0] }],
  ])('is %s', (codec, fields) => {
    expect(codecOf(fields)).toBe(codec);
  });
});
