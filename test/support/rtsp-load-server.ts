/** Many cameras in one process: each connection is one, sending the same clip in real time, for ever, over TCP or UDP. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { picturesOf } from './annex-b.ts';
import { ffmpeg } from './clip.ts';
import { packetise, rtpBytes } from './rtp-packetiser.ts';

const FPS = 25;
const CLOCK_RATE = 90_000;
const CLIP_SECONDS = 4;
/** What an IP camera's packets carry on Ethernet. */
const MTU = 1_400;
const TICK_MS = 4;
const SECOND = 1_000;

/** One picture's packets behind their interleaved headers, as one write. */
interface Burst {
  readonly bytes: Buffer;
  /** Where each packet's RTP header begins. */
  readonly packets: readonly number[];
}

export interface LoadServer extends AsyncDisposable {
  readonly port: number;
  /** Of one camera, packets and headers included. */
  readonly mbit: number;
  readonly packetsPerSecond: number;
}

/**
 * Starts the cameras on a free port of 127.0.0.1; every path is one. They send `stream`, H.264 as Annex B, which is
 * 25 pictures a second. `onPicture` is told of each picture, counted from 0 in its camera, as it is handed to the network.
 */
export async function startLoadServer(
  stream: Uint8Array,
  onPicture: (picture: number) => void = () => {},
): Promise<LoadServer> {
  const clip = burstsOf(stream);
  const playing = new Set<LoadCamera>();
  const udp = createSocket('udp4');
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const server = createServer((socket) => {
    const camera = new LoadCamera(socket, udp, clip, (1000 / FPS) * Math.random(), onPicture);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => camera.answer(chunk.toString('latin1')) && playing.add(camera));
    socket.on('error', () => {});
    socket.on('close', () => playing.delete(camera));
  });
  const timer = setInterval(() => {
    const now = performance.now();
    for (const camera of playing) camera.send(now);
  }, TICK_MS);
  server.listen(0, '127.0.0.1', 1_024);
  await once(server, 'listening');
  const sum = (count: (burst: Burst) => number): number =>
    clip.reduce((total, burst) => total + count(burst), 0);
  return {
    port: (server.address() as AddressInfo).port,
    mbit: (sum(({ bytes }) => bytes.length) * 8 * FPS) / 1e6 / clip.length,
    packetsPerSecond: (sum(({ packets }) => packets.length) * FPS) / clip.length,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      for (const camera of playing) camera.close();
      udp.close();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A noisy picture at a constant bitrate, as a dark camera sends it. */
export function noisyStream(mbit: number): Promise<Buffer> {
  const rate = `${Math.round(mbit * 1e6)}`;
  const picture = `testsrc2=size=640x360:rate=${FPS}:duration=${CLIP_SECONDS},noise=alls=60:allf=t`;
  const encode = ['-preset', 'ultrafast', '-bf', '0', '-g', `${2 * FPS}`, '-pix_fmt', 'yuv420p'];
  // A fifth of a second of buffer, so that the first second is no larger than the others.
  const buffer = `${Math.round(mbit * 2e5)}`;
  const constant = ['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', buffer];
  const filler = ['-x264-params', 'nal-hrd=cbr'];
  return ffmpeg([
    ...['-f', 'lavfi', '-i', picture, '-c:v', 'libx264', ...encode, ...constant, ...filler],
    ...['-f', 'h264', '-'],
  ]);
}

function burstsOf(stream: Uint8Array): Burst[] {
  return picturesOf(stream).map((nals, index) => {
    const timestamp = (index * CLOCK_RATE) / FPS;
    const packets = packetise([{ nals, timestamp }], { mtu: MTU }).map(rtpBytes);
    const starts: number[] = [];
    let at = 0;
    const parts = packets.map((packet) => {
      starts.push(at + 4);
      at += 4 + packet.length;
      return Buffer.concat([Buffer.from([0x24, 0, packet.length >> 8, packet.length & 0xff]), packet]);
    });
    return { bytes: Buffer.concat(parts), packets: starts };
  });
}

let lastSsrc = 0;

class LoadCamera {
  readonly #socket: Socket;
  readonly #udp: UdpSocket;
  readonly #clip: readonly Burst[];
  readonly #ssrc: number;
  readonly #onPicture: (picture: number) => void;
  #nextAt: number;
  #picture = 0;
  #sequence = 0;
  /** Where its packets go when they were asked for over UDP. */
  #udpPort: number | undefined;

  /** @param phase ms by which this camera's pictures come after the first's, so that all do not come at once */
  constructor(
    socket: Socket,
    udp: UdpSocket,
    clip: readonly Burst[],
    phase: number,
    onPicture: (picture: number) => void,
  ) {
    this.#onPicture = onPicture;
    this.#socket = socket;
    this.#udp = udp;
    this.#clip = clip;
    lastSsrc += 1;
    this.#ssrc = lastSsrc;
    this.#nextAt = performance.now() + phase;
  }

  /** Answers a request; true when it was PLAY. */
  answer(text: string): boolean {
    const method = text.slice(0, text.indexOf(' '));
    const sequence = /CSeq: (\d+)/i.exec(text)?.[1] ?? '0';
    const body = method === 'DESCRIBE' ? SDP : '';
    const ports = /client_port=(\d+)-\d+/.exec(text);
    if (ports) this.#udpPort = Number(ports[1]);
    this.#socket.write(
      `RTSP/1.0 200 OK\r\nCSeq: ${sequence}\r\nPublic: DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n` +
        `Transport: ${this.#transport()}\r\nSession: 1;timeout=60\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    return method === 'PLAY';
  }

  /** Sends every picture whose time has come, unless the network is behind. */
  send(now: number): void {
    while (this.#nextAt <= now) {
      this.#nextAt += SECOND / FPS;
      if (this.#socket.writableLength > 0) continue;
      this.#onPicture(this.#picture);
      const burst = this.#stamped();
      if (this.#udpPort === undefined) this.#socket.write(burst.bytes);
      else for (const packet of rtpOf(burst)) this.#udp.send(packet, this.#udpPort, '127.0.0.1');
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #transport(): string {
    if (this.#udpPort === undefined) return 'RTP/AVP/TCP;unicast;interleaved=0-1';
    const { port } = this.#udp.address();
    return `RTP/AVP;unicast;client_port=${this.#udpPort}-${this.#udpPort + 1};server_port=${port}-${port + 1}`;
  }

  #stamped(): Burst {
    const { bytes, packets } = this.#clip[this.#picture % this.#clip.length]!;
    const copy = Buffer.from(bytes);
    const timestamp = (this.#picture * CLOCK_RATE) / FPS;
    for (const at of packets) {
      copy.writeUInt16BE(this.#sequence & 0xffff, at + 2);
      copy.writeUInt32BE(timestamp >>> 0, at + 4);
      copy.writeUInt32BE(this.#ssrc, at + 8);
      this.#sequence += 1;
    }
    this.#picture += 1;
    return { bytes: copy, packets };
  }
}

/** The packets without their interleaved headers. */
const rtpOf = ({ bytes, packets }: Burst): Buffer[] =>
  packets.map((at) => bytes.subarray(at, at + bytes.readUInt16BE(at - 2)));

const SDP = [
  'v=0',
  's=load',
  't=0 0',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1',
  'a=control:track',
  '',
].join('\r\n');
