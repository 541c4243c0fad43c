import { beforeAll, describe, expect, it } from 'vitest';
import type { AccessUnit, KeyUnit } from '#wire/access-unit.ts';
import { wallMicros } from '#wire/time.ts';
import { accessUnits } from '../../../server/packets/access-units.ts';
import { parseSps } from '../../../server/packets/h264-sps.ts';
import type { RtpItem, VideoTrack } from '../../../server/packets/rtp-item.ts';
import type { StreamFault } from '../../../server/packets/stream-fault.ts';
import { nalTypes, splitAnnexB } from '../../support/annex-b.ts';
import { codedPictures, decodedFrames, type H264Clip } from '../../support/h264-clip.ts';
import { ARRIVAL, type CodedPicture, type Packetisation, packetise } from '../../support/rtp-packetiser.ts';
import { spsBits, spsNal } from '../../support/sps-writer.ts';

const TRACK: VideoTrack = { codec: 'h264', payloadType: 96, clockRate: 90_000, parameterSets: [] };

async function* from(items: readonly RtpItem[]): AsyncGenerator<RtpItem> {
  yield* items;
}

async function unitsOf(items: readonly RtpItem[], track = TRACK): Promise<AccessUnit[]> {
  const units: AccessUnit[] = [];
  for await (const unit of accessUnits(from(items), track)) units.push(unit);
  return units;
}

const dataOf = (units: readonly AccessUnit[]): Uint8Array => Buffer.concat(units.map((unit) => unit.data));

/** The pictures as a camera holds them, put together by the test itself. */
const streamOf = (pictures: readonly CodedPicture[]): Uint8Array =>
  Buffer.concat(pictures.flatMap(({ nals }) => nals.flatMap((nal) => [Buffer.of(0, 0, 0, 1), nal])));

const isType = (type: number) => (nal: Uint8Array) => (nal[0]! & 0x1f) === type;
const isKey = ({ nals }: CodedPicture): boolean => nals.some(isType(5));

const SMALL = { width: 96, height: 64, frames: 25 };
const CLIPS: Readonly<Record<string, H264Clip>> = {
  'baseline profile': { ...SMALL, profile: 'baseline' },
  'high profile without B pictures': { ...SMALL, profile: 'high' },
  'B pictures': { ...SMALL, bFrames: 3, x264: 'b-pyramid=normal' },
  'an odd size that is cropped': { ...SMALL, width: 98, height: 54 },
  'several slices in a picture': { ...SMALL, x264: 'slices=4' },
  'access unit delimiters and filler': {
    ...SMALL,
    x264: 'aud=1:nal-hrd=cbr:bitrate=200:vbv-maxrate=200:vbv-bufsize=100',
  },
  'interlaced pictures': { ...SMALL, x264: 'tff=1' },
};
const OTHER_WAYS: Readonly<Record<string, Packetisation>> = {
  'in aggregates': { aggregate: true },
  'a NAL unit a packet': { mode: 0 },
  'without markers': { marker: 'never' },
};

describe.each(Object.entries(CLIPS))('a camera that sends %s', (_, clip) => {
  let pictures: CodedPicture[];
  let frames: string[];
  beforeAll(async () => {
    pictures = await codedPictures(clip);
    frames = await decodedFrames(streamOf(pictures));
  });

  it('decodes to the same frames', async () => {
    const units = await unitsOf(packetise(pictures));
    expect(frames).toHaveLength(clip.frames);
    expect(await decodedFrames(dataOf(units))).toEqual(frames);
    expect(units.map((unit) => unit.key)).toEqual(pictures.map(isKey));
  });

  it.each(Object.entries(OTHER_WAYS))('comes out the same when it packetises %s', async (_, way) => {
    const fields = (units: readonly AccessUnit[]) =>
      units.map(({ key, timestamp, data }) => ({ key, timestamp, data: Buffer.from(data).toString('hex') }));
    const units = await unitsOf(packetise(pictures, way));
    expect(fields(units)).toEqual(fields(await unitsOf(packetise(pictures))));
  });

  it('says what decoders are configured with, at every key unit', async () => {
    const units = await unitsOf(packetise(pictures));
    const keys = units.filter((unit): unit is KeyUnit => unit.key);
    expect(keys.length).toBeGreaterThan(1);
    const sps = pictures[0]!.nals.find(isType(7))!;
    const codec = `avc1.${Buffer.from(sps.subarray(1, 4)).toString('hex').toUpperCase()}`;
    for (const { config, data } of keys) {
      expect(config).toEqual({
        codec,
        codedWidth: clip.width,
        codedHeight: clip.height,
        format: 'annexb',
      });
      expect(nalTypes(data).slice(0, 2)).toEqual([7, 8]);
    }
  });

  it('decodes from any key unit on', async () => {
    const units = await unitsOf(packetise(pictures));
    const second = units.findLastIndex((unit) => unit.key);
    expect(await decodedFrames(dataOf(units.slice(second)))).toEqual(frames.slice(second));
  });

  it('stamps pictures as the camera does, from 0', async () => {
    const units = await unitsOf(packetise(pictures));
    const first = pictures[0]!.timestamp;
    expect(units.map((unit) => unit.timestamp)).toEqual(
      pictures.map(({ timestamp }) => Math.round(((timestamp - first) / 90_000) * 1e6)),
    );
  });
});

describe('packets that are lost', () => {
  let pictures: CodedPicture[];
  let frames: string[];
  beforeAll(async () => {
    pictures = await codedPictures({ width: 160, height: 96, frames: 40, x264: 'slices=2', keyInterval: 8 });
    frames = await decodedFrames(streamOf(pictures));
  });

  it.each([0, 1, 4, 7])(
    'of picture %i of a GOP leave whole pictures, on from the next key unit',
    async (at) => {
      const packets = packetise(pictures, { mtu: 150 });
      const lostPicture = 16 + at;
      const ofPicture = packets.filter(
        ({ timestamp, payload }) =>
          timestamp === pictures[lostPicture]!.timestamp && [1, 5, 28].some((type) => isType(type)(payload)),
      );
      expect(ofPicture.length).toBeGreaterThan(1);
      for (const lost of ofPicture) {
        const units = await unitsOf(packets.filter((packet) => packet !== lost));
        expect(units.map((unit) => unit.timestamp / 40_000)).toEqual(
          pictures.map((_, index) => index).filter((index) => index < lostPicture || index >= 24),
        );
        if (lost !== ofPicture[1]) continue;
        expect(await decodedFrames(dataOf(units))).toEqual([
          ...frames.slice(0, lostPicture),
          ...frames.slice(24),
        ]);
      }
    },
  );

  it('with parameter sets that are known already cost nothing', async () => {
    const packets = packetise(pictures, { mtu: 150 });
    const lost = packets.findLastIndex(({ payload }) => isType(7)(payload));
    const units = await unitsOf(packets.filter((_, index) => index !== lost));
    expect(units).toEqual(await unitsOf(packets));
  });

  it('before the first key unit hide no delta unit: they prove that pictures flow', async () => {
    const packets = packetise(pictures.slice(3, 12), { mtu: 150 });
    const units = await unitsOf(packets.filter((_, index) => index !== 5));
    expect(units[0]!.key).toBe(false);
    expect(units.filter((unit) => unit.key)).toHaveLength(1);
  });

  it('that come twice change nothing', async () => {
    const packets = packetise(pictures);
    const twice = packets.flatMap((packet) => [packet, packet]);
    expect(await unitsOf(twice)).toEqual(await unitsOf(packets));
  });
});

describe('what goes wrong on the way', () => {
  const toldOf = async (
    packets: readonly RtpItem[],
    kind?: StreamFault['kind'],
  ): Promise<(StreamFault | 'key' | 'delta')[]> => {
    const told: (StreamFault | 'key' | 'delta')[] = [];
    const tell = (fault: StreamFault): void => {
      if (kind === undefined || fault.kind === kind) told.push(fault);
    };
    for await (const unit of accessUnits(from(packets), TRACK, tell)) told.push(unit.key ? 'key' : 'delta');
    return told;
  };
  let pictures: CodedPicture[];
  beforeAll(async () => {
    pictures = await codedPictures({ ...SMALL, frames: 12, keyInterval: 6 });
  });

  it('is nothing with a camera that is well', async () => {
    const told = await toldOf(packetise(pictures, { mtu: 150 }));
    expect(told.filter((one) => typeof one === 'object')).toEqual([]);
  });

  it('is told where it happens: the picture that is lost, and each that is of no use without it', async () => {
    const packets = packetise(pictures).filter(({ timestamp }) => timestamp !== pictures[3]!.timestamp);
    const lost = (units: number) => ({ kind: 'lost', units });
    expect((await toldOf(packets)).slice(0, 7)).toEqual([
      ...['key', 'delta', 'delta'],
      ...[lost(2), lost(1)],
      ...['key', 'delta'],
    ]);
  });

  it('is told before the key unit that a loss stands directly before', async () => {
    const packets = packetise(pictures).filter(({ timestamp }) => timestamp !== pictures[5]!.timestamp);
    expect((await toldOf(packets)).slice(4, 7)).toEqual(['delta', { kind: 'lost', units: 1 }, 'key']);
  });

  it('is a key picture that nobody can read, while the parameter sets are missing', async () => {
    const bare = pictures.map((picture, index) => ({
      ...picture,
      nals: picture.nals.filter((nal) => index >= 6 || (!isType(7)(nal) && !isType(8)(nal))),
    }));
    expect((await toldOf(packetise(bare))).slice(0, 8)).toEqual([
      ...[{ kind: 'unreadable' }, 'delta', 'delta', 'delta', 'delta', 'delta'],
      ...['key', 'delta'],
    ]);
  });

  it('is a stamp that was repaired', async () => {
    const hoursOff = pictures.map((picture, index) => ({
      ...picture,
      timestamp: picture.timestamp + (index === 2 ? 3 * 3600 * 90_000 : 0),
    }));
    expect((await toldOf(packetise(hoursOff))).slice(0, 5)).toEqual([
      ...['key', 'delta', { kind: 'restamped' }, 'delta', 'delta'],
    ]);
  });

  it('is a wall clock that is set wrong, told once', async () => {
    const report: RtpItem = {
      kind: 'sender-report',
      ssrc: 7,
      wallClock: wallMicros(ARRIVAL - 3600e6),
      timestamp: pictures[0]!.timestamp,
    };
    const told = await toldOf([report, ...packetise(pictures)], 'wall-clock');
    expect(told.filter((one) => typeof one === 'object')).toEqual([{ kind: 'wall-clock', fault: 'off' }]);
  });
});

describe('a camera that repeats its parameter sets before every slice', () => {
  it('sends whole pictures all the same', async () => {
    const pictures = await codedPictures({ ...SMALL, x264: 'slices=4' });
    const sets = pictures[0]!.nals.filter((nal) => isType(7)(nal) || isType(8)(nal));
    const repeated = pictures.map(({ nals, timestamp }) => ({
      timestamp,
      nals: nals.flatMap((nal) => (isType(5)(nal) ? [...sets, nal] : [nal])),
    }));
    for (const marker of ['last-packet', 'every-nal', 'never'] as const)
      expect((await unitsOf(packetise(repeated, { marker }))).map(({ data }) => data)).toEqual(
        (await unitsOf(packetise(pictures))).map(({ data }) => data),
      );
  });
});

describe('a camera whose pictures change', () => {
  it('in size says so at the next key unit', async () => {
    const before = await codedPictures({ ...SMALL, frames: 12 });
    const after = await codedPictures({ ...SMALL, width: 128, frames: 12 });
    const offset = before.at(-1)!.timestamp + 3600;
    const moved = after.map((one) => ({ ...one, timestamp: one.timestamp + offset }));
    const units = await unitsOf(packetise([...before, ...moved]));
    const sizes = units.flatMap((unit) => (unit.key ? [unit.config.codedWidth] : []));
    expect(sizes).toEqual([96, 96, 128, 128]);
    expect(await decodedFrames(dataOf(units.slice(12)))).toHaveLength(12);
  });
});

describe('a camera that says nothing of reordering', () => {
  const silenced = (pictures: readonly CodedPicture[]): CodedPicture[] =>
    pictures.map(({ nals, timestamp }) => ({
      timestamp,
      nals: nals.map((nal) =>
        isType(7)(nal)
          ? spsNal(
              spsBits(
                { ...parseSps(nal), vui: undefined },
                { losslessBypass: false, scalingLists: undefined },
              ),
            )
          : nal,
      ),
    }));
  const promises = (unit: AccessUnit): boolean =>
    parseSps(splitAnnexB(unit.data)[0]!).vui?.bitstreamRestriction?.maxNumReorderFrames === 0;

  it('and does not reorder has it said for it, at every key unit, and decodes the same', async () => {
    const pictures = silenced(await codedPictures({ ...SMALL, profile: 'main', x264: 'weightp=0' }));
    const units = await unitsOf(packetise(pictures));
    expect(units.filter((unit) => unit.key).map(promises)).toEqual([true, true, true]);
    expect(await decodedFrames(dataOf(units))).toEqual(await decodedFrames(streamOf(pictures)));
  });

  it('and reorders is believed from its second key unit on', async () => {
    const pictures = silenced(await codedPictures({ ...SMALL, bFrames: 2, x264: 'b-adapt=0' }));
    const units = await unitsOf(packetise(pictures));
    expect(units.filter((unit) => unit.key).map(promises)).toEqual([true, false, false]);
    const second = units.findIndex((unit, index) => unit.key && index > 0);
    const frames = await decodedFrames(streamOf(pictures));
    expect(await decodedFrames(dataOf(units.slice(second)))).toEqual(frames.slice(second));
  });
});

describe('an open GOP', () => {
  it('is a place to join at its recovery point', async () => {
    const clip = { ...SMALL, bFrames: 2, x264: 'open-gop=1:b-adapt=0' };
    const pictures = await codedPictures(clip);
    expect(pictures.filter(isKey)).toHaveLength(1);
    const units = await unitsOf(packetise(pictures));
    expect(units.filter((unit) => unit.key)).toHaveLength(3);
    const join = units.findLastIndex((unit) => unit.key);
    const frames = await decodedFrames(streamOf(pictures));
    const joined = await decodedFrames(dataOf(units.slice(join)), 'lenient');
    expect(joined.length).toBeGreaterThan(2);
    for (const frame of joined) expect(frames).toContain(frame);
  });
});

describe('the session description', () => {
  it('supplies the parameter sets that a camera never sends in band', async () => {
    const pictures = await codedPictures({ ...SMALL, frames: 12 });
    const sets = pictures[0]!.nals.filter((nal) => isType(7)(nal) || isType(8)(nal));
    const bare = pictures.map(({ nals, timestamp }) => ({
      timestamp,
      nals: nals.filter((nal) => !isType(7)(nal) && !isType(8)(nal)),
    }));
    const units = await unitsOf(packetise(bare), { ...TRACK, parameterSets: sets });
    expect(await decodedFrames(dataOf(units))).toEqual(await decodedFrames(streamOf(pictures)));
    expect((await unitsOf(packetise(bare))).some((unit) => unit.key)).toBe(false);
  });

  it('with a clock that stands still is refused', async () => {
    await expect(unitsOf([], { ...TRACK, clockRate: 0 })).rejects.toMatchObject({
      code: 'packets/malformed',
    });
  });
});

describe('the capture clock', () => {
  it('goes over to the camera’s own with its first sender report', async () => {
    const pictures = await codedPictures({ ...SMALL, frames: 5 });
    const packets = packetise(pictures, { marker: 'never' });
    const third = packets.findIndex(({ timestamp }) => timestamp === pictures[2]!.timestamp);
    const report: RtpItem = {
      kind: 'sender-report',
      ssrc: 7,
      wallClock: wallMicros(ARRIVAL - 25_000),
      timestamp: pictures[0]!.timestamp,
    };
    const units = await unitsOf([...packets.slice(0, third), report, ...packets.slice(third)]);
    expect(units.map((unit) => [unit.captureClock, unit.capturedAt - ARRIVAL])).toEqual([
      ['arrival', 0],
      ['sender-report', 15_000],
      ['sender-report', 55_000],
      ['sender-report', 95_000],
      ['sender-report', 135_000],
    ]);
  });
});
