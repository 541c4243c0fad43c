import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRecoveryPoint, readSliceHeader } from '../../../server/packets/h264-slice.ts';
import { parseSps, type Sps } from '../../../server/packets/h264-sps.ts';
import { nalUnit } from '../../../server/packets/nal-unit.ts';
import { spsNal, ue } from '../../support/sps-writer.ts';

const SPS: Sps = {
  ...parseSps(Uint8Array.from(Buffer.from('67640028acb403c0113f2e0220000003002000000641e30654', 'hex'))),
  log2MaxFrameNum: 5,
  pictureOrderCount: { type: 0, log2MaxLsb: 6 },
};
/** A slice NAL unit of bits, with emulation prevention where it is needed. */
const slice = (header: number, bits: string) => {
  const nal = spsNal(bits);
  nal[0] = header;
  return nalUnit(nal);
};
const IDR = 0x65;
const DELTA = 0x01;

describe('readSliceHeader', () => {
  it('reads an IDR slice', () => {
    const nal = slice(IDR, `${ue(0)}${ue(7)}${ue(3)}00000${ue(9)}000010`);
    expect(readSliceHeader(nal, () => SPS)).toEqual({
      idr: true,
      type: 'I',
      ppsId: 3,
      pictureOrderCountLsb: 2,
    });
  });

  it('reads a B slice', () => {
    const nal = slice(DELTA, `${ue(0)}${ue(1)}${ue(0)}10101111110`);
    expect(readSliceHeader(nal, () => SPS)).toEqual({
      idr: false,
      type: 'B',
      ppsId: 0,
      pictureOrderCountLsb: 62,
    });
  });

  it.each([
    ['a field', { frameMbsOnly: false }, '11'],
    ['a frame where there may be fields', { frameMbsOnly: false }, '0'],
  ])('finds the order count of %s', (_, extra, fieldBits) => {
    const nal = slice(DELTA, `${ue(0)}${ue(0)}${ue(0)}00001${fieldBits}010001`);
    expect(readSliceHeader(nal, () => ({ ...SPS, ...extra }))?.pictureOrderCountLsb).toBe(17);
  });

  it('finds the order count behind a colour plane', () => {
    const nal = slice(DELTA, `${ue(0)}${ue(0)}${ue(0)}1000001010001`);
    expect(readSliceHeader(nal, () => ({ ...SPS, separateColourPlane: true }))?.pictureOrderCountLsb).toBe(
      17,
    );
  });

  it('reads on across emulation prevention', () => {
    const nal = slice(DELTA, `${ue(0)}${ue(0)}${ue(0)}${'0'.repeat(16)}0000000000010011`);
    const long: Sps = { ...SPS, log2MaxFrameNum: 16, pictureOrderCount: { type: 0, log2MaxLsb: 16 } };
    expect([...nal.body[0]!].join()).toContain('0,0,3,2');
    expect(readSliceHeader(nal, () => long)?.pictureOrderCountLsb).toBe(19);
  });

  it('says which PPS it needs before that is known', () => {
    expect(readSliceHeader(slice(IDR, `${ue(0)}${ue(7)}${ue(200)}`), () => undefined)?.ppsId).toBe(200);
  });

  it('gives nothing of bytes that are no slice header', () => {
    expect(readSliceHeader(slice(IDR, ue(0)), () => SPS)).toBeUndefined();
    expect(readSliceHeader(slice(IDR, `${ue(0)}${ue(10)}${ue(0)}`), () => SPS)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.integer({ min: 0, max: 255 }), (bytes, header) => {
        const read = readSliceHeader({ header, body: [bytes] }, () => SPS);
        if (read) expect(read.ppsId).toBeLessThanOrEqual(255);
      }),
    );
  });
});

describe('isRecoveryPoint', () => {
  const sei = (...bytes: number[]) => nalUnit(Uint8Array.from([0x06, ...bytes, 0x80]));

  it.each([
    ['recovery_frame_cnt 0, as libx264 writes it at an open GOP', [6, 1, 0xc4], true],
    ['recovery_frame_cnt 24, as libx264 writes it when refreshing gradually', [6, 2, 0x0c, 0xc4], false],
    ['one after another message', [1, 1, 0x80, 6, 1, 0xc4], true],
    [
      'one after a message of more than 255 bytes',
      [5, 255, 2, ...new Array<number>(257).fill(6), 6, 1, 0xc4],
      true,
    ],
    ['one after a message type above 255', [255, 3, 1, 9, 6, 1, 0xc4], true],
    ['another message', [5, 1, 0xc4], false],
    ['a message cut off', [6], false],
    ['a message whose bytes look like one', [5, 3, 6, 1, 0xc4], false],
  ])('of %s', (_, bytes, expected) => {
    expect(isRecoveryPoint(sei(...bytes))).toBe(expected);
  });

  it('answers for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect([true, false]).toContain(isRecoveryPoint({ header: 6, body: [bytes] }));
      }),
    );
  });
});
