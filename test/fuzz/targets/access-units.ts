/** The whole of packets/: RTP and RTCP packets of a camera → access units. */
import type { AccessUnit } from '#wire/access-unit.ts';
import { accessUnits } from '../../../server/packets/access-units.ts';
import type { RtpItem, VideoTrack } from '../../../server/packets/rtp-item.ts';
import { packetise } from '../../support/rtp-packetiser.ts';
import { h264Pictures, h264Pps, h264Sps } from '../h264-stream.ts';
import { h265Pictures } from '../h265-stream.ts';
import { RECORDS } from '../parts.ts';
import { inputOf, itemsOf, senderReport } from '../rtp-records.ts';
import { holds, type Target } from '../target.ts';

/** What a session description said before; the input's first record chooses. */
const TRACKS: readonly VideoTrack[] = [
  { codec: 'h264', payloadType: 96, clockRate: 90_000, parameterSets: [] },
  { codec: 'h265', payloadType: 96, clockRate: 90_000, parameterSets: [], decodingOrderNumbers: false },
  { codec: 'h264', payloadType: 96, clockRate: 1, parameterSets: [h264Sps(), h264Pps()] },
  {
    codec: 'h264',
    payloadType: 96,
    clockRate: 25,
    parameterSets: [Uint8Array.of(0x67), Uint8Array.of(0x68)],
  },
];
const TRACK_OF_H265 = 1;

const seed = (track: number, input: Uint8Array): Uint8Array =>
  Buffer.concat([RECORDS.join([Uint8Array.of(track)]), input]);

export const ACCESS_UNITS: Target = {
  name: 'access-units',
  limit: 8_192,
  words: [],
  parts: RECORDS,
  seeds() {
    const pictures = [
      h264Pictures(),
      h264Pictures({ slices: 3 }),
      h264Pictures({ order: 0, types: 'IPBBPBBI' }),
      h264Pictures({ order: 0, openGop: true }),
    ];
    const reports = [senderReport(4_294_960_000)];
    return [
      ...pictures.flatMap((clip) =>
        [0, 2, 3].map((track) => seed(track, inputOf(packetise(clip, { mtu: 40 }), reports))),
      ),
      ...[1, 2].map((slices) =>
        seed(
          TRACK_OF_H265,
          inputOf(packetise(h265Pictures({ slices }), { codec: 'h265', mtu: 40 }), reports),
        ),
      ),
    ];
  },
  async take(input) {
    const [options, ...records] = RECORDS.split(input);
    const track = TRACKS[(options?.[0] ?? 0) % TRACKS.length]!;
    const counted = { units: 0, keys: 0, reports: 0 };
    let bytes = 0;
    for await (const unit of accessUnits(each(itemsOf(records)), track)) {
      check(unit);
      counted.units++;
      if (unit.key) counted.keys++;
      if (unit.captureClock === 'sender-report') counted.reports++;
      bytes += unit.data.length;
    }
    // Each key unit is led by at most 16 VPS, 32 SPS and 256 PPS that came before.
    holds(bytes <= (counted.keys + 1) * 64 * input.length + 4_096, 'little more comes out than went in');
    return `${track.codec} ${Math.min(counted.units, 9)} ${Math.min(counted.keys, 3)} ${counted.reports > 0}`;
  },
};

function check(unit: AccessUnit): void {
  holds(Number.isSafeInteger(unit.timestamp), 'a timestamp is whole microseconds');
  holds(Number.isSafeInteger(unit.capturedAt), 'a wall clock is whole microseconds');
  holds(unit.data.length > 4 && unit.data[3] === 1, 'a unit begins with a start code');
  if (unit.key) holds(unit.config.codedWidth > 0 && unit.config.codedHeight > 0, 'a key unit says its size');
}

async function* each(items: readonly RtpItem[]): AsyncGenerator<RtpItem> {
  yield* items;
}
