import { beforeAll, describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import { accessUnits } from '../../../server/packets/access-units.ts';
import type { RtpItem, VideoTrack } from '../../../server/packets/rtp-item.ts';
import { H265_SHAPE, nalTypes } from '../../support/annex-b.ts';
import { decodedFrames } from '../../support/h264-clip.ts';
import { type H265Clip, h265Pictures } from '../../support/h265-clip.ts';
import { type CodedPicture, type Packetisation, packetise } from '../../support/rtp-packetiser.ts';

const TRACK: VideoTrack = {
  codec: 'h265',
  payloadType: 96,
  clockRate: 90_000,
  parameterSets: [],
  decodingOrderNumbers: false,
};
const IDR_N_LP = 20;
const CRA = 21;
const RASL = [8, 9];
const PARAMETER_SETS = [32, 33, 34];

async function* from(items: readonly RtpItem[]): AsyncGenerator<RtpItem> {
  yield* items;
}

async function unitsOf(items: readonly RtpItem[], track = TRACK): Promise<AccessUnit[]> {
  const units: AccessUnit[] = [];
  for await (const unit of accessUnits(from(items), track)) units.push(unit);
  return units;
}

const sent = (pictures: readonly CodedPicture[], way: Packetisation = {}) =>
  packetise(pictures, { codec: 'h265', ...way });
const dataOf = (units: readonly AccessUnit[]): Uint8Array => Buffer.concat(units.map((unit) => unit.data));
/** The pictures as a camera holds them, put together by the test itself. */
const streamOf = (pictures: readonly CodedPicture[]): Uint8Array =>
  Buffer.concat(pictures.flatMap(({ nals }) => nals.flatMap((nal) => [Buffer.of(0, 0, 0, 1), nal])));
const framesOf = (stream: Uint8Array) => decodedFrames(stream, 'strict', 'hevc');

const has = ({ nals }: CodedPicture, ...types: number[]): boolean =>
  nals.some((nal) => types.includes(H265_SHAPE.typeOf(nal)));
const isKey = (picture: CodedPicture): boolean => has(picture, IDR_N_LP, CRA);
const without = (pictures: readonly CodedPicture[], ...types: number[]): CodedPicture[] =>
  pictures.map(({ nals, timestamp }) => ({
    timestamp,
    nals: nals.filter((nal) => !types.includes(H265_SHAPE.typeOf(nal))),
  }));

const SMALL: H265Clip = { width: 96, height: 64, frames: 25, keyInterval: 8 };
const CLIPS: Readonly<Record<string, { readonly clip: H265Clip; readonly codec: RegExp }>> = {
  'closed GOPs in order': { clip: SMALL, codec: /^hev1\.1\.6\.L30\.90$/ },
  'B pictures in closed GOPs': { clip: { ...SMALL, bFrames: 3 }, codec: /^hev1\.1\.6\.L30\.90$/ },
  'B pictures in open GOPs': {
    clip: { ...SMALL, bFrames: 3, openGop: true },
    codec: /^hev1\.1\.6\.L30\.90$/,
  },
  'two slices in a picture': { clip: { ...SMALL, x265: 'slices=2:hash=0' }, codec: /^hev1\.1\.6\.L30\.90$/ },
  'Main 10': { clip: { ...SMALL, bFrames: 2, bitDepth: 10 }, codec: /^hev1\.2\.4\.L30\.90$/ },
  'a size that is cropped': { clip: { ...SMALL, width: 98, height: 54 }, codec: /^hev1\.1\.6\.L30\.90$/ },
  'access unit delimiters': { clip: { ...SMALL, x265: 'aud=1' }, codec: /^hev1\.1\.6\.L30\.90$/ },
};
const WAYS: Readonly<Record<string, Packetisation>> = {
  'in fragments': { mtu: 150 },
  'in aggregates': { aggregate: true },
  'a NAL unit a packet': { mode: 0 },
  'without markers': { mtu: 150, marker: 'never' },
};

describe.each(Object.entries(CLIPS))('an H.265 camera that sends %s', (_, { clip, codec }) => {
  let pictures: CodedPicture[];
  let frames: string[];
  beforeAll(async () => {
    pictures = await h265Pictures(clip);
    frames = await framesOf(streamOf(pictures));
  });

  it.each(Object.entries(WAYS))('comes out byte for byte when it packetises %s', async (_, way) => {
    const units = await unitsOf(sent(pictures, way));
    // Delimiters say nothing that four-byte start codes and messages do not.
    const expected = without(pictures, 35).map((picture) => streamOf([picture]));
    expect(units.map(({ data }) => Buffer.from(data))).toEqual(expected);
    expect(units.map(({ key }) => key)).toEqual(pictures.map(isKey));
  });

  it('decodes to the same frames, from the first key unit and from any other', async () => {
    const units = await unitsOf(sent(pictures));
    expect(frames).toHaveLength(clip.frames);
    expect(await framesOf(dataOf(units))).toEqual(frames);
    const last = units.findLastIndex(({ key }) => key);
    expect(last).toBeGreaterThan(8);
    const skipped = pictures.slice(last).filter((picture) => has(picture, ...RASL)).length;
    expect(await framesOf(dataOf(units.slice(last)))).toEqual(frames.slice(last + skipped));
  });

  it('says what decoders are configured with, and leads each key unit with VPS, SPS and PPS', async () => {
    const units = await unitsOf(sent(pictures));
    const configs = units.flatMap((unit) => (unit.key ? [unit.config] : []));
    expect(configs).toHaveLength(4);
    for (const config of configs) {
      const { width: codedWidth, height: codedHeight } = clip;
      expect(config).toEqual({
        codec: expect.stringMatching(codec),
        codedWidth,
        codedHeight,
        format: 'annexb',
      });
    }
    for (const { key, data } of units)
      if (key) expect(nalTypes(data, H265_SHAPE).slice(0, 3)).toEqual(PARAMETER_SETS);
  });

  it('stamps pictures with the time they are shown at, in the order they decode in', async () => {
    const units = await unitsOf(sent(pictures));
    const first = pictures[0]!.timestamp;
    expect(units.map(({ timestamp }) => timestamp)).toEqual(
      pictures.map(({ timestamp }) => Math.round(((timestamp - first) / 90_000) * 1e6)),
    );
  });
});

describe('an open GOP of H.265', () => {
  let pictures: CodedPicture[];
  let frames: string[];
  let secondKey: number;
  beforeAll(async () => {
    pictures = await h265Pictures({ ...SMALL, bFrames: 3, openGop: true });
    frames = await framesOf(streamOf(pictures));
    secondKey = pictures.findIndex((picture) => has(picture, CRA));
  });
  const timesOf = (kept: readonly CodedPicture[]): number[] => {
    const first = kept[0]!.timestamp;
    return kept.map(({ timestamp }) => Math.round(((timestamp - first) / 90_000) * 1e6));
  };
  /** The pictures from the second key picture on that a decoder can show which begins there. */
  const showable = (): CodedPicture[] => {
    const third = pictures.findIndex((picture, index) => index > secondKey && isKey(picture));
    return pictures
      .slice(secondKey)
      .filter((picture, index) => index + secondKey >= third || !has(picture, ...RASL));
  };

  it('has pictures that refer to ones before its key picture', () => {
    expect(secondKey).toBeGreaterThan(0);
    expect(showable().length).toBeLessThan(pictures.length - secondKey);
  });

  it('that begins the stream is shown without them', async () => {
    const units = await unitsOf(sent(pictures.slice(secondKey)));
    expect(units[0]!.key).toBe(true);
    expect(units.map(({ timestamp }) => timestamp)).toEqual(timesOf(showable()));
    const decoded = await framesOf(dataOf(units));
    expect(decoded).toHaveLength(showable().length);
    expect(decoded).toEqual(frames.slice(-decoded.length));
  });

  it.each([1, 2])('that follows a loss %i pictures before it is shown without them', async (before) => {
    const lost = secondKey - before;
    const packets = sent(pictures);
    const gap = packets.findIndex(({ timestamp }) => timestamp === pictures[lost]!.timestamp);
    const units = await unitsOf(packets.filter((_, index) => index !== gap));
    expect(units.map(({ timestamp }) => timestamp)).toEqual(
      timesOf([...pictures.slice(0, lost), ...showable()]),
    );
  });
});

describe('packets of H.265 that are lost', () => {
  const nalTypeIn = (payload: Uint8Array): number =>
    H265_SHAPE.typeOf(payload) === 49 ? payload[2]! & 0x3f : H265_SHAPE.typeOf(payload);

  it.each([0, 1, 5])('of picture %i of a GOP leave whole pictures, on from the next key unit', async (at) => {
    const pictures = await h265Pictures({ ...SMALL, width: 160, height: 96, x265: 'slices=2' });
    const packets = sent(pictures, { mtu: 150 });
    const lostPicture = 8 + at;
    const ofPicture = packets.filter(
      ({ timestamp, payload }) =>
        timestamp === pictures[lostPicture]!.timestamp && H265_SHAPE.isSlice(nalTypeIn(payload)),
    );
    expect(ofPicture.length).toBeGreaterThan(1);
    for (const lost of ofPicture) {
      const units = await unitsOf(packets.filter((packet) => packet !== lost));
      expect(units.map(({ timestamp }) => timestamp / 40_000)).toEqual(
        pictures.map((_, index) => index).filter((index) => index < lostPicture || index >= 16),
      );
    }
  });
});

describe('the session description of an H.265 camera', () => {
  it('supplies the parameter sets that it never sends in band', async () => {
    const pictures = await h265Pictures({ ...SMALL, frames: 12 });
    const parameterSets = pictures[0]!.nals.filter((nal) => PARAMETER_SETS.includes(H265_SHAPE.typeOf(nal)));
    const bare = without(pictures, ...PARAMETER_SETS);
    const units = await unitsOf(sent(bare), { ...TRACK, parameterSets });
    expect(Buffer.from(dataOf(units))).toEqual(streamOf(pictures));
    for (const missing of PARAMETER_SETS) {
      const rest = parameterSets.filter((nal) => H265_SHAPE.typeOf(nal) !== missing);
      const keys = (await unitsOf(sent(bare), { ...TRACK, parameterSets: rest })).filter(({ key }) => key);
      expect(keys).toEqual([]);
    }
  });
});
