import { beforeAll, describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { wallMicros } from '#wire/time.ts';
import { accessUnits } from '../../../server/packets/access-units.ts';
import { OBU, readObus } from '../../../server/packets/av1-obu.ts';
import { BEGINS_KEY_UNIT } from '../../../server/packets/key-start.ts';
import type { InBandTrack, RtpItem, RtpPacket } from '../../../server/packets/rtp-item.ts';
import type { StreamFault } from '../../../server/packets/stream-fault.ts';
import { framesOf, type InBandClip, inBandPictures } from '../../support/in-band-clip.ts';
import { type InBandPacketisation, packetiseInBand } from '../../support/in-band-packetiser.ts';

type Codec = InBandTrack['codec'];

async function* from(items: readonly RtpItem[]): AsyncGenerator<RtpItem> {
  yield* items;
}

async function unitsOf(
  codec: Codec,
  items: readonly RtpItem[],
  told: StreamFault[] = [],
): Promise<AccessUnit[]> {
  const track: InBandTrack = { codec, payloadType: 96, clockRate: 90_000, parameterSets: [] };
  const units: AccessUnit[] = [];
  for await (const unit of accessUnits(from(items), track, (fault) => told.push(fault))) units.push(unit);
  return units;
}

const SMALL = { width: 96, height: 64, frames: 12, keyInterval: 5 };
/** Pictures that look ahead: hidden ones stand in one superframe with the next that is shown. */
const AHEAD = ['-deadline', 'good', '-cpu-used', '5', '-lag-in-frames', '8', '-auto-alt-ref', '1'];

const CLIPS: Readonly<Record<string, { readonly clip: InBandClip; readonly codec: string }>> = {
  VP8: { clip: { ...SMALL, codec: 'vp8' }, codec: 'vp8' },
  VP9: { clip: { ...SMALL, codec: 'vp9' }, codec: 'vp09.00.10.08' },
  'VP9 in superframes': { clip: { ...SMALL, codec: 'vp9', encoder: AHEAD }, codec: 'vp09.00.10.08' },
  'VP9 of 10 bits': { clip: { ...SMALL, codec: 'vp9', pixels: 'yuv420p10le' }, codec: 'vp09.02.10.10' },
  'VP9 of 4:4:4': { clip: { ...SMALL, codec: 'vp9', pixels: 'yuv444p' }, codec: 'vp09.01.10.08' },
  AV1: { clip: { ...SMALL, codec: 'av1' }, codec: 'av01.0.00M.08' },
  'AV1 of 10 bits': { clip: { ...SMALL, codec: 'av1', pixels: 'yuv420p10le' }, codec: 'av01.0.00M.10' },
};
const WAYS: Readonly<Record<string, InBandPacketisation>> = {
  'as browsers do': {},
  'with bare descriptors, in one packet each': { descriptor: 'bare', mtu: 1_000_000 },
  'with every field, in small pieces': { descriptor: 'full', mtu: 60, lengths: 'all' },
  'without markers': { marker: false },
  'with sizes in its OBUs': { sized: true },
};

describe.each(Object.entries(CLIPS))('a publisher that sends %s', (_, { clip, codec }) => {
  let pictures: Uint8Array[];
  let frames: string[];
  beforeAll(async () => {
    pictures = await inBandPictures(clip);
    frames = await framesOf(clip.codec, pictures);
  });

  it.each(Object.entries(WAYS))('shows every picture when it packetises %s', async (_, way) => {
    const units = await unitsOf(clip.codec, packetiseInBand(clip.codec, pictures, way));
    // Without markers, nothing ends the last picture.
    const whole = way.marker === false && clip.codec !== 'vp9' ? pictures.length - 1 : pictures.length;
    expect(units).toHaveLength(whole);
    expect(
      await framesOf(
        clip.codec,
        units.map(({ data }) => data),
      ),
    ).toEqual(frames.slice(0, whole));
    const keys = units.filter((unit) => unit.key);
    expect(units[0]?.key).toBe(true);
    expect(keys.length).toBeGreaterThanOrEqual(2);
    for (const { config } of keys)
      expect(config).toEqual({ codec, codedWidth: 96, codedHeight: 64, format: 'none' });
    expect(units.map(({ timestamp }) => timestamp)).toEqual(units.map((_, index) => index * 40_000));
  });
});

describe.each(['vp8', 'vp9', 'av1'] as const)('a publisher of %s on a bad link', (codec) => {
  let pictures: Uint8Array[];
  let packets: RtpPacket[];
  let keys: boolean[];
  beforeAll(async () => {
    pictures = await inBandPictures({ ...SMALL, codec });
    packets = packetiseInBand(codec, pictures);
    keys = (await unitsOf(codec, packets)).map(({ key }) => key);
  });

  const pictureOf = (packet: RtpPacket): number =>
    Math.round((packet.arrivedAt - packets[0]!.arrivedAt) / 40_000);
  const nextKey = (after: number): number => keys.findIndex((key, index) => key && index > after);

  it('shows nothing between a lost packet and the next key unit, and says so, whichever it is', async () => {
    // Before the first key unit there is nothing to be lost.
    for (const lost of packets.slice(0, -1).filter((packet) => pictureOf(packet) > 0)) {
      const told: StreamFault[] = [];
      const rest = packets.filter((packet) => packet !== lost);
      const at = pictureOf(lost);
      const next = nextKey(at);
      const shown = keys.map((key, index) => [index * 40_000, key]);
      const expected = [...shown.slice(0, at), ...(next < 0 ? [] : shown.slice(next))];
      const units = await unitsOf(codec, rest, told);
      expect(units.map(({ timestamp, key }) => [timestamp, key])).toEqual(expected);
      // The loss shows in what comes after it; where AV1 does not say what begins a picture, in the one after that.
      if (at < pictures.length - 2) expect(told.some(({ kind }) => kind === 'lost')).toBe(true);
    }
  });

  it('is joined at a key unit, wherever its packets begin', async () => {
    const whole = (await unitsOf(codec, packets)).map(({ data }) => data);
    for (let start = 0; start < packets.length; start++) {
      const units = await unitsOf(codec, packets.slice(start));
      const beginning = pictureOf(packets[start]!);
      const key =
        start === 0 || pictureOf(packets[start - 1]!) < beginning
          ? nextKey(beginning - 1)
          : nextKey(beginning);
      const joined = key < 0 ? [] : units.slice(units.findIndex((unit) => unit.key)).map(({ data }) => data);
      expect(joined).toHaveLength(key < 0 ? 0 : whole.length - key);
      expect(joined.every((data, index) => Buffer.compare(data, whole[key + index]!) === 0)).toBe(true);
    }
  });

  it('crashes nothing with a payload cut short at any length, or with one bit turned', async () => {
    const untouched = new Set(
      (await unitsOf(codec, packets)).map(({ data }) => Buffer.from(data).toString('hex')),
    );
    const first = packets[0]!;
    const tried = [
      ...Array.from({ length: first.payload.length }, (_, length) => first.payload.slice(0, length)),
      ...Array.from({ length: 8 * Math.min(40, first.payload.length) }, (_, bit) => {
        const turned = first.payload.slice();
        turned[bit >> 3]! ^= 1 << (bit & 7);
        return turned;
      }),
    ];
    for (const payload of tried)
      try {
        const units = await unitsOf(codec, [{ ...first, payload }, ...packets.slice(1)]);
        // What comes after the next key unit is not touched.
        const late = units.slice(nextKey(0) - keys.length);
        expect(late.every(({ data }) => untouched.has(Buffer.from(data).toString('hex')))).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(NightglassError);
      }
  });

  it('tells by the payload whether a key unit begins', () => {
    const beginnings = packets.filter(({ payload }) => BEGINS_KEY_UNIT[codec](payload)).map(pictureOf);
    expect(beginnings).toEqual(keys.flatMap((key, index) => (key ? [index] : [])));
  });

  it('does not mind packets of padding alone, or of another payload type', async () => {
    const padded = packets.flatMap((packet, index) => [
      { ...packet, sequence: (packet.sequence + index * 2) & 0xffff },
      {
        ...packet,
        sequence: (packet.sequence + index * 2 + 1) & 0xffff,
        payload: new Uint8Array(0),
        marker: false,
      },
      { ...packet, sequence: (packet.sequence + index * 2 + 2) & 0xffff, payloadType: 97 },
    ]);
    expect((await unitsOf(codec, padded)).map(({ key }) => key)).toEqual(keys);
  });
});

describe('a publisher of VP9 with two spatial layers', () => {
  it('has its lowest shown, whatever becomes of the other', async () => {
    const pictures = await inBandPictures({ ...SMALL, codec: 'vp9' });
    const upper = await inBandPictures({ ...SMALL, width: 192, height: 128, codec: 'vp9' });
    const timestamps = packetiseInBand('vp9', pictures, { mtu: 100_000 });
    const higher = packetiseInBand('vp9', upper, { mtu: 100_000 });
    let sequence = 0;
    const layered = timestamps.flatMap((base, index) => {
      const above = layerOf(higher[index]!, 1);
      const both = [{ ...layerOf(base, 0), marker: false }, above];
      return both.map((packet) => ({ ...packet, sequence: sequence++ }));
    });
    const units = await unitsOf('vp9', layered);
    expect(units.map(({ data }) => Buffer.from(data))).toEqual(pictures.map((data) => Buffer.from(data)));
  });

  /** The same packet with the layer's indices in its descriptor, as non-flexible mode has them. */
  function layerOf(packet: RtpPacket, spatial: number): RtpPacket {
    const key = (packet.payload[0]! & 0x40) === 0;
    const frame = packet.payload.subarray(key ? 2 : 3);
    const head = [0x20 | (packet.payload[0]! & 0x4c), spatial << 1, 0];
    return { ...packet, payload: Uint8Array.from([...head, ...frame]) };
  }
});

describe('a publisher that changes its size', () => {
  it.each(['vp8', 'vp9', 'av1'] as const)('says the new size with the next key unit of %s', async (codec) => {
    const small = await inBandPictures({ ...SMALL, frames: 3, codec });
    const large = await inBandPictures({ ...SMALL, width: 640, height: 360, frames: 3, codec });
    const units = await unitsOf(codec, packetiseInBand(codec, [...small, ...large], { mtu: 1_000 }));
    const sizes = units.flatMap((unit) => (unit.key ? [[unit.config.codedWidth, unit.config.codec]] : []));
    const names = {
      vp8: ['vp8', 'vp8'],
      vp9: ['vp09.00.10.08', 'vp09.00.21.08'],
      av1: ['av01.0.00M.08', 'av01.0.01M.08'],
    };
    expect(sizes).toEqual([
      [96, names[codec][0]],
      [640, names[codec][1]],
    ]);
  });
});

describe('a picture that lacks something, though no packet is missing', () => {
  const sent = (payloads: readonly (readonly [picture: number, payload: readonly number[]])[]): RtpPacket[] =>
    payloads.map(([picture, payload], sequence) => ({
      kind: 'rtp',
      payloadType: 96,
      marker: payloads[sequence + 1]?.[0] !== picture,
      sequence,
      timestamp: picture * 3_600,
      ssrc: 7,
      payload: Uint8Array.from(payload),
      arrivedAt: wallMicros(picture * 40_000),
    }));
  const delta = [0x11, 0, 0];

  it('is dropped, of VP8, when its beginning is none', async () => {
    expect(
      await unitsOf(
        'vp8',
        sent([
          [0, [0x10, ...delta]],
          [1, [0x10, ...delta]],
        ]),
      ),
    ).toHaveLength(2);
    expect(
      await unitsOf(
        'vp8',
        sent([
          [0, [0x10, ...delta]],
          [1, [0, ...delta]],
        ]),
      ),
    ).toHaveLength(1);
  });

  it('is dropped, of AV1, when an OBU goes on that did not begin, or does not go on', async () => {
    const beginning = [0x18, OBU.frame << 3, 0x30];
    const ways = {
      whole: [
        [0x58, OBU.frame << 3, 0x30],
        [0x90, 7],
      ],
      unfinished: [
        [0x58, OBU.frame << 3, 0x30],
        [0x10, OBU.metadata << 3, 7],
      ],
      cut: [[0x58, OBU.frame << 3, 0x30]],
      unbegun: [beginning, [0x90, 7]],
    };
    const counts = Object.entries(ways).map(async ([way, payloads]) => {
      const units = await unitsOf(
        'av1',
        sent([[0, beginning], ...payloads.map((payload) => [1, payload] as const)]),
      );
      return [way, units.length];
    });
    expect(Object.fromEntries(await Promise.all(counts))).toEqual({
      whole: 2,
      unfinished: 1,
      cut: 1,
      unbegun: 1,
    });
  });
});

describe('a picture without end', () => {
  const endless = (count: number, payload: Uint8Array): RtpPacket[] =>
    Array.from({ length: count }, (_, sequence) => ({
      kind: 'rtp',
      payloadType: 96,
      marker: sequence === count - 1,
      sequence,
      timestamp: 0,
      ssrc: 7,
      payload: sequence === 0 ? payload : Uint8Array.from([0, ...payload.subarray(1)]),
      arrivedAt: wallMicros(0),
    }));

  it.each([
    ['bytes', Uint8Array.from([0x10, 1, ...new Uint8Array(60_000)]), 150],
    ['pieces', Uint8Array.of(0x10, 1), 17_000],
  ])('is dropped when it has too many %s', async (_, payload, count) => {
    expect(await unitsOf('vp8', endless(count / 10, payload))).toHaveLength(payload.length > 2 ? 1 : 0);
    expect(await unitsOf('vp8', endless(count, payload))).toEqual([]);
  });
});

describe('AV1 as a decoder is given it', () => {
  const typesOf = (data: Uint8Array): number[] => readObus(data)!.map(({ type }) => type);

  it('has a size in each OBU, no temporal delimiter, and its sequence header before each key picture', async () => {
    const pictures = await inBandPictures({ ...SMALL, codec: 'av1' });
    const withDelimiters = pictures.map((data) => Buffer.concat([Buffer.of(0x12, 0), data]));
    const [units, same] = await Promise.all(
      [pictures, withDelimiters].map((all) => unitsOf('av1', packetiseInBand('av1', all))),
    );
    expect(same!.map(({ data }) => data)).toEqual(units!.map(({ data }) => data));
    for (const { key, data } of units!)
      expect(typesOf(data)).toEqual(key ? [OBU.sequenceHeader, OBU.frame] : [OBU.frame]);
  });

  it('is led by a sequence header that came once', async () => {
    const pictures = await inBandPictures({ ...SMALL, codec: 'av1' });
    const once = pictures.map((data, index) => {
      const obus = readObus(data)!.filter(({ type }) => index === 0 || type !== OBU.sequenceHeader);
      return Buffer.concat(
        obus.map(({ header, body }) => Buffer.concat([header, leb128(body.length), body])),
      );
    });
    const units = await unitsOf('av1', packetiseInBand('av1', once));
    expect(units.map(({ data }) => data)).toEqual(
      (await unitsOf('av1', packetiseInBand('av1', pictures))).map(({ data }) => data),
    );
  });
});

const leb128 = (value: number): Uint8Array =>
  Uint8Array.from(value < 128 ? [value] : [(value & 0x7f) | 0x80, value >> 7]);
