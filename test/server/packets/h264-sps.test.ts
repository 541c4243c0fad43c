import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NightglassError } from '#wire/nightglass-error.ts';
import { configOf, parseSps } from '../../../server/packets/h264-sps.ts';
import { anyExtras, anySps } from '../../support/any-sps.ts';
import { spsBits, spsNal, ue } from '../../support/sps-writer.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/** Written by libx264; the sizes are those that ffprobe reads from them. */
const HIGH = hex('67640028acb403c0113f2e0220000003002000000641e30654');
const HIGH_REORDERED = hex('67640028acd940780227e5c044000003000400000300c83c60c658');
const BASELINE_CROPPED = hex('6742c00ada1c9e226c0440000003004000000c83c489a8');
const INTERLACED = hex('6764001eacd940b424d8088000000300800000190f8a14cb');
const INTERLACED_CROPPED = hex('6764001eacd940b424fc98088000000300800000190f8a14cb');
const HALF_CHROMA = hex('677a000dbcb40a8cf111f808800000030080000019078a1550');
const FULL_CHROMA = hex('67f4000d919681519e3e3f011000000300100000030320f142aa');
const WITH_HRD = hex('674d401fda014016ec05b808080a00000300020000030064c04001e848003d09c58400f1832a');
const TEN_BIT = hex('677a001eb6cb405016d808800000030080000019078b1750');

/** The fields before the size, for a baseline SPS. */
const HEAD = `${'01000010'}${'00000000'}${'00001010'}${ue(0)}${ue(0)}${ue(2)}${ue(1)}0`;
const NO_FURTHER = '1100'; // frame_mbs_only, direct_8x8_inference; no cropping, no VUI

describe('parseSps', () => {
  it.each([
    ['1080p, which crops 8 lines', HIGH, 1920, 1080, 'avc1.640028'],
    ['the same with B pictures', HIGH_REORDERED, 1920, 1080, 'avc1.640028'],
    ['a picture cropped on two sides', BASELINE_CROPPED, 98, 54, 'avc1.42C00A'],
    ['an interlaced picture', INTERLACED, 720, 576, 'avc1.64001E'],
    ['an interlaced picture that is cropped', INTERLACED_CROPPED, 720, 564, 'avc1.64001E'],
    ['a cropped picture in 4:2:2', HALF_CHROMA, 322, 178, 'avc1.7A000D'],
    ['a picture without chroma subsampling', FULL_CHROMA, 322, 178, 'avc1.F4000D'],
    ['a picture with HRD parameters', WITH_HRD, 1280, 720, 'avc1.4D401F'],
    ['a picture of 10 bits in 4:2:2', TEN_BIT, 640, 352, 'avc1.7A001E'],
  ])('gives the decoder %s', (_, nal, codedWidth, codedHeight, codec) => {
    expect(configOf(parseSps(nal))).toEqual({ codec, codedWidth, codedHeight, format: 'annexb' });
  });

  it('reads what the VUI says of reordering, range and rate', () => {
    expect(parseSps(HIGH).vui).toMatchObject({
      timing: { unitsInTick: 1, timeScale: 50 },
      bitstreamRestriction: { maxNumReorderFrames: 0, maxDecFrameBuffering: 1 },
    });
    expect(parseSps(HIGH_REORDERED).vui?.bitstreamRestriction?.maxNumReorderFrames).toBe(2);
    const { vui } = parseSps(WITH_HRD);
    expect(vui?.videoSignal).toEqual({
      format: 5,
      fullRange: true,
      colour: { primaries: 1, transfer: 1, matrix: 1 },
    });
    expect(vui?.nalHrd?.buffers).toHaveLength(1);
  });

  it('reads back every field of any SPS', () => {
    fc.assert(
      fc.property(
        anySps.chain((sps) => anyExtras(sps).map((extras) => ({ sps, extras }))),
        ({ sps, extras }) => {
          const { width, height, ...read } = parseSps(spsNal(spsBits(sps, extras)));
          expect(read).toEqual(sps);
          expect(width).toBeGreaterThan(0);
          expect(height).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('makes an SPS or a packets/malformed of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(66, 77, 100, 244), (bytes, profile) => {
        try {
          const sps = parseSps(Uint8Array.from([0x67, profile, ...bytes]));
          expect(sps.width).toBeGreaterThan(0);
          expect(sps.width).toBeLessThanOrEqual(16_384);
          expect(sps.height).toBeGreaterThan(0);
          expect(sps.height).toBeLessThanOrEqual(16_384);
        } catch (error) {
          if (!(error instanceof NightglassError)) throw error;
          expect(error.code).toBe('packets/malformed');
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('survives any one byte of a real SPS being another', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(HIGH, INTERLACED, FULL_CHROMA, WITH_HRD),
        fc.nat(40),
        fc.nat(255),
        (nal, at, byte) => {
          const damaged = nal.slice();
          damaged[at % nal.length] = byte;
          try {
            parseSps(damaged);
          } catch (error) {
            if (!(error instanceof NightglassError)) throw error;
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['an SPS that ends before its size', HIGH.subarray(0, 6), 'SPS: it ends too early'],
    ['nothing at all', new Uint8Array(0), 'SPS: it ends too early'],
    [
      'a width that no decoder takes',
      spsNal(`${HEAD}${ue(1024)}${ue(9)}${NO_FURTHER}1`),
      'pic_width_in_mbs_minus1',
    ],
    [
      'cropping of more than there is',
      spsNal(`${HEAD}${ue(0)}${ue(0)}111${ue(0)}${ue(8)}${ue(0)}${ue(0)}01`),
      'a picture of 1 to 16384 pixels a side was expected, 0×16 came',
    ],
  ])('refuses %s', (_, nal, message) => {
    expect(() => parseSps(nal)).toThrow(
      expect.objectContaining({ code: 'packets/malformed', message: expect.stringContaining(message) }),
    );
  });

  it('passes over a VUI that ends too early: the size before it holds', () => {
    const cut = parseSps(HIGH.subarray(0, 15));
    expect(cut).toMatchObject({ width: 1920, height: 1080, vui: undefined });
  });
});
