/** Any SPS that the standard allows, as a fast-check arbitrary. */
import fc from 'fast-check';
import type { PictureOrderCount, Sps } from '../../server/packets/h264-sps.ts';
import type { BitstreamRestriction, Hrd, Vui } from '../../server/packets/h264-vui.ts';
import { HIGH_PROFILES, type SpsExtras } from './sps-writer.ts';

export type WrittenSps = Omit<Sps, 'width' | 'height'>;

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const s16 = fc.integer({ min: -30_000, max: 30_000 });
const byte = fc.nat(255);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const hrd: fc.Arbitrary<Hrd> = fc.record({
  bitRateScale: fc.nat(15),
  cpbSizeScale: fc.nat(15),
  buffers: fc.array(
    fc.record({
      bitRateValueMinus1: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
      sizeValueMinus1: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
      constantBitRate: fc.boolean(),
    }),
    { minLength: 1, maxLength: 32 },
  ),
  initialCpbRemovalDelayLength: fc.integer({ min: 1, max: 32 }),
  cpbRemovalDelayLength: fc.integer({ min: 1, max: 32 }),
  dpbOutputDelayLength: fc.integer({ min: 1, max: 32 }),
  timeOffsetLength: fc.nat(31),
});

const restriction: fc.Arbitrary<BitstreamRestriction> = fc.record({
  motionVectorsOverPicBoundaries: fc.boolean(),
  maxBytesPerPicDenom: fc.nat(16),
  maxBitsPerMbDenom: fc.nat(16),
  log2MaxMvLengthHorizontal: fc.nat(16),
  log2MaxMvLengthVertical: fc.nat(16),
  maxNumReorderFrames: fc.nat(16),
  maxDecFrameBuffering: fc.nat(16),
});

export const anyVui: fc.Arbitrary<Vui> = fc
  .record({
    aspectRatio: maybe(
      fc.oneof(
        fc.record({ idc: fc.nat(254), width: fc.constant(0), height: fc.constant(0) }),
        fc.record({ idc: fc.constant(255), width: fc.nat(65_535), height: fc.nat(65_535) }),
      ),
    ),
    overscanAppropriate: maybe(fc.boolean()),
    videoSignal: maybe(
      fc.record({
        format: fc.nat(7),
        fullRange: fc.boolean(),
        colour: maybe(fc.record({ primaries: byte, transfer: byte, matrix: byte })),
      }),
    ),
    chromaLocation: maybe(fc.record({ topField: fc.nat(5), bottomField: fc.nat(5) })),
    timing: maybe(fc.record({ unitsInTick: u32, timeScale: u32, fixedFrameRate: fc.boolean() })),
    nalHrd: maybe(hrd),
    vclHrd: maybe(hrd),
    lowDelay: fc.boolean(),
    picStructPresent: fc.boolean(),
    bitstreamRestriction: maybe(restriction),
  })
  .map(({ lowDelay, ...vui }) => ({
    ...vui,
    lowDelayHrd: vui.nalHrd || vui.vclHrd ? lowDelay : undefined,
  }));

const order: fc.Arbitrary<PictureOrderCount> = fc.oneof(
  fc.record({ type: fc.constant(0 as const), log2MaxLsb: fc.integer({ min: 4, max: 16 }) }),
  fc.record({
    type: fc.constant(1 as const),
    deltaAlwaysZero: fc.boolean(),
    offsetForNonRefPic: s16,
    offsetForTopToBottomField: s16,
    offsetsForRefFrame: fc.array(s16, { maxLength: 255 }),
  }),
  fc.record({ type: fc.constant(2 as const) }),
);

const colour = fc
  .record({ chromaFormatIdc: fc.nat(3), separate: fc.boolean(), luma: fc.nat(6), chroma: fc.nat(6) })
  .map(({ chromaFormatIdc, separate, luma, chroma }) => ({
    chromaFormatIdc,
    separateColourPlane: chromaFormatIdc === 3 && separate,
    bitDepthLuma: 8 + luma,
    bitDepthChroma: 8 + chroma,
  }));
const PLAIN_COLOUR = { chromaFormatIdc: 1, separateColourPlane: false, bitDepthLuma: 8, bitDepthChroma: 8 };

const crop = fc.record({ left: fc.nat(3), right: fc.nat(3), top: fc.nat(1), bottom: fc.nat(1) });

/** Pictures of at least 16 pixels a side remain after any of its croppings. */
const size = fc
  .record({
    widthInMbs: fc.integer({ min: 2, max: 1024 }),
    heightInMapUnits: fc.integer({ min: 2, max: 512 }),
  })
  .chain((mbs) =>
    fc.record({ frameMbsOnly: fc.boolean(), adaptive: fc.boolean() }).map((f) => ({ ...mbs, ...f })),
  )
  .map(({ adaptive, ...rest }) => ({ ...rest, mbAdaptiveFrameField: !rest.frameMbsOnly && adaptive }));

export const anySps: fc.Arbitrary<WrittenSps> = fc
  .record({
    profileIdc: fc.constantFrom(66, 77, 88, ...HIGH_PROFILES),
    constraints: byte,
    levelIdc: byte,
    id: fc.nat(31),
    colour,
    log2MaxFrameNum: fc.integer({ min: 4, max: 16 }),
    pictureOrderCount: order,
    maxNumRefFrames: fc.nat(16),
    gapsInFrameNumAllowed: fc.boolean(),
    size,
    direct8x8Inference: fc.boolean(),
    cropping: crop,
    vui: maybe(anyVui),
  })
  .map(({ colour, size, ...sps }) => ({
    ...sps,
    ...(HIGH_PROFILES.includes(sps.profileIdc) ? colour : PLAIN_COLOUR),
    ...size,
  }));

/** A list of deltas that never ends the list early by a next scale of 0. */
const scalingList = (length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.constantFrom(0, 1), { minLength: length, maxLength: length });

/** Scaling lists as many as the chroma format wants; some not there, some whole, some ended at once. */
export const anyExtras = (sps: WrittenSps): fc.Arbitrary<SpsExtras> =>
  fc.record({
    losslessBypass: fc.boolean(),
    scalingLists: maybe(
      fc.tuple(
        ...Array.from({ length: sps.chromaFormatIdc === 3 ? 12 : 8 }, (_, list) =>
          fc.oneof(fc.constant([]), fc.constant([-8]), scalingList(list < 6 ? 16 : 64)),
        ),
      ),
    ),
  });
