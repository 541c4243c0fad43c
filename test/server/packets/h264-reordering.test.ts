import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReorderingWatch, withoutReordering } from '../../../server/packets/h264-reordering.ts';
import type { SliceHeader } from '../../../server/packets/h264-slice.ts';
import { parseSps, type Sps } from '../../../server/packets/h264-sps.ts';
import { anyExtras, anySps } from '../../support/any-sps.ts';
import { rawBits, spsBits, spsNal } from '../../support/sps-writer.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const IN_ORDER = hex('67640028acb403c0113f2e0220000003002000000641e30654');
const REORDERED = hex('67640028acd940780227e5c044000003000400000300c83c60c658');
const NO_EXTRAS = { losslessBypass: false, scalingLists: undefined };

describe('withoutReordering', () => {
  const anyWritten = anySps.chain((sps) => anyExtras(sps).map((extras) => ({ sps, extras })));

  it('promises no reordering, and changes no other field, of any SPS', () => {
    fc.assert(
      fc.property(anyWritten, ({ sps, extras }) => {
        const nal = spsNal(spsBits(sps, extras));
        const { vui, ...rest } = parseSps(withoutReordering(nal));
        const { vui: before, ...restBefore } = parseSps(nal);
        expect(rest).toEqual(restBefore);
        const restriction = vui!.bitstreamRestriction!;
        expect(restriction.maxNumReorderFrames).toBe(0);
        if (before?.bitstreamRestriction?.maxNumReorderFrames !== 0)
          expect(restriction.maxDecFrameBuffering).toBe(Math.max(sps.maxNumRefFrames, 1));
        if (before) {
          const { maxNumReorderFrames: a, maxDecFrameBuffering: b, ...said } = restriction;
          if (before.bitstreamRestriction) expect(before.bitstreamRestriction).toMatchObject(said);
          expect({ ...vui, bitstreamRestriction: 0 }).toEqual({ ...before, bitstreamRestriction: 0 });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps every bit before the VUI, scaling lists included', () => {
    fc.assert(
      fc.property(anyWritten, ({ sps, extras }) => {
        const written = spsBits({ ...sps, vui: undefined }, extras);
        const beforeVui = written.replace(/01$/, '');
        expect(rawBits(withoutReordering(spsNal(written))).startsWith(`${beforeVui}1`)).toBe(true);
      }),
    );
  });

  it('writes 1080p of libx264 without a VUI with one that says it all', () => {
    const bare = spsNal(spsBits({ ...parseSps(IN_ORDER), vui: undefined }, NO_EXTRAS));
    expect(parseSps(withoutReordering(bare)).vui).toMatchObject({
      timing: undefined,
      bitstreamRestriction: { maxNumReorderFrames: 0, maxDecFrameBuffering: 1, maxBytesPerPicDenom: 2 },
    });
  });

  it('leaves an SPS that already promises it as it is', () => {
    expect(withoutReordering(IN_ORDER)).toBe(IN_ORDER);
  });

  it('puts a VUI in place of one that ends too early', () => {
    const { vui, ...rest } = parseSps(withoutReordering(IN_ORDER.subarray(0, 15)));
    expect(vui?.bitstreamRestriction?.maxNumReorderFrames).toBe(0);
    expect(rest).toMatchObject({ width: 1920, height: 1080 });
  });

  it('goes a second time without changing anything', () => {
    fc.assert(
      fc.property(anyWritten, ({ sps, extras }) => {
        const once = withoutReordering(spsNal(spsBits(sps, extras)));
        expect(withoutReordering(once)).toBe(once);
      }),
    );
  });
});

describe('ReorderingWatch', () => {
  const silent: Sps = { ...parseSps(REORDERED), vui: undefined };
  const { pictureOrderCount } = silent;
  const maxLsb = pictureOrderCount.type === 0 ? 2 ** pictureOrderCount.log2MaxLsb : Number.NaN;

  /** Pictures as text: `I0`, `P6`, `B2` with their order count. */
  const watching = (text: string, sps = silent): boolean => {
    const watch = new ReorderingWatch();
    for (const picture of text.split(' ')) {
      const slice: SliceHeader = {
        idr: picture.startsWith('I'),
        type: picture[0] as SliceHeader['type'],
        ppsId: 0,
        pictureOrderCountLsb: Number(picture.slice(1)) % maxLsb,
      };
      watch.see(slice, sps);
    }
    return watch.reorders(sps);
  };

  it.each([
    ['P pictures alone are in order', 'I0 P2 P4 P6 I0 P2', false],
    ['a B picture shown before one sent is reordered', 'I0 P6 B2 B4', true],
    ['low-delay B pictures are in order', 'I0 B2 B4 B6 B8', false],
    ['half way round counts as forward', `I0 B${maxLsb / 2}`, false],
    ['order counts begin anew at an IDR picture', 'I0 B20 I0 B2', false],
    ['order counts wrap', `I0 ${Array.from({ length: maxLsb }, (_, n) => `B${2 * n + 2}`).join(' ')}`, false],
    [
      'a picture is late across the wrap too',
      `I0 P${maxLsb / 2 - 1} P${maxLsb - 2} P${maxLsb + 4} B${maxLsb}`,
      true,
    ],
    ['late before the wrap', `I0 P${maxLsb / 2 - 1} P${maxLsb - 4} P${maxLsb + 2} B${maxLsb - 2}`, true],
    ['once seen it stays', 'I0 P4 B2 I0 P2 P4 I0', true],
    ['a P picture out of order is not what B pictures do', 'I0 P6 P2', false],
  ])('%s', (_, pictures, reordered) => {
    expect(watching(pictures)).toBe(reordered);
  });

  it('believes an SPS that announces reordering', () => {
    expect(new ReorderingWatch().reorders(parseSps(REORDERED))).toBe(true);
    expect(new ReorderingWatch().reorders(parseSps(IN_ORDER))).toBe(false);
  });

  it('does not believe it where it cannot be: baseline, and order count type 2', () => {
    expect(new ReorderingWatch().reorders({ ...parseSps(REORDERED), profileIdc: 66 })).toBe(false);
    expect(new ReorderingWatch().reorders({ ...parseSps(REORDERED), pictureOrderCount: { type: 2 } })).toBe(
      false,
    );
  });

  it('takes any B picture for reordered where order counts are of type 1', () => {
    const type1 = {
      type: 1,
      deltaAlwaysZero: true,
      offsetForNonRefPic: 0,
      offsetForTopToBottomField: 0,
      offsetsForRefFrame: [2],
    } as const;
    expect(watching('I0 P0', { ...silent, pictureOrderCount: type1 })).toBe(false);
    expect(watching('I0 B0 P0', { ...silent, pictureOrderCount: type1 })).toBe(true);
  });
});
