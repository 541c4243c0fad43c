import { describe, expect, it } from 'vitest';
import { Av1Assembler } from '../../../server/packets/av1-assembler.ts';
import { OBU, readObus } from '../../../server/packets/av1-obu.ts';
import { readAv1Payload } from '../../../server/packets/av1-payload.ts';
import { assembleVp8 } from '../../../server/packets/vp8-assembler.ts';
import { readVp8Payload } from '../../../server/packets/vp8-payload.ts';
import { assembleVp9 } from '../../../server/packets/vp9-assembler.ts';
import { readVp9Payload } from '../../../server/packets/vp9-payload.ts';
import { inBandStreams } from '../../fuzz/in-band-stream.ts';

const SIZE = { codedWidth: 96, codedHeight: 64, format: 'none' };

describe('the header of a VP8 key picture', () => {
  const key = inBandStreams('vp8')[0]![0]!;

  it('says the size, without how a player may enlarge it', () => {
    expect(assembleVp8(key)).toMatchObject({ key: true, config: { codec: 'vp8', ...SIZE } });
  });

  it('is no picture when its first partition is cut short', () => {
    expect(assembleVp8(key.subarray(0, 15))).toMatchObject({ key: true });
    for (let length = 0; length < 15; length++) expect(assembleVp8(key.subarray(0, length))).toBeUndefined();
  });

  it.each([
    ['a start code', 3],
    ['a width', 6],
    ['a height', 8],
  ])('is no picture without %s', (_, at) => {
    expect(assembleVp8(key.with(at, 0))).toBeUndefined();
  });
});

describe('the header of a VP9 key picture', () => {
  it.each([
    [0, 'vp09.00.10.08'],
    [1, 'vp09.01.10.08'],
    [2, 'vp09.02.10.10'],
    [3, 'vp09.03.10.10'],
  ])('says the size and what a decoder must know, in profile %i', (profile, codec) => {
    const [key, delta] = inBandStreams('vp9')[profile]!;
    expect(assembleVp9(key!)).toMatchObject({ key: true, config: { codec, ...SIZE } });
    expect(assembleVp9(delta!)).toMatchObject({ key: false });
  });

  it('is no picture when it is cut short, or without frame marker or sync code', () => {
    const key = inBandStreams('vp9')[0]![0]!;
    for (let length = 0; length < 9; length++) expect(assembleVp9(key.subarray(0, length))).toBeUndefined();
    expect(assembleVp9(key.with(0, 0))).toBeUndefined();
    expect(assembleVp9(key.with(1, 0))).toBeUndefined();
  });
});

describe('the sequence header of AV1', () => {
  it.each([
    ['that is plain', 0, 'av01.0.00M.08'],
    ['that says all it can', 1, 'av01.0.08H.10'],
    ['of a still picture', 2, 'av01.0.00M.08'],
  ])('says the size and what a decoder must know: one %s', (_, kind, codec) => {
    const key = inBandStreams('av1')[kind]![0]!;
    const picture = new Av1Assembler().assemble([[key]]);
    expect(picture).toMatchObject({ key: true, config: { codec, ...SIZE } });
    const types = (data: Uint8Array) => readObus(data)!.map(({ type }) => type);
    expect(types(key)[0]).toBe(OBU.temporalDelimiter);
    expect(typeof picture === 'object' && types(picture.data)).toEqual(types(key).slice(1));
  });

  it('alone is nothing to show, and leads the key picture that comes after it', () => {
    const assembler = new Av1Assembler();
    const [delimiter, sequence, , frame] = split(inBandStreams('av1')[0]![0]!);
    expect(new Av1Assembler().assemble([[frame!]])).toBeUndefined();
    expect(assembler.assemble([[delimiter!], [sequence!]])).toBe('unshowable');
    const data = Uint8Array.from([...sequence!, ...frame!]);
    expect(assembler.assemble([[frame!]])).toMatchObject({ key: true, data });
  });

  it('is no picture when it is cut short', () => {
    const [, sequence, , frame] = split(inBandStreams('av1')[1]![0]!);
    const body = sequence!.subarray(2);
    for (let length = 0; length < body.length - 1; length++) {
      const cut = Uint8Array.from([sequence![0]! & ~2, ...body.subarray(0, length)]);
      expect(new Av1Assembler().assemble([[cut], [frame!]])).toBeUndefined();
    }
  });

  /** The OBUs with their sizes, which are of one byte here. */
  function split(data: Uint8Array): Uint8Array[] {
    let at = 0;
    return readObus(data)!.map(({ body }) => {
      const start = at;
      at += 2 + body.length;
      return data.subarray(start, at);
    });
  }
});

describe('a payload that is cut short', () => {
  it.each([
    ['VP8', readVp8Payload, [0x90, 0xf0, 0x80, 1, 2, 0x20, 7]],
    ['VP9', readVp9Payload, [0xba | 0x40, 0x80, 1, 0, 3, 2, 0x18, 0, 96, 0, 64, 1, 0x08, 1, 1, 7]],
    ['AV1', readAv1Payload, [0x20, 2, 1, 1, 7]],
  ] as const)('brings nothing of %s, at any length', (_, read, bytes) => {
    expect(read(Uint8Array.from(bytes))).toMatchObject({ pieces: expect.anything() });
    for (let length = 0; length < bytes.length; length++)
      expect(read(Uint8Array.from(bytes.slice(0, length)))).toBeUndefined();
  });

  it('brings nothing of VP9 that refers to more than three pictures', () => {
    expect(readVp9Payload(Uint8Array.of(0x50, 3, 3, 2, 7))).toBeDefined();
    expect(readVp9Payload(Uint8Array.of(0x50, 3, 3, 3, 2, 7))).toBeUndefined();
  });
});
