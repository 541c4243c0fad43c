/** RTP over UDP, against scripted cameras, a bad network, and another maker's camera. */
import { createSocket } from 'node:dgram';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openRtspSession } from '../../../server/ingest/rtsp-session.ts';
import { rtspSource } from '../../../server/ingest/rtsp-source.ts';
import { accessUnits } from '../../../server/packets/access-units.ts';
import type { RtpItem, RtpPacket } from '../../../server/packets/rtp-item.ts';
import type { AccessUnit } from '../../../server/wire/access-unit.ts';
import { micros } from '../../../server/wire/time.ts';
import { splitAnnexB } from '../../support/annex-b.ts';
import { startGstCamera } from '../../support/gst-camera.ts';
import { codedPictures, decodedFrames } from '../../support/h264-clip.ts';
import { startLossyRelay } from '../../support/lossy-relay.ts';
import { type CodedPicture, packetise, rtpBytes, rtpPacket } from '../../support/rtp-packetiser.ts';
import { IDR_SLICE, SDP_H264 } from '../../support/rtsp-script-server.ts';
import { startUdpCamera } from '../../support/udp-camera.ts';

const NEVER = new AbortController().signal;
const UDP = { transport: 'udp' } as const;
/** Longer than any test: only the number of packets behind a hole gives it up. */
const PATIENT = { ...UDP, reorderWait: micros(600_000_000) };
const SECOND = 1_000;

const packet = (sequence: number): Uint8Array =>
  rtpBytes(rtpPacket({ sequence, timestamp: sequence * 3600, marker: true, payload: IDR_SLICE }));

const numbered = (first: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, n) => packet(first + n));

async function take(items: AsyncIterable<RtpItem>, count: number): Promise<unknown[]> {
  const numbers: unknown[] = [];
  for await (const item of items)
    if (numbers.push(item.kind === 'rtp' ? item.sequence : item.kind) === count) break;
  return numbers;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a session over UDP', () => {
  test('asks for a pair of ports, opens the way from each, and takes packets in order', async () => {
    await using camera = await startUdpCamera();
    await using session = await openRtspSession({ url: camera.url, ...UDP }, NEVER);
    const [setUp] = camera.rtsp.requests.filter(({ method }) => method === 'SETUP');
    const ports = `${camera.clientPort}-${camera.clientPort + 1}`;
    expect(setUp?.headers.get('transport')).toBe(`RTP/AVP;unicast;client_port=${ports}`);
    expect(camera.clientPort % 2).toBe(0);
    const rtp = await camera.hears('rtp', 1);
    const rtcp = await camera.hears('rtcp', 1);
    expect([rtp.from.port, rtcp.from.port]).toEqual([camera.clientPort, camera.clientPort + 1]);
    expect([rtp.bytes[0], rtcp.bytes[1]]).toEqual([0x80, 201]);
    await camera.send('rtp', ...[1, 3, 2, 2, 4].map(packet));
    expect(await take(session.items, 4)).toEqual([1, 2, 3, 4]);
  });

  test('reports what came, again and again, so that the camera does not think it gone', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await using camera = await startUdpCamera();
    await using session = await openRtspSession(
      { url: camera.url, ...UDP, reorderWait: micros(1000) },
      NEVER,
    );
    await camera.send('rtp', ...[1, 2, 4].map(packet));
    expect(await take(session.items, 3)).toEqual([1, 2, 4]);
    for (const count of [3, 4]) {
      vi.advanceTimersByTime(5 * SECOND);
      const { bytes } = await camera.hears('rtcp', count);
      expect([bytes[1], bytes.readUInt32BE(8), bytes.readUInt32BE(16)]).toEqual([201, 7, 4]);
      expect(bytes.readUInt32BE(12) & 0xffffff).toBe(1);
    }
  });

  test('is kept alive over the RTSP connection', async () => {
    await using camera = await startUdpCamera({
      SETUP(request, connection) {
        const transport = request.headers.get('transport') ?? '';
        connection.reply(request, 200, [
          ['Transport', transport],
          ['Session', '4711;timeout=2'],
        ]);
      },
    });
    await using _session = await openRtspSession({ url: camera.url, ...UDP }, NEVER);
    expect((await camera.rtsp.asked('GET_PARAMETER', 2)).headers.get('session')).toBe('4711');
  });

  test('gives up a hole in a silence', async () => {
    await using camera = await startUdpCamera();
    await using session = await openRtspSession(
      { url: camera.url, ...UDP, reorderWait: micros(20_000) },
      NEVER,
    );
    await camera.send('rtp', packet(1), packet(3));
    expect(await take(session.items, 2)).toEqual([1, 3]);
  });

  test('takes sender reports on the port of RTCP, and on that of RTP', async () => {
    const report = Buffer.alloc(28);
    report.set([0x80, 200, 0, 6, 0, 0, 0, 7, 0xee]);
    await using camera = await startUdpCamera();
    await using session = await openRtspSession({ url: camera.url, ...UDP }, NEVER);
    await camera.send('rtcp', report);
    const items = session.items[Symbol.asyncIterator]();
    expect((await items.next()).value).toMatchObject({ kind: 'sender-report', ssrc: 7 });
    await camera.send('rtp', report);
    expect((await items.next()).value).toMatchObject({ kind: 'sender-report', ssrc: 7 });
  });

  test('ends at a goodbye, what waited for a missing packet taken', async () => {
    await using camera = await startUdpCamera();
    await using session = await openRtspSession({ url: camera.url, ...PATIENT }, NEVER);
    const items = session.items[Symbol.asyncIterator]();
    await camera.send('rtp', packet(1));
    expect((await items.next()).value).toMatchObject({ sequence: 1 });
    await camera.send('rtp', packet(3), Buffer.of(0x80, 200, 0, 0));
    await camera.send('rtp', Buffer.of(0x81, 203, 0, 1, 0, 0, 0, 7));
    expect((await items.next()).value).toMatchObject({ sequence: 3 });
    await expect(items.next()).rejects.toMatchObject({
      code: 'ingest/closed',
      message: expect.stringMatching(/BYE/),
    });
    await camera.rtsp.deserted();
  });

  test('keeps the memory of datagrams apart from that of the RTSP connection', async () => {
    await using camera = await startUdpCamera();
    const question = `OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nX-Padding: ${'x'.repeat(900)}\r\n\r\n`;
    let asked = 0;
    const ask = async (): Promise<void> => {
      for (const connection of camera.rtsp.connections) connection.send(question);
      asked += 1;
      await camera.rtsp.asked('RTSP/1.0 200 OK', asked);
    };
    void camera.rtsp.asked('PLAY').then(() => camera.send('rtp', ...numbered(1, 40)));
    let units = 0;
    for await (const _unit of rtspSource({ url: camera.url, ...UDP }).units(NEVER)) {
      units += 1;
      if (units % 40 === 0) for (let n = 0; n < 100; n += 1) await ask();
      if (units === 80) break;
      if (units === 40) await camera.send('rtp', ...numbered(41, 40));
    }
    expect(asked).toBe(200);
  });

  test('ends with the RTSP connection', async () => {
    await using camera = await startUdpCamera();
    await using session = await openRtspSession({ url: camera.url, ...UDP }, NEVER);
    for (const connection of camera.rtsp.connections) connection.socket.destroy();
    await expect(take(session.items, 1)).rejects.toMatchObject({ code: 'ingest/closed' });
  });

  test('gives its ports back when it ends', async () => {
    await using camera = await startUdpCamera();
    const session = await openRtspSession({ url: camera.url, ...UDP }, NEVER);
    await session[Symbol.asyncDispose]();
    for (const port of [camera.clientPort, camera.clientPort + 1]) {
      const socket = createSocket('udp4');
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind({ port, address: '127.0.0.1', exclusive: true }, resolve);
      });
      socket.close();
    }
  });
});

describe('packets from elsewhere', () => {
  /** Sends from another address of this machine than the camera's. */
  async function sendFrom(address: string, port: number, bytes: Uint8Array): Promise<void> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, address, resolve));
    await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve));
    socket.close();
  }

  test('are not taken', async () => {
    await using camera = await startUdpCamera();
    await using session = await openRtspSession({ url: camera.url, ...UDP }, NEVER);
    await sendFrom('127.0.0.2', camera.clientPort, packet(1));
    await camera.send('rtp', packet(2));
    expect(await take(session.items, 1)).toEqual([2]);
  });

  test('are taken from the source that the camera names', async () => {
    await using camera = await startUdpCamera({
      transport: (client) => `RTP/AVP;${client};source=127.0.0.2`,
    });
    await using session = await openRtspSession({ url: camera.url, ...UDP }, NEVER);
    await sendFrom('127.0.0.2', camera.clientPort, packet(1));
    await camera.send('rtp', packet(2));
    expect(await take(session.items, 2)).toEqual([1, 2]);
  });

  test('a camera that says no ports of its own is answered where it sends from', async () => {
    await using camera = await startUdpCamera({ transport: (client) => `RTP/AVP;unicast;${client}` });
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await using session = await openRtspSession({ url: camera.url, ...UDP }, NEVER);
    await camera.send('rtp', packet(1));
    expect(await take(session.items, 1)).toEqual([1]);
    vi.advanceTimersByTime(5 * SECOND);
    expect((await camera.hears('rtcp', 1)).bytes[1]).toBe(201);
  });
});

describe('what goes wrong over UDP', () => {
  const failure = async (camera: { url: string }, more = {}): Promise<unknown> => {
    try {
      for await (const _unit of rtspSource({ url: camera.url, ...UDP, ...more }).units(NEVER));
    } catch (error) {
      return error;
    }
    throw new Error('the camera did not fail');
  };
  const soon = { mediaTimeout: micros(60_000) };

  test('no packet at all: a firewall may be in the way, and TCP is the way around it', async () => {
    await using camera = await startUdpCamera();
    expect(await failure(camera, soon)).toMatchObject({
      code: 'ingest/udp-blocked',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+\/quay: .*firewall.*transport: tcp/),
    });
    await camera.rtsp.deserted();
  });

  test('it says so after five seconds, before pictures are missed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using camera = await startUdpCamera();
    await using session = await openRtspSession({ url: camera.url, ...UDP }, NEVER);
    vi.advanceTimersByTime(5 * SECOND);
    await expect(take(session.items, 1)).rejects.toMatchObject({ code: 'ingest/udp-blocked' });
  });

  test('packets that came and stay away for ten seconds are a silence', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using camera = await startUdpCamera();
    await using session = await openRtspSession({ url: camera.url, ...UDP }, NEVER);
    const items = session.items[Symbol.asyncIterator]();
    await camera.send('rtp', packet(1));
    await items.next();
    vi.advanceTimersByTime(10 * SECOND - 1);
    await camera.send('rtp', packet(2));
    expect((await items.next()).value).toMatchObject({ sequence: 2 });
    vi.advanceTimersByTime(10 * SECOND);
    await expect(items.next()).rejects.toMatchObject({ code: 'ingest/silent' });
  });

  test.each([
    ['refuses UDP', 461, '', /refuses RTP over UDP.*461.*tcp/],
    ['answers with TCP', 200, 'RTP/AVP/TCP;unicast;interleaved=0-1', /another way.*tcp/],
    ['answers with multicast', 200, 'RTP/AVP;multicast;destination=239.1.1.1', /another way.*tcp/],
  ])('a camera that %s', async (_, status, transport, says) => {
    await using camera = await startUdpCamera({
      SETUP: (request, connection) => connection.reply(request, status, [['Transport', transport]]),
    });
    expect(await failure(camera)).toMatchObject({
      code: 'ingest/rejected',
      message: expect.stringMatching(says),
    });
    await camera.rtsp.deserted();
  });

  test('packets that are not RTP', async () => {
    await using camera = await startUdpCamera();
    const failed = failure(camera);
    await camera.rtsp.asked('PLAY');
    const nonsense = Buffer.alloc(64, 'nonsense');
    await camera.send('rtp', ...Array.from({ length: 64 }, () => nonsense));
    expect(await failed).toMatchObject({ code: 'ingest/garbage' });
  });
});

describe('a network that loses, reorders and doubles packets', () => {
  let pictures: CodedPicture[] = [];
  beforeAll(async () => {
    pictures = await codedPictures({ width: 160, height: 96, frames: 150, keyInterval: 6 });
  });

  const isKey = ({ nals }: CodedPicture): boolean => nals.some(([first = 0]) => (first & 0x1f) === 5);
  /**
   * Which pictures are to come out when these packets never arrive: whole ones, after a loss from the next key
   * picture on. Before the first key picture whole ones come too: they show that pictures flow. Parameter sets that
   * are lost are known from the session description.
   */
  const wanted = (packets: readonly RtpPacket[], lost: ReadonlySet<number>): number[] => {
    const broken = new Set(
      packets.filter((one) => lost.has(one.sequence) && isSlice(one)).map(({ timestamp }) => timestamp),
    );
    let decodable: 'not-yet' | 'yes' | 'lost' = 'not-yet';
    return pictures.flatMap((picture, index) => {
      const whole = !broken.has(picture.timestamp);
      if (whole && isKey(picture)) decodable = 'yes';
      else if (!whole && decodable === 'yes') decodable = 'lost';
      return whole && decodable !== 'lost' ? [index] : [];
    });
  };
  const isSlice = ({ payload: [first = 0, second = 0] }: RtpPacket): boolean =>
    [1, 5].includes((first & 0x1f) === 28 ? second & 0x1f : first & 0x1f);
  const slices = (nals: readonly Uint8Array[]): string =>
    Buffer.concat(nals.filter(([first = 0]) => [1, 5].includes(first & 0x1f))).toString('base64');
  /** Packets that share the numbers and belong to no picture. */
  const others = (first: number, count: number): RtpPacket[] =>
    Array.from({ length: count }, (_, n) =>
      rtpPacket({ sequence: (first + n) & 0xffff, timestamp: 1e9 + n, payloadType: 99 }),
    );

  test.each([
    [1, 0],
    [2, 0.01],
    [3, 0.05],
    [4, 0.1],
  ])('shows all that can be shown, whole and in order (seed %i, loss %f)', async (seed, loss) => {
    const sets = pictures[0]!.nals.filter(([first = 0]) => [7, 8].includes(first & 0x1f));
    const sdp = SDP_H264.replace(
      /sprop-parameter-sets=.*/,
      `sprop-parameter-sets=${sets.map((nal) => Buffer.from(nal).toString('base64')).join()}`,
    );
    await using camera = await startUdpCamera({
      DESCRIBE: (request, connection) => connection.reply(request, 200, [], sdp),
    });
    const options = { seed: seed * 7919, loss, duplicates: 0.05, depth: 8 };
    await using relay = await startLossyRelay(camera.rtsp.port, options);
    const packets = packetise(pictures, { mtu: 300, firstSequence: 65_000 });
    // Before the first picture, whose place among the numbers is then known whatever overtakes it; and behind the
    // last, so that the network lets go of it and its holes are given up.
    const sent = [...others(64_990, 10), ...packets, ...others(packets.at(-1)!.sequence + 1, 200)];
    const units: AccessUnit[] = [];
    const url = `rtsp://127.0.0.1:${relay.port}/quay`;
    await using session = await openRtspSession({ url, ...PATIENT }, NEVER);
    await camera.send('rtp', ...sent.map(rtpBytes));
    await camera.send('rtcp', Buffer.of(0x81, 203, 0, 1, 0, 0, 0, 7));
    await expect(
      (async () => {
        for await (const unit of accessUnits(session.items, session.track)) units.push(unit);
      })(),
    ).rejects.toMatchObject({ code: 'ingest/closed' });
    const index = new Map(pictures.map(({ nals }, at) => [slices(nals), at]));
    const expected = wanted(packets, relay.lost);
    expect(units.map(({ data }) => index.get(slices(splitAnnexB(data))))).toEqual(expected);
    expect(units.map(({ key }) => key)).toEqual(expected.map((at) => isKey(pictures[at]!)));
    expect([relay.lost.size > 0, expected.length < pictures.length]).toEqual([loss > 0, loss > 0]);
  });

  test('a camera of another maker through it: no picture is broken', async () => {
    await using camera = await startGstCamera({ width: 320, height: 192, gop: 5 });
    const options = { seed: 11, loss: 0.03, duplicates: 0.05, depth: 8 };
    await using relay = await startLossyRelay(camera.port, options);
    const units: AccessUnit[] = [];
    const url = `rtsp://127.0.0.1:${relay.port}/camera`;
    for await (const unit of rtspSource({ url, ...UDP, reorderWait: micros(400_000) }).units(NEVER))
      if (units.push(unit) >= 60 && relay.lost.size > 0) break;
    expect(await decodedFrames(Buffer.concat(units.map(({ data }) => data)))).toHaveLength(units.length);
  });
});

test('every picture of another maker’s camera comes over UDP', async () => {
  await using camera = await startGstCamera({ width: 160, height: 96, gop: 10, audio: true });
  const units: AccessUnit[] = [];
  for await (const unit of rtspSource({ url: camera.url, ...UDP }).units(NEVER))
    if (units.push(unit) === 40) break;
  expect(await decodedFrames(Buffer.concat(units.map(({ data }) => data)))).toHaveLength(40);
  const steps = units.slice(1).map(({ timestamp }, index) => timestamp - units[index]!.timestamp);
  expect(Math.max(...steps)).toBeLessThan(41_000);
});
