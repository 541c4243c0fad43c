import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NightglassError } from '#wire/nightglass-error.ts';
import { wallMicros } from '#wire/time.ts';
import { H264Depacketiser } from '../../../server/packets/h264-depacketiser.ts';
import { nalBytes } from '../../../server/packets/nal-unit.ts';
import {
  type DepacketisedUnit,
  MAX_UNIT_BYTES,
  MAX_UNIT_NALS,
} from '../../../server/packets/picture-grouper.ts';
import type { RtpPacket } from '../../../server/packets/rtp-item.ts';
import { ARRIVAL, packetise, rtpPacket } from '../../support/rtp-packetiser.ts';

const SPS = [0x67, 0x42, 1];
const PPS = [0x68, 0xce];
const SEI = [0x06, 5];
const AUD = [0x09, 0xf0];
/** Slices: 0x88 begins with first_mb_in_slice 0, 0x40 with another. */
const IDR = [0x65, 0x88, 11];
const IDR_2ND = [0x65, 0x40, 12];
const SLICE = [0x41, 0x9a, 21];
const SLICE_2ND = [0x41, 0x40, 22];

interface Sent {
  readonly bytes: readonly number[];
  /** RTP timestamp. */
  readonly at: number;
  readonly marker?: boolean;
  readonly sequence?: number;
  readonly ssrc?: number;
}

/** Packets in sequence unless a packet says its number. */
function depacketise(sent: readonly Sent[], depacketiser = new H264Depacketiser(96)): DepacketisedUnit[] {
  let next = 100;
  const units = sent.flatMap(({ bytes, at, marker = false, sequence = next, ssrc = 7 }) => {
    next = sequence + 1;
    const arrivedAt = wallMicros(ARRIVAL + sequence);
    const payload = Uint8Array.from(bytes);
    return depacketiser.push(rtpPacket({ payload, timestamp: at, marker, sequence, ssrc, arrivedAt }));
  });
  return [...units, ...depacketiser.end()];
}

const nalsOf = (unit: DepacketisedUnit): number[][] => unit.nals.map((nal) => [...nalBytes(nal)]);
const allNals = (sent: readonly Sent[]): number[][][] => depacketise(sent).map(nalsOf);

describe('payloads (RFC 6184)', () => {
  it('takes single NAL unit packets (§5.6)', () => {
    const sent = [
      { bytes: SPS, at: 5 },
      { bytes: PPS, at: 5 },
      { bytes: IDR, at: 5, marker: true },
    ];
    expect(allNals(sent)).toEqual([[SPS, PPS, IDR]]);
  });

  it('takes an aggregate apart (§5.7.1)', () => {
    const stapA = [24, 0, 3, ...SPS, 0, 2, ...PPS, 0, 3, ...IDR];
    expect(allNals([{ bytes: stapA, at: 5, marker: true }])).toEqual([[SPS, PPS, IDR]]);
  });

  it('puts fragments together and their header back (§5.8)', () => {
    const sent = [
      { bytes: [0x7c, 0x85, 0x88, 1], at: 5 },
      { bytes: [0x7c, 0x05, 2, 3], at: 5 },
      { bytes: [0x7c, 0x45, 4], at: 5, marker: true },
    ];
    expect(allNals(sent)).toEqual([[[0x65, 0x88, 1, 2, 3, 4]]]);
  });

  it('takes one fragment that is start and end for a whole NAL unit', () => {
    expect(allNals([{ bytes: [0x7c, 0xc5, 0x88, 1], at: 5 }])).toEqual([[[0x65, 0x88, 1]]]);
  });

  it('ends a NAL unit without an end bit where the next begins', () => {
    const sent = [
      { bytes: [0x7c, 0x85, 0x88, 1], at: 5 },
      { bytes: [0x7c, 0x05, 2], at: 5 },
      { bytes: [0x7c, 0x85, 0x40, 3], at: 5 },
      { bytes: IDR_2ND, at: 5 },
    ];
    expect(allNals(sent)).toEqual([[[0x65, 0x88, 1, 2], [0x65, 0x40, 3], IDR_2ND]]);
  });

  it('passes over empty payloads, empty NAL units and reserved types', () => {
    const sent = [
      { bytes: [], at: 5 },
      { bytes: [24, 0, 0, 0, 3, ...IDR], at: 5 },
      { bytes: [0, 1, 2], at: 5 },
      { bytes: [31, 1, 2], at: 5 },
    ];
    expect(allNals(sent)).toEqual([[IDR]]);
  });

  it.each([
    [25, 'STAP-B'],
    [26, 'MTAP16'],
    [27, 'MTAP24'],
    [29, 'FU-B'],
  ])('refuses type %i, %s, which only interleaved mode has', (type, name) => {
    expect(() => depacketise([{ bytes: [type, 0, 0, 0], at: 5 }])).toThrow(
      expect.objectContaining({
        code: 'packets/unsupported-codec',
        message: `H.264 in packetization mode 0 or 1 was expected, ${name} of interleaved mode came`,
      }),
    );
  });
});

describe('the end of a picture', () => {
  const three = (marker: boolean): Sent[] => [
    { bytes: IDR, at: 1, marker },
    { bytes: SLICE, at: 2, marker },
    { bytes: SLICE, at: 3, marker },
  ];

  it('is where the timestamp changes, for a camera that never sets the marker', () => {
    expect(allNals(three(false))).toEqual([[IDR], [SLICE], [SLICE]]);
  });

  it('is the marker, once it has been seen to be true: the last packet of a picture is enough', () => {
    const depacketiser = new H264Depacketiser(96);
    const counts = three(true).map(({ bytes, at }, sequence) => {
      const payload = Uint8Array.from(bytes);
      return depacketiser.push(rtpPacket({ payload, timestamp: at, marker: true, sequence })).length;
    });
    expect(counts).toEqual([0, 2, 1]);
  });

  it('is not the marker of a camera that sets it on every slice', () => {
    const sent = [1, 2, 3].flatMap((at) => [
      { bytes: IDR, at, marker: true },
      { bytes: IDR_2ND, at, marker: true },
    ]);
    const both = [IDR, IDR_2ND];
    expect(allNals(sent)).toEqual([both, both, both]);
  });

  it('is not the marker on the parameter sets before the picture', () => {
    const sent = [1, 2, 3].flatMap((at) => [
      { bytes: SPS, at, marker: true },
      { bytes: PPS, at, marker: true },
      { bytes: IDR, at, marker: true },
    ]);
    const all = [SPS, PPS, IDR];
    expect(allNals(sent)).toEqual([all, all, all]);
  });

  it('is found again after the marker begins to lie; the picture that was cut counts as a loss', () => {
    const sent = [
      ...three(true),
      { bytes: SLICE, at: 4, marker: true },
      { bytes: SLICE_2ND, at: 4, marker: true },
      { bytes: IDR, at: 5, marker: true },
      { bytes: IDR_2ND, at: 5, marker: true },
    ];
    const units = depacketise(sent);
    expect(units.map(nalsOf)).toEqual([[IDR], [SLICE], [SLICE], [SLICE], [IDR, IDR_2ND]]);
    expect(units.map((unit) => unit.afterLoss)).toEqual([false, false, false, false, true]);
  });

  it.each([
    ['an access unit delimiter', AUD],
    ['an SPS', SPS],
    ['a PPS', PPS],
    ['an SEI', SEI],
  ])('is before %s, even where the timestamp stands still', (_, lead) => {
    const sent = [
      { bytes: IDR, at: 1 },
      { bytes: IDR_2ND, at: 1 },
      { bytes: lead, at: 1 },
      { bytes: SLICE, at: 1 },
    ];
    expect(allNals(sent)).toEqual([
      [IDR, IDR_2ND],
      [lead, SLICE],
    ]);
  });

  it('is not before parameter sets that stand between its slices, as GStreamer’s rtph264pay puts them', () => {
    const sent = [1, 2].flatMap((at) => [
      { bytes: SPS, at },
      { bytes: PPS, at },
      { bytes: IDR, at },
      { bytes: SPS, at },
      { bytes: PPS, at },
      { bytes: IDR_2ND, at, marker: true },
    ]);
    const all = [SPS, PPS, IDR, SPS, PPS, IDR_2ND];
    expect(allNals(sent)).toEqual([all, all]);
  });

  it('is before parameter sets that are stamped like the picture before them', () => {
    const sent = [
      { bytes: IDR, at: 1, marker: true },
      { bytes: SPS, at: 1 },
      { bytes: PPS, at: 1, marker: true },
      { bytes: IDR, at: 2, marker: true },
      { bytes: SLICE, at: 3, marker: true },
    ];
    expect(allNals(sent)).toEqual([[IDR], [SPS, PPS, IDR], [SLICE]]);
  });

  it('is a marker even while parameter sets follow without one', () => {
    const depacketiser = new H264Depacketiser(96);
    const sent = [
      { bytes: IDR, at: 1, marker: true },
      { bytes: SPS, at: 1 },
      { bytes: IDR, at: 2, marker: true },
    ];
    const counts = sent.map(({ bytes, at, marker = false }, sequence) => {
      const payload = Uint8Array.from(bytes);
      return depacketiser.push(rtpPacket({ payload, timestamp: at, marker, sequence })).length;
    });
    expect(counts).toEqual([0, 0, 2]);
  });

  it('carries parameter sets that were stamped on their own to the picture after them', () => {
    const sent = [
      { bytes: SPS, at: 1, marker: true },
      { bytes: PPS, at: 2, marker: true },
      { bytes: IDR, at: 3, marker: true },
    ];
    const [unit] = depacketise(sent);
    expect(nalsOf(unit!)).toEqual([SPS, PPS, IDR]);
    expect(unit).toMatchObject({ rtpTimestamp: 3, arrivedAt: ARRIVAL + 102, ssrc: 7 });
  });

  it('lets each picture have its own arrival where the timestamp stands still', () => {
    const sent = [1, 2, 2, 2].map((at) => ({ bytes: SLICE, at, marker: true }));
    expect(depacketise(sent).map((unit) => unit.arrivedAt - ARRIVAL)).toEqual([100, 101, 102, 103]);
  });

  it('does not change when its picture began to arrive', () => {
    const sent = [
      { bytes: SPS, at: 3 },
      { bytes: IDR, at: 3 },
      { bytes: SEI, at: 3 },
      { bytes: SLICE, at: 3 },
    ];
    expect(depacketise(sent).map((unit) => unit.arrivedAt)).toEqual([ARRIVAL + 100, ARRIVAL + 103]);
  });
});

describe('loss', () => {
  const picture = (at: number, sequence?: number): Sent[] => [
    { bytes: IDR, at, ...(sequence === undefined ? {} : { sequence }) },
    { bytes: IDR_2ND, at, marker: true },
  ];
  const whole = [IDR, IDR_2ND];
  /** What came of packets behind a first picture that proved the marker. */
  const losses = (sent: readonly Sent[]) =>
    depacketise([{ bytes: SLICE, at: 0, marker: true, sequence: 98 }, { bytes: [], at: 0 }, ...sent])
      .slice(1)
      .map((unit) => [nalsOf(unit), unit.afterLoss]);

  it('drops the picture that misses its end, and says so once, at the next', () => {
    const sent = [...picture(1), { bytes: IDR, at: 2 }, ...picture(3, 110), ...picture(4)];
    expect(losses(sent)).toEqual([
      [whole, false],
      [whole, true],
      [whole, false],
    ]);
  });

  it('drops the picture that misses its beginning', () => {
    const sent = [...picture(1), { bytes: IDR_2ND, at: 2, sequence: 110, marker: true }, ...picture(3)];
    expect(losses(sent)).toEqual([
      [whole, false],
      [whole, true],
    ]);
  });

  it('drops the picture that misses its middle', () => {
    const sent = [
      ...picture(1),
      { bytes: IDR, at: 2 },
      { bytes: IDR_2ND, at: 2, sequence: 110, marker: true },
      ...picture(3),
    ];
    expect(losses(sent)).toEqual([
      [whole, false],
      [whole, true],
    ]);
  });

  it('drops the picture that misses its beginning, even where parameter sets stand between its slices', () => {
    const sent = [
      ...picture(1),
      { bytes: SPS, at: 2, sequence: 110 },
      { bytes: IDR_2ND, at: 2, marker: true },
      ...picture(3),
    ];
    expect(losses(sent)).toEqual([
      [whole, false],
      [whole, true],
    ]);
  });

  it('adds no fragment to a picture that is handed over', () => {
    const sent = [
      ...picture(1),
      { bytes: [0x7c, 0x85, 0x88, 1], at: 2, marker: true },
      { bytes: [0x7c, 0x05, 2], at: 2 },
      { bytes: [0x7c, 0x05, 3], at: 3 },
    ];
    expect(losses(sent)).toEqual([
      [whole, false],
      [[[0x65, 0x88, 1]], false],
    ]);
  });

  it('tells of whole pictures that are missing', () => {
    expect(losses([...picture(1), ...picture(5, 110)])).toEqual([
      [whole, false],
      [whole, true],
    ]);
  });

  it('drops a NAL unit that misses a fragment, with its picture', () => {
    const sent = [
      { bytes: [0x7c, 0x85, 0x88, 1], at: 1 },
      { bytes: [0x7c, 0x45, 2], at: 1, sequence: 110, marker: true },
      ...picture(2),
    ];
    expect(losses(sent)).toEqual([[whole, true]]);
  });

  it('drops a picture with a fragment after the last one of its NAL unit', () => {
    const sent = [
      ...picture(1),
      { bytes: [0x7c, 0x85, 0x88, 1], at: 2 },
      { bytes: [0x7c, 0x45, 2], at: 2 },
      { bytes: [0x7c, 0x05, 3], at: 2, marker: true },
      ...picture(3),
    ];
    expect(losses(sent)).toEqual([
      [whole, false],
      [whole, true],
    ]);
  });

  it('drops a picture with a fragment that has no header', () => {
    const sent = [
      ...picture(1),
      { bytes: [0x7c, 0x85, 0x88, 1], at: 2 },
      { bytes: [0x7c], at: 2 },
      { bytes: [0x7c, 0x45, 3], at: 2, marker: true },
      ...picture(3),
    ];
    expect(losses(sent)).toEqual([
      [whole, false],
      [whole, true],
    ]);
  });

  it('takes no partition for a picture whose first slice is missing', () => {
    const sent = [
      ...picture(1),
      { bytes: [0x43, 0x80, 1], at: 2, sequence: 110, marker: true },
      ...picture(3),
    ];
    expect(losses(sent)).toEqual([
      [whole, false],
      [whole, true],
    ]);
  });

  it('begins at the first certain beginning of a picture, which is no loss', () => {
    const sent = [
      { bytes: [0x7c, 0x05, 9, 9], at: 1 },
      { bytes: IDR_2ND, at: 1, marker: true },
      ...picture(2),
    ];
    expect(depacketise(sent).map((unit) => [nalsOf(unit), unit.afterLoss])).toEqual([[whole, false]]);
  });

  it('drops the picture that the end of the stream cuts off before its marker', () => {
    expect(losses([...picture(1), { bytes: IDR, at: 2 }])).toEqual([[whole, false]]);
  });

  it('takes a picture for damaged when packets behind it are missing and no marker has been proved', () => {
    expect(depacketise([...picture(1), ...picture(2, 110)]).map((unit) => unit.rtpTimestamp)).toEqual([2]);
  });

  it('passes over repeated packets', () => {
    const [first, second] = picture(1);
    const sent = [
      first!,
      { ...first!, sequence: 100 },
      second!,
      { ...second!, sequence: 100 },
      ...picture(2, 102),
    ];
    expect(losses(sent)).toEqual([
      [whole, false],
      [whole, false],
    ]);
  });

  it('takes packets of another payload type in the same numbers for no loss', () => {
    const depacketiser = new H264Depacketiser(96);
    const first = depacketise(picture(1), depacketiser);
    depacketiser.push(rtpPacket({ sequence: 102, payloadType: 97, payload: Uint8Array.of(0x65, 0x88) }));
    const second = depacketise(picture(2, 103), depacketiser);
    expect([...first, ...second].map((unit) => unit.afterLoss)).toEqual([false, false]);
  });

  it('takes a change of the source for a loss, even with the same timestamp', () => {
    const sent = [...picture(1), ...picture(1, 102).map((packet) => ({ ...packet, ssrc: 8 }))];
    const units = depacketise(sent);
    expect(units.map((unit) => [unit.ssrc, unit.afterLoss])).toEqual([[8, true]]);
  });

  it.each([
    ['an aggregate cut off', [24, 0, 9, 1]],
    ['an aggregate with half a size', [24, 0]],
    ['a fragment without a header', [0x7c]],
    ['a fragment without a start', [0x7c, 0x05, 1]],
    ['a NAL unit that says it is damaged', [0x80 | 0x65, 0x88]],
  ])('is what %s is taken for', (_, bytes) => {
    const sent = [...picture(1), { bytes: IDR, at: 2 }, { bytes, at: 2 }, ...picture(3)];
    expect(losses(sent)).toEqual([
      [whole, false],
      [whole, true],
    ]);
  });
});

describe('limits', () => {
  const afterOversize = (payloads: Uint8Array[]): DepacketisedUnit[] => {
    const depacketiser = new H264Depacketiser(96);
    payloads.forEach((payload, sequence) => {
      depacketiser.push(rtpPacket({ payload, sequence, timestamp: 1 }));
    });
    const sequence = payloads.length;
    const payload = Uint8Array.from(IDR);
    const units = depacketiser.push(rtpPacket({ payload, sequence, timestamp: 2 }));
    return [...units, ...depacketiser.end()];
  };

  it('drop a picture of too many bytes in one NAL unit', () => {
    const fragment = new Uint8Array(65_000);
    fragment.set([0x7c, 0x05]);
    const start = Uint8Array.of(0x7c, 0x85, 0x88);
    const count = Math.ceil(MAX_UNIT_BYTES / 64_998) + 1;
    const units = afterOversize([start, ...new Array<Uint8Array>(count).fill(fragment)]);
    expect(units.map((unit) => [nalsOf(unit), unit.afterLoss])).toEqual([[[IDR], true]]);
  });

  it('drop a picture of too many NAL units', () => {
    const slices = new Array<Uint8Array>(MAX_UNIT_NALS).fill(Uint8Array.from(IDR_2ND));
    const units = afterOversize([Uint8Array.from(IDR), ...slices]);
    expect(units.map((unit) => [nalsOf(unit), unit.afterLoss])).toEqual([[[IDR], true]]);
  });

  it('let go of what a camera sends that is never a picture', () => {
    const sei = new Array<Uint8Array>(MAX_UNIT_NALS + 1).fill(Uint8Array.from(SEI));
    expect(afterOversize(sei).map(nalsOf)).toEqual([[IDR]]);
  });
});

describe('any stream', () => {
  const anyNal = fc
    .record({ type: fc.constantFrom(1, 5, 6, 7, 8), bytes: fc.uint8Array({ maxLength: 300 }) })
    .map(({ type, bytes }) => Uint8Array.from([0x60 | type, 0x40, ...bytes]));
  const isSlice = (nal: Uint8Array): boolean => (nal[0]! & 0x1f) <= 5;
  const anyPictures = fc
    .array(fc.array(anyNal, { maxLength: 4 }), { minLength: 1, maxLength: 8 })
    .map((pictures) =>
      pictures.map((nals, index) => {
        const leads = nals.filter((nal) => !isSlice(nal));
        const first = Uint8Array.of(0x65, 0x88, index);
        return { nals: [...leads, first, ...nals.filter(isSlice)], timestamp: index * 3600 - 7200 };
      }),
    );
  const anyWay = fc.record({
    mode: fc.constantFrom(0 as const, 1 as const),
    mtu: fc.integer({ min: 20, max: 300 }),
    aggregate: fc.boolean(),
    marker: fc.constantFrom('last-packet' as const, 'every-nal' as const, 'never' as const),
    firstSequence: fc.nat(65_535),
  });

  const through = (packets: readonly RtpPacket[]): DepacketisedUnit[] => {
    const depacketiser = new H264Depacketiser(96);
    const units = packets.flatMap((packet) => [...depacketiser.push(packet)]);
    return [...units, ...depacketiser.end()];
  };

  it('comes out as it went in, however a camera packetises and marks it', () => {
    fc.assert(
      fc.property(anyPictures, anyWay, (drawn, way) => {
        // A camera that marks every slice is known by its pictures of several packets.
        const second = Uint8Array.from(IDR_2ND);
        const everyNal = way.marker === 'every-nal';
        const pictures = everyNal ? drawn.map((one) => ({ ...one, nals: [...one.nals, second] })) : drawn;
        const units = through(packetise(pictures, { ...way, aggregate: way.aggregate && !everyNal }));
        expect(units.map(nalsOf)).toEqual(pictures.map(({ nals }) => nals.map((nal) => [...nal])));
        expect(units.some((unit) => unit.afterLoss)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('loses pictures with its packets, and gives no picture that lacks a slice', () => {
    fc.assert(
      fc.property(anyPictures, anyWay, fc.infiniteStream(fc.nat(9)), (pictures, way, dice) => {
        const packets = packetise(pictures, { ...way, marker: 'last-packet' });
        const last = packets.length - 1; // nothing after it would tell that it is missing
        const kept = packets.filter((_, index) => index === last || dice.next().value !== 0);
        const slices = (nals: readonly Uint8Array[]): string =>
          JSON.stringify(nals.filter(isSlice).map((nal) => [...nal]));
        const sent = pictures.map(({ nals }) => slices(nals));
        for (const unit of through(kept))
          expect(sent).toContain(slices(unit.nals.map((nal) => nalBytes(nal))));
      }),
      { numRuns: 300 },
    );
  });

  it('of any bytes makes units or a NightglassError', () => {
    const anyPacket = fc.record({
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc
          .tuple(fc.constantFrom(24, 28), fc.uint8Array({ maxLength: 20 }))
          .map(([type, bytes]) => Uint8Array.from([type, ...bytes])),
      ),
      sequence: fc.nat(20),
      timestamp: fc.nat(3),
      marker: fc.boolean(),
      ssrc: fc.nat(1),
    });
    fc.assert(
      fc.property(fc.array(anyPacket, { maxLength: 30 }), (packets) => {
        try {
          for (const unit of through(packets.map(rtpPacket))) expect(unit.nals.length).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof NightglassError)) throw error;
          expect(error.code).toBe('packets/unsupported-codec');
        }
      }),
      { numRuns: 1000 },
    );
  });
});
