import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FarewellWatch, leavingSources } from '../../../server/ingest/rtsp-farewell.ts';
import type { Interleaved } from '../../../server/ingest/rtsp-message.ts';
import { rtspSource } from '../../../server/ingest/rtsp-source.ts';
import { micros } from '../../../server/wire/time.ts';
import { rtpBytes, rtpPacket } from '../../support/rtp-packetiser.ts';
import { IDR_SLICE, interleavedRtp, startScriptCamera } from '../../support/rtsp-script-server.ts';

const u32 = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
const bye = (...sources: number[]): number[] => [
  0x80 | sources.length,
  203,
  0,
  sources.length,
  ...sources.flatMap(u32),
];
const REPORT = [0x80, 201, 0, 1, ...u32(9)];
const leaving = (bytes: number[]): number[] => leavingSources(Uint8Array.from(bytes));

describe('the sources that leave', () => {
  test.each([
    ['one', bye(7), [7]],
    ['several, behind a report', [...REPORT, ...bye(7, 0xdeadbeef)], [7, 0xdeadbeef]],
    ['with a reason behind them', [0x81, 203, 0, 3, ...u32(7), 3, 0x62, 0x79, 0x65, 0, 0, 0, 0], [7]],
    ['none', bye(), []],
    ['more than there are bytes for', [0x9f, 203, 0, 1, ...u32(7)], [7]],
    ['cut off', bye(7).slice(0, -1), []],
    ['behind bytes that are not RTCP', [0, 0, 0, 0, ...bye(7)], []],
  ])('%s', (_, bytes, expected) => {
    expect(leaving(bytes)).toEqual(expected);
  });

  test('no bytes make reading them fail', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => leavingSources(bytes).length < 1600));
  });
});

describe('a goodbye', () => {
  const watching = () => {
    const taken: number[] = [];
    const watch = new FarewellWatch('quay', {
      receive(frames) {
        taken.push(frames.length);
        return 'enough';
      },
      fail() {},
    });
    watch.expectChannels(2, 3);
    const receive = (...frames: [number, Iterable<number>][]) =>
      watch.receive(
        frames.map(
          ([channel, bytes]): Interleaved => ({
            kind: 'interleaved',
            channel,
            payload: Uint8Array.from(bytes),
          }),
        ),
        new ArrayBuffer(0),
      );
    return { taken, receive };
  };
  const rtp = rtpBytes(rtpPacket({ ssrc: 7 }));

  test('of the source that sends ends the session, after what came with it', () => {
    const { taken, receive } = watching();
    expect(receive([2, rtp])).toBe('enough');
    expect(() => receive([2, rtp], [3, bye(7)], [2, rtp])).toThrow(/^quay: .*RTCP BYE/);
    expect(taken).toEqual([1, 3]);
  });

  test('of a source before it sent anything ends the session', () => {
    expect(() => watching().receive([3, bye(99)])).toThrow(/RTCP BYE/);
  });

  test('of another source, of none, or on the channel of RTP ends nothing', () => {
    const { receive } = watching();
    expect(receive([2, rtp], [3, bye(99)], [3, bye()], [2, bye(7)], [9, bye(7)])).toBe('enough');
  });
});

test('a camera that says goodbye is left at once, its last pictures taken', async () => {
  const patient = { answerTimeout: micros(600_000_000), mediaTimeout: micros(600_000_000) };
  const goodbye = Buffer.from([0x24, 1, 0, 8, ...bye(0xca3e7a)]);
  await using camera = await startScriptCamera({
    PLAY(request, connection) {
      connection.reply(request, 200);
      connection.send(
        Buffer.concat([interleavedRtp(1, 0, IDR_SLICE), interleavedRtp(2, 3600, IDR_SLICE), goodbye]),
      );
    },
  });
  let units = 0;
  const read = async () => {
    for await (const _unit of rtspSource({ url: camera.url, ...patient }).units(new AbortController().signal))
      units += 1;
  };
  await expect(read()).rejects.toMatchObject({
    code: 'ingest/closed',
    message: expect.stringMatching(/^127\.0\.0\.1:\d+\/quay: .*BYE/),
  });
  expect(units).toBe(2);
  await camera.deserted();
});
