import { describe, expect, it } from 'vitest';
import { NightglassError } from '#wire/nightglass-error.ts';
import { H264Assembler } from '../../../server/packets/h264-assembler.ts';
import { parseSps, type Sps } from '../../../server/packets/h264-sps.ts';
import { nalUnit } from '../../../server/packets/nal-unit.ts';
import { splitAnnexB } from '../../support/annex-b.ts';
import { spsBits, spsNal, ue } from '../../support/sps-writer.ts';

const FROM_X264 = parseSps(
  Uint8Array.from(Buffer.from('67640028acd940780227e5c044000003000400000300c83c60c658', 'hex')),
);
/** High profile, order counts of type 0, and nothing said of reordering. */
const SILENT: Sps = {
  ...FROM_X264,
  log2MaxFrameNum: 4,
  pictureOrderCount: { type: 0, log2MaxLsb: 8 },
  vui: undefined,
};
const spsOf = (fields: Partial<Sps>): Uint8Array =>
  spsNal(spsBits({ ...SILENT, ...fields }, { losslessBypass: false, scalingLists: undefined }));
const pps = (id: number, spsId: number, more = '1'): Uint8Array => {
  const nal = spsNal(`${ue(id)}${ue(spsId)}${more}1`);
  nal[0] = 0x68;
  return nal;
};

const TYPES = { P: 0, B: 1, I: 2 } as const;
/** A slice of frame_num 0; `order` is its picture order count. */
function slice(type: keyof typeof TYPES, order: number, { idr = false, ppsId = 0 } = {}): Uint8Array {
  const count = order.toString(2).padStart(8, '0');
  const nal = spsNal(`${ue(0)}${ue(TYPES[type])}${ue(ppsId)}0000${idr ? ue(1) : ''}${count}1011`);
  nal[0] = idr ? 0x65 : type === 'B' ? 0x01 : 0x41;
  return nal;
}
const IDR = slice('I', 0, { idr: true });
const SPS = spsOf({});
const PPS = pps(0, 0);
const AUD = Uint8Array.of(0x09, 0xf0);
const FILLER = Uint8Array.of(0x0c, 0xff, 0x80);
const RECOVERY_POINT = Uint8Array.of(0x06, 6, 1, 0xc4, 0x80);

const assemble = (assembler: H264Assembler, ...nals: Uint8Array[]) => assembler.assemble(nals.map(nalUnit));
const inData = (picture: { readonly data: Uint8Array } | undefined): Uint8Array[] =>
  splitAnnexB(picture!.data);
const reorderFrames = (picture: { readonly data: Uint8Array } | undefined): number | undefined =>
  parseSps(inData(picture)[0]!).vui?.bitstreamRestriction?.maxNumReorderFrames;

describe('a key unit', () => {
  it('is led by the parameter sets of the session description', () => {
    const picture = assemble(new H264Assembler([SPS, PPS]), IDR);
    expect(picture).toMatchObject({
      key: true,
      config: { codec: 'avc1.640028', codedWidth: 1920, codedHeight: 1080, format: 'annexb' },
    });
    expect(inData(picture).map((nal) => nal[0]! & 0x1f)).toEqual([7, 8, 5]);
    expect(inData(picture).slice(1)).toEqual([PPS, IDR]);
  });

  it('is led by the parameter sets in band, once, wherever they stand', () => {
    const picture = assemble(new H264Assembler([]), AUD, SPS, RECOVERY_POINT, PPS, FILLER, IDR);
    expect(inData(picture).slice(1)).toEqual([PPS, RECOVERY_POINT, IDR]);
  });

  it('repeats parameter sets that came once', () => {
    const assembler = new H264Assembler([]);
    const first = assemble(assembler, SPS, PPS, IDR);
    expect(assemble(assembler, IDR)).toEqual(first);
  });

  it('brings every PPS of its SPS, and none of another', () => {
    const other = spsOf({ id: 1, widthInMbs: 40 });
    const assembler = new H264Assembler([SPS, other, PPS, pps(1, 1), pps(2, 0)]);
    expect(inData(assemble(assembler, IDR)).slice(1)).toEqual([PPS, pps(2, 0), IDR]);
    const second = slice('I', 0, { idr: true, ppsId: 1 });
    expect(inData(assemble(assembler, second)).slice(1)).toEqual([pps(1, 1), second]);
  });

  it('tells the decoder the size of its own SPS', () => {
    const assembler = new H264Assembler([SPS, PPS]);
    expect(assemble(assembler, IDR)).toMatchObject({ config: { codedWidth: 1920 } });
    const smaller = spsOf({ widthInMbs: 40 });
    expect(assemble(assembler, smaller, PPS, IDR)).toMatchObject({ config: { codedWidth: 640 } });
    expect(assemble(assembler, IDR)).toMatchObject({ config: { codedWidth: 640 } });
  });

  it('is nothing before its parameter sets have come', () => {
    const assembler = new H264Assembler([]);
    expect(assemble(assembler, IDR)).toBeUndefined();
    expect(assemble(assembler, SPS, IDR)).toBeUndefined();
    expect(assemble(assembler, PPS, IDR)?.key).toBe(true);
  });

  it('is an I picture with a recovery point too, and neither of the two alone', () => {
    const assembler = new H264Assembler([SPS, PPS]);
    expect(assemble(assembler, RECOVERY_POINT, slice('I', 8))?.key).toBe(true);
    expect(assemble(assembler, RECOVERY_POINT, slice('P', 8))?.key).toBe(false);
    expect(assemble(assembler, slice('I', 8))?.key).toBe(false);
  });
});

describe('a delta unit', () => {
  it('is its slices and SEI, without repeated parameter sets', () => {
    const assembler = new H264Assembler([SPS, PPS]);
    const picture = assemble(assembler, AUD, SPS, PPS, RECOVERY_POINT, slice('P', 2), FILLER);
    expect(picture?.key).toBe(false);
    expect(inData(picture)).toEqual([RECOVERY_POINT, slice('P', 2)]);
  });

  it('has its SEI before its slices, wherever a camera puts it', () => {
    const second = slice('P', 2);
    const picture = assemble(new H264Assembler([SPS, PPS]), slice('P', 2), RECOVERY_POINT, second);
    expect(inData(picture)).toEqual([RECOVERY_POINT, second, second]);
  });

  it('brings a PPS that is new, and the next key unit brings it again', () => {
    const assembler = new H264Assembler([SPS, PPS]);
    const picture = slice('P', 2, { ppsId: 1 });
    expect(inData(assemble(assembler, pps(1, 0), picture))).toEqual([pps(1, 0), picture]);
    expect(inData(assemble(assembler, IDR)).slice(1)).toEqual([PPS, pps(1, 0), IDR]);
  });

  it('is handed on even before parameter sets have come', () => {
    expect(inData(assemble(new H264Assembler([]), slice('P', 2)))).toEqual([slice('P', 2)]);
  });
});

describe('reordering', () => {
  it('is ruled out in the SPS while no picture is reordered', () => {
    const assembler = new H264Assembler([SPS, PPS]);
    expect(reorderFrames(assemble(assembler, IDR))).toBe(0);
    assemble(assembler, slice('P', 2));
    expect(assembler.reordered).toBe(false);
    expect(reorderFrames(assemble(assembler, IDR))).toBe(0);
  });

  it('is left to the SPS from the key unit after the first reordered picture', () => {
    const assembler = new H264Assembler([SPS, PPS]);
    assemble(assembler, IDR);
    assemble(assembler, slice('P', 8));
    assemble(assembler, slice('B', 4));
    expect(assembler.reordered).toBe(true);
    expect(inData(assemble(assembler, IDR))).toEqual([SPS, PPS, IDR]);
  });

  it('is left to an SPS that announces it', () => {
    const announcing = spsOf({ vui: FROM_X264.vui });
    const assembler = new H264Assembler([announcing, PPS]);
    expect(inData(assemble(assembler, IDR))[0]).toEqual(announcing);
    expect(assembler.reordered).toBe(true);
  });
});

describe('what cannot be read', () => {
  it('is passed over in the session description, where the sets in band may be good', () => {
    const assembler = new H264Assembler([Uint8Array.of(0x67, 1), Uint8Array.of(0x68), Uint8Array.of()]);
    expect(assemble(assembler, SPS, PPS, IDR)?.key).toBe(true);
  });

  it('is an error in band', () => {
    const readIn = (nal: Uint8Array) => () => assemble(new H264Assembler([SPS, PPS]), nal, IDR);
    expect(readIn(Uint8Array.of(0x67, 1))).toThrow(NightglassError);
    expect(readIn(Uint8Array.of(0x68))).toThrow(NightglassError);
  });

  it('is an error when a parameter set is larger than any can be', () => {
    const bloated = new Uint8Array(5000);
    bloated.set(SPS);
    expect(() => assemble(new H264Assembler([]), bloated, PPS, IDR)).toThrow(
      'SPS: at most 4096 bytes were expected, 5000 came',
    );
  });

  it('is no picture when it is a slice header, or when there is no slice', () => {
    const assembler = new H264Assembler([SPS, PPS]);
    expect(assemble(assembler, Uint8Array.of(0x41))).toBeUndefined();
    expect(assemble(assembler, AUD, FILLER)).toBeUndefined();
  });
});
