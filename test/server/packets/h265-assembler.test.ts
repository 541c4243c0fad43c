import { describe, expect, it } from 'vitest';
import { NightglassError } from '#wire/nightglass-error.ts';
import { H265Assembler } from '../../../server/packets/h265-assembler.ts';
import { nalUnit } from '../../../server/packets/nal-unit.ts';
import { splitAnnexB } from '../../support/annex-b.ts';
import { h265SpsNal, MAIN } from '../../support/h265-sps-writer.ts';
import { spsNal, ue } from '../../support/sps-writer.ts';

/** A NAL unit of layer 0 and temporal id 0: type, then bits. */
const nal = (type: number, bits: string): Uint8Array =>
  Uint8Array.from([type << 1, 1, ...spsNal(bits).subarray(1)]);
const vps = (id: number): Uint8Array => nal(32, `${id.toString(2).padStart(4, '0')}1101`);
const pps = (id: number, spsId: number): Uint8Array => nal(34, `${ue(id)}${ue(spsId)}1`);
const VPS = vps(0);
const SPS = h265SpsNal(MAIN);
const PPS = pps(0, 0);
const SETS = [VPS, SPS, PPS];

/** The first slice of a picture: pictures of random access have one bit more before the PPS's id. */
const slice = (type: number, ppsId = 0): Uint8Array => nal(type, `1${type >= 16 ? '0' : ''}${ue(ppsId)}1011`);
const TRAIL = slice(1);
const RADL = slice(7);
const [RASL_N, RASL_R] = [slice(8), slice(9)] as const;
const [BLA, IDR_W_RADL, IDR_N_LP, CRA] = [slice(16), slice(19), slice(20), slice(21)] as const;
const AUD = nal(35, '0101');
const FILLER = nal(38, '11111111');
const SEI = nal(39, '0000010100000001111111111');
const SUFFIX_SEI = nal(40, '1000010000000001111111111');
const OTHER_LAYER = Uint8Array.from(SPS).fill(0x09, 1, 2);

const assemble = (assembler: H265Assembler, nals: readonly Uint8Array[], afterBreak = false) =>
  assembler.assemble(nals.map(nalUnit), afterBreak);
const inData = (picture: ReturnType<typeof assemble>): Uint8Array[] =>
  typeof picture === 'object' ? splitAnnexB(picture.data) : [];

describe('a key unit of H.265', () => {
  it.each([
    ['IDR_W_RADL', IDR_W_RADL],
    ['IDR_N_LP', IDR_N_LP],
    ['CRA', CRA],
    ['BLA', BLA],
  ])('is a %s picture, led by the parameter sets of the session description', (_, key) => {
    const picture = assemble(new H265Assembler(SETS), [key]);
    expect(picture).toMatchObject({ key: true, config: { codec: 'hev1.1.6.L93.B0', codedWidth: 1920 } });
    expect(inData(picture)).toEqual([...SETS, key]);
  });

  it('has each parameter set once, and what is no decoder’s left out', () => {
    const sent = [AUD, VPS, SPS, PPS, SEI, FILLER, CRA, SPS, OTHER_LAYER, SUFFIX_SEI];
    expect(inData(assemble(new H265Assembler([]), sent))).toEqual([...SETS, SEI, CRA, SUFFIX_SEI]);
  });

  it('brings every PPS of its SPS, its VPS, and none of another', () => {
    const other = h265SpsNal({ ...MAIN, id: 1, vpsId: 2, width: 640 });
    const assembler = new H265Assembler([...SETS, vps(2), other, pps(1, 1), pps(2, 0)]);
    expect(inData(assemble(assembler, [CRA]))).toEqual([...SETS, pps(2, 0), CRA]);
    const second = slice(21, 1);
    const picture = assemble(assembler, [second]);
    expect(picture).toMatchObject({ config: { codedWidth: 640 } });
    expect(inData(picture)).toEqual([vps(2), other, pps(1, 1), second]);
  });

  it('repeats parameter sets that came once, and takes over those that change', () => {
    const assembler = new H265Assembler([]);
    const first = assemble(assembler, [...SETS, IDR_N_LP]);
    expect(assemble(assembler, [IDR_N_LP])).toEqual(first);
    const smaller = h265SpsNal({ ...MAIN, width: 640 });
    expect(assemble(assembler, [smaller, IDR_N_LP])).toMatchObject({ config: { codedWidth: 640 } });
  });
});

describe('a delta unit of H.265', () => {
  it('is its SEI and slices, and brings a PPS only where it is new', () => {
    const assembler = new H265Assembler(SETS);
    const sent = [AUD, VPS, SPS, PPS, pps(1, 0), SEI, TRAIL, SUFFIX_SEI];
    expect(inData(assemble(assembler, sent))).toEqual([pps(1, 0), SEI, TRAIL, SUFFIX_SEI]);
    expect(inData(assemble(assembler, sent))).toEqual([SEI, TRAIL, SUFFIX_SEI]);
  });

  it('is handed on even before parameter sets have come', () => {
    expect(inData(assemble(new H265Assembler([]), [TRAIL], true))).toEqual([TRAIL]);
  });
});

describe('pictures that refer to ones before their key picture', () => {
  const fates = (key: Uint8Array, afterBreak: boolean) => {
    const assembler = new H265Assembler(SETS);
    assemble(assembler, [key], afterBreak);
    return [RASL_N, RASL_R, RADL, TRAIL].map((picture) => typeof assemble(assembler, [picture]));
  };
  const all = ['object', 'object', 'object', 'object'];
  const decodable = ['string', 'string', 'object', 'object'];

  it('are shown after a CRA in the middle of the stream', () => {
    expect(fates(CRA, false)).toEqual(all);
  });

  it('are not shown after a CRA that begins the stream or follows a loss, nor after any BLA', () => {
    expect(fates(CRA, true)).toEqual(decodable);
    expect(fates(BLA, false)).toEqual(decodable);
  });

  it('are shown again after the next key picture', () => {
    const assembler = new H265Assembler(SETS);
    for (const afterBreak of [true, false]) assemble(assembler, [CRA], afterBreak);
    expect(inData(assemble(assembler, [RASL_R]))).toEqual([RASL_R]);
  });
});

describe('reordering in H.265', () => {
  it('is what the SPS in use says', () => {
    const assembler = new H265Assembler([
      ...SETS,
      h265SpsNal({ ...MAIN, id: 1, maxNumReorderPics: 2 }),
      pps(1, 1),
    ]);
    const withPps = (ppsId: number): boolean => {
      assemble(assembler, [slice(20, ppsId)]);
      return assembler.reordered;
    };
    expect([assembler.reordered, withPps(0), withPps(1), withPps(0)]).toEqual([false, false, true, false]);
  });
});

describe('what cannot be read of H.265', () => {
  it('is passed over in the session description, where the sets in band may be good', () => {
    const broken = [Uint8Array.of(), Uint8Array.of(0x40), SPS.subarray(0, 9), Uint8Array.of(0x44, 1)];
    const picture = assemble(new H265Assembler(broken), [...SETS, IDR_N_LP]);
    expect(inData(picture)).toEqual([...SETS, IDR_N_LP]);
  });

  it.each([
    ['VPS', VPS.subarray(0, 2)],
    ['SPS', SPS.subarray(0, 9)],
    ['PPS', PPS.subarray(0, 2)],
    ['PPS', Uint8Array.from({ length: 5000 }, (_, at) => PPS[at] ?? 1)],
  ])('is an error in band: a %s', (_, broken) => {
    expect(() => assemble(new H265Assembler(SETS), [broken, IDR_N_LP])).toThrow(NightglassError);
  });

  it('is no picture when it is a slice header, when there is no slice, and without a parameter set', () => {
    const assembler = new H265Assembler(SETS);
    expect(assemble(assembler, [Uint8Array.of(2, 1, 0x80)])).toBeUndefined();
    expect(assemble(assembler, [AUD, FILLER])).toBeUndefined();
    for (const missing of SETS) {
      const rest = SETS.filter((set) => set !== missing);
      expect(assemble(new H265Assembler(rest), [IDR_N_LP])).toBeUndefined();
    }
  });
});
