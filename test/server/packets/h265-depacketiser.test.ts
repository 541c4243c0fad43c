import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NightglassError } from '#wire/nightglass-error.ts';
import { accessUnits } from '../../../server/packets/access-units.ts';
import { H265Depacketiser } from '../../../server/packets/h265-depacketiser.ts';
import { nalBytes } from '../../../server/packets/nal-unit.ts';
import type { DepacketisedUnit } from '../../../server/packets/picture-grouper.ts';
import type { RtpPacket } from '../../../server/packets/rtp-item.ts';
import { aggregationPacket, packetise, rtpPacket } from '../../support/rtp-packetiser.ts';

const TRACK = { payloadType: 96, decodingOrderNumbers: false };
const NUMBERED = { payloadType: 96, decodingOrderNumbers: true };

/** A NAL unit of layer 0 and temporal id 0: type, then bytes. */
const nal = (type: number, ...bytes: number[]): number[] => [type << 1, 1, ...bytes];
const VPS = nal(32, 0x0c);
const SPS = nal(33, 1);
const PPS = nal(34, 0xc0);
const AUD = nal(35, 0x50);
const SEI = nal(39, 5);
const SUFFIX_SEI = nal(40, 0x84);
/** Slices: 0x80 begins with first_slice_segment_in_pic_flag, 0x40 without. */
const IDR = nal(19, 0x80, 11);
const IDR_2ND = nal(19, 0x40, 12);
const TRAIL = nal(1, 0x80, 21);

interface Sent {
  readonly bytes: readonly number[];
  /** RTP timestamp. */
  readonly at?: number;
  readonly marker?: boolean;
  readonly sequence?: number;
}

function depacketise(sent: readonly Sent[], track = TRACK): DepacketisedUnit[] {
  const depacketiser = new H265Depacketiser(track);
  let next = 100;
  const units = sent.flatMap(({ bytes, at = 5, marker = false, sequence = next }) => {
    next = sequence + 1;
    const payload = Uint8Array.from(bytes);
    return depacketiser.push(rtpPacket({ payload, timestamp: at, marker, sequence }));
  });
  return [...units, ...depacketiser.end()];
}

const nalsOf = (unit: DepacketisedUnit): number[][] => unit.nals.map((one) => [...nalBytes(one)]);
const allNals = (payloads: readonly (readonly number[])[], track = TRACK): number[][][] =>
  depacketise(
    payloads.map((bytes) => ({ bytes })),
    track,
  ).map(nalsOf);

describe('payloads of H.265 (RFC 7798)', () => {
  it('are single NAL units (§4.4.1)', () => {
    expect(allNals([VPS, SPS, PPS, IDR])).toEqual([[VPS, SPS, PPS, IDR]]);
  });

  it('are aggregates, taken apart (§4.4.2)', () => {
    const together = aggregationPacket([VPS, SPS, PPS, IDR].map((bytes) => Uint8Array.from(bytes)));
    expect(allNals([[...together]])).toEqual([[VPS, SPS, PPS, IDR]]);
  });

  it('are fragments, put together with their header put back (§4.4.3)', () => {
    const fragments = [
      [0x62, 1, 0x80 | 19, 0x80, 1],
      [0x62, 1, 19, 2, 3],
      [0x62, 1, 0x40 | 19, 4],
    ];
    expect(allNals(fragments)).toEqual([[nal(19, 0x80, 1, 2, 3, 4)]]);
  });

  it('keep layer and temporal id of fragments', () => {
    expect(allNals([IDR, [0x63, 0x0b, 0x80 | 1, 0x80], [0x63, 0x0b, 0x40 | 1, 7]])).toEqual([
      [IDR, [3, 0x0b, 0x80, 7]],
    ]);
  });

  it('of empty, reserved and unknown types are passed over', () => {
    expect(allNals([[], [0x60, 1], [...nal(51), 1], [...nal(63), 1], IDR])).toEqual([[IDR]]);
  });

  it('of PACI packets are refused by name', () => {
    expect(() => allNals([nal(50, 0, 0)])).toThrow(
      expect.objectContaining({
        code: 'packets/unsupported-codec',
        message: 'H.265 in single, aggregation and fragmentation packets was expected, a PACI packet came',
      }),
    );
  });
});

describe('decoding order numbers (RFC 7798 §4.4, sprop-max-don-diff above 0)', () => {
  const single = (number: number, [first = 0, second = 0, ...rest]: number[]): number[] => [
    first,
    second,
    number >> 8,
    number & 0xff,
    ...rest,
  ];
  /** The number of the first, and how much more than one later each other is. */
  const aggregate = (number: number, ...later: number[]): number[] => [
    ...[0x60, 1, number >> 8, number & 0xff, 0, IDR.length, ...IDR],
    ...later.flatMap((difference) => [difference, 0, IDR_2ND.length, ...IDR_2ND]),
  ];

  it('stand in single packets, aggregates and first fragments, and are left out of NAL units', () => {
    const payloads = [
      single(65_534, SPS),
      aggregate(65_535, 0, 4),
      [0x62, 1, 0x80 | 19, 0, 9, 0x40, 1],
      [0x62, 1, 0x40 | 19, 2, 3],
    ];
    expect(allNals(payloads, NUMBERED)).toEqual([[SPS, IDR, IDR_2ND, IDR_2ND, nal(19, 0x40, 1, 2, 3)]]);
  });

  it.each([
    ['single packets', [single(9, IDR), single(8, IDR_2ND)], 8, 9],
    ['an aggregate', [single(9, SPS), aggregate(7)], 7, 9],
    ['a packet after an aggregate', [aggregate(9, 3), single(12, IDR_2ND)], 12, 13],
    ['fragments', [single(9, IDR), [0x62, 1, 0x80 | 19, 0, 2, 0x40]], 2, 9],
  ])('that fall in %s are refused: somebody would have to put them in order', (_, payloads, came, last) => {
    expect(() => allNals(payloads, NUMBERED)).toThrow(
      expect.objectContaining({
        code: 'packets/unsupported-codec',
        message: `H.265 in the order it decodes in was expected, decoding order number ${came} came after ${last}`,
      }),
    );
  });
});

describe('the pictures of H.265', () => {
  it.each([
    ['an access unit delimiter', AUD],
    ['a VPS', VPS],
    ['an SPS', SPS],
    ['a PPS', PPS],
    ['a prefix SEI', SEI],
  ])('end before %s, even where the timestamp stands still', (_, lead) => {
    expect(allNals([IDR, IDR_2ND, lead, TRAIL])).toEqual([
      [IDR, IDR_2ND],
      [lead, TRAIL],
    ]);
  });

  it('keep the suffix SEI behind their slices', () => {
    expect(allNals([IDR, SUFFIX_SEI, IDR_2ND, SUFFIX_SEI])).toEqual([[IDR, SUFFIX_SEI, IDR_2ND, SUFFIX_SEI]]);
  });

  it('are not begun by slices of another layer', () => {
    const otherLayer = [19 << 1, 0x09, 0x80, 1];
    expect(allNals([otherLayer, IDR, otherLayer])).toEqual([[IDR, otherLayer]]);
  });

  it.each([
    ['an aggregate cut off', [0x60, 1, 0, 9, 1]],
    ['a fragment without a header', [0x62, 1]],
    ['a fragment without a start', [0x62, 1, 19, 1]],
    ['a NAL unit that says it is damaged', [0x80 | (19 << 1), 1, 0x80]],
    ['a NAL unit of temporal id −1', [19 << 1, 0, 0x40]],
    ['half a header', [19 << 1]],
  ])('are lost with %s', (_, bytes) => {
    const units = depacketise([
      { bytes: IDR, at: 1, marker: true },
      { bytes: IDR, at: 2 },
      { bytes, at: 2 },
      { bytes: TRAIL, at: 3, marker: true },
    ]);
    expect(units.map((unit) => [nalsOf(unit), unit.afterLoss])).toEqual([
      [[IDR], false],
      [[TRAIL], true],
    ]);
  });
});

describe('any stream of H.265', () => {
  const through = (packets: readonly RtpPacket[]): DepacketisedUnit[] => {
    const depacketiser = new H265Depacketiser(TRACK);
    const units = packets.flatMap((packet) => [...depacketiser.push(packet)]);
    return [...units, ...depacketiser.end()];
  };
  const anyNal = fc
    .record({ type: fc.constantFrom(1, 19, 21, 33, 34, 39), bytes: fc.uint8Array({ maxLength: 300 }) })
    .map(({ type, bytes }) => Uint8Array.from([type << 1, 1, 0x40, ...bytes]));
  const isSlice = (one: Uint8Array): boolean => one[0]! >> 1 < 32;
  const anyPictures = fc
    .array(fc.array(anyNal, { maxLength: 4 }), { minLength: 1, maxLength: 8 })
    .map((pictures) =>
      pictures.map((nals, index) => ({
        nals: [
          ...nals.filter((one) => !isSlice(one)),
          Uint8Array.from(nal(19, 0x80, index)),
          ...nals.filter(isSlice),
        ],
        timestamp: index * 3600 - 7200,
      })),
    );
  const anyWay = fc.record({
    codec: fc.constant('h265' as const),
    mode: fc.constantFrom(0 as const, 1 as const),
    mtu: fc.integer({ min: 20, max: 300 }),
    aggregate: fc.boolean(),
    marker: fc.constantFrom('last-packet' as const, 'never' as const),
  });

  it('comes out as it went in, however a camera packetises and marks it', () => {
    fc.assert(
      fc.property(anyPictures, anyWay, (pictures, way) => {
        const units = through(packetise(pictures, way));
        expect(units.map(nalsOf)).toEqual(pictures.map(({ nals }) => nals.map((one) => [...one])));
        expect(units.some((unit) => unit.afterLoss)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('of any bytes makes access units or a NightglassError', async () => {
    const types = [0, 1, 8, 19, 21, 32, 33, 34, 35, 39, 48, 49, 50];
    const anyPacket = fc.record({
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc
          .tuple(fc.constantFrom(...types), fc.uint8Array({ maxLength: 60 }))
          .map(([type, bytes]) => Uint8Array.from([type << 1, 1, ...bytes])),
        fc
          .tuple(fc.constantFrom(...types), fc.uint8Array({ maxLength: 20 }))
          .map(([type, bytes]) => Uint8Array.from([0x62, 1, 0xc0 | type, ...bytes])),
      ),
      sequence: fc.nat(20),
      timestamp: fc.nat(3),
      marker: fc.boolean(),
      ssrc: fc.nat(1),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyPacket, { maxLength: 30 }),
        fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 3 }),
        fc.boolean(),
        async (packets, parameterSets, decodingOrderNumbers) => {
          const bytes = packets.reduce((sum, { payload }) => sum + payload.length, 0);
          const track = { codec: 'h265', payloadType: 96, clockRate: 90_000 } as const;
          const items = (async function* () {
            yield* packets.map(rtpPacket);
          })();
          try {
            for await (const unit of accessUnits(items, { ...track, parameterSets, decodingOrderNumbers }))
              expect(unit.data.length).toBeLessThanOrEqual(30 * 34 + 4 * bytes);
          } catch (error) {
            if (!(error instanceof NightglassError)) throw error;
            expect(error.code).toMatch(/^packets\/(unsupported-codec|malformed)$/);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
