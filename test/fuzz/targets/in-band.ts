/** VP8, VP9 and AV1 of a publisher: RTP packets → access units. */
import type { AccessUnit } from '#wire/access-unit.ts';
import { accessUnits } from '../../../server/packets/access-units.ts';
import { OBU, readObus, writeObus } from '../../../server/packets/av1-obu.ts';
import { BEGINS_KEY_UNIT } from '../../../server/packets/key-start.ts';
import type { InBandTrack, RtpItem } from '../../../server/packets/rtp-item.ts';
import { type InBandPacketisation, packetiseInBand } from '../../support/in-band-packetiser.ts';
import { inBandStreams } from '../in-band-stream.ts';
import { RECORDS } from '../parts.ts';
import { inputOf, itemsOf } from '../rtp-records.ts';
import { holds, same, type Target } from '../target.ts';

const WAYS: readonly InBandPacketisation[] = [
  { mtu: 40 },
  { mtu: 1_000, descriptor: 'bare' },
  { mtu: 40, descriptor: 'full', lengths: 'all', sized: true },
];
const CODECS: Readonly<Record<InBandTrack['codec'], RegExp>> = {
  vp8: /^vp8$/,
  vp9: /^vp09\.0[0-3]\.\d\d\.(08|10|12)$/,
  av1: /^av01\.[0-2]\.\d\d[MH]\.(08|10|12)$/,
};

const targetOf = (codec: InBandTrack['codec']): Target => ({
  name: codec,
  limit: 8_192,
  words: [],
  parts: RECORDS,
  seeds: () =>
    inBandStreams(codec).flatMap((pictures) =>
      WAYS.map((way) => inputOf(packetiseInBand(codec, pictures, way))),
    ),
  async take(input) {
    const items = itemsOf(RECORDS.split(input));
    const track: InBandTrack = { codec, payloadType: 96, clockRate: 90_000, parameterSets: [] };
    let begun = 0;
    for (const item of items) if (item.kind === 'rtp' && BEGINS_KEY_UNIT[codec](item.payload)) begun++;
    let units = 0;
    let keys = 0;
    let bytes = 0;
    for await (const unit of accessUnits(each(items), track)) {
      check(unit, codec);
      units++;
      if (unit.key) keys++;
      bytes += unit.data.length;
    }
    // AV1's OBUs get a size of up to 4 bytes, and its key units a sequence header that came before.
    holds(bytes <= (codec === 'av1' ? keys + 5 : 1) * input.length, 'little more comes out than went in');
    return `${Math.min(units, 9)} ${Math.min(keys, 3)} ${Math.min(begun, 3)}`;
  },
});

function check(unit: AccessUnit, codec: InBandTrack['codec']): void {
  holds(unit.data.length > 0, 'a unit has data');
  if (unit.key) {
    const { config } = unit;
    holds(CODECS[codec].test(config.codec), 'the codec string is one');
    for (const side of [config.codedWidth, config.codedHeight])
      holds(side >= 1 && side <= 16_384, 'the wire can carry the size');
  }
  if (codec !== 'av1') return;
  const obus = readObus(unit.data) ?? [];
  holds(same(writeObus(obus), unit.data), 'a unit is whole OBUs with their sizes');
  const types = obus.map(({ type }) => type);
  holds(!types.includes(OBU.temporalDelimiter), 'a unit has no temporal delimiter');
  holds(!unit.key || types.includes(OBU.sequenceHeader), 'a key unit has its sequence header');
}

async function* each(items: readonly RtpItem[]): AsyncGenerator<RtpItem> {
  yield* items;
}

export const IN_BAND: readonly Target[] = [targetOf('vp8'), targetOf('vp9'), targetOf('av1')];
