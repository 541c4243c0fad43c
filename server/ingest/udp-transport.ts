/** RTP over UDP: packets from the camera's address, put in order and handed on; reports back to it. */
import { randomBytes } from 'node:crypto';
import type { RemoteInfo, Socket } from 'node:dgram';
import { type Micros, micros } from '#wire/time.ts';
import type { FrameReceiver } from './rtsp-connection.ts';
import { type PacketTransport, readUdpAnswer, udpOffer } from './rtsp-transport.ts';
import { JITTER_LIMITS, JitterBuffer, type Sequenced } from './udp-jitter-buffer.ts';
import type { UdpPair } from './udp-ports.ts';
import { Reception } from './udp-receiver-report.ts';

/** Where packets go to. */
export interface UdpReceiver extends FrameReceiver {
  /** True while nobody takes packets: over UDP they are then lost. */
  readonly full: boolean;
}

/** Who sends, and how messages name it. */
export interface UdpCamera {
  /** The IP address the RTSP connection leads to. */
  readonly address: string;
  readonly place: string;
}

interface Datagram extends Sequenced {
  readonly bytes: Uint8Array;
}

/** The least that RFC 3550 §6.2 recommends. */
const REPORT_PERIOD = micros(5_000_000);
const RTP_HEADER_BYTES = 12;
const RTP_CHANNEL = 0;
const RTCP_CHANNEL = 1;

/** Owns its sockets. A failure while taking packets goes to the receiver's `fail`. */
export class UdpTransport implements PacketTransport {
  readonly kind = 'udp';
  readonly offer: string;
  readonly refusal = 'the camera refuses RTP over UDP (status 461): set transport to tcp';
  readonly #pair: UdpPair;
  readonly #camera: UdpCamera;
  readonly #receiver: UdpReceiver;
  readonly #jitter: JitterBuffer<Datagram>;
  readonly #reception = new Reception();
  readonly #ssrc = randomBytes(4).readUInt32BE();
  readonly #name = randomBytes(8).toString('hex');
  #sources: ReadonlySet<string>;
  #ports: readonly [rtp: number, rtcp: number] | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #reports: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param wait how long a missing packet is waited for */
  constructor(pair: UdpPair, camera: UdpCamera, receiver: UdpReceiver, wait = JITTER_LIMITS.wait) {
    this.offer = udpOffer(pair.rtpPort);
    this.#pair = pair;
    this.#camera = camera;
    this.#receiver = receiver;
    this.#jitter = new JitterBuffer({ ...JITTER_LIMITS, wait });
    this.#sources = new Set([bare(camera.address)]);
    pair.rtp.on('message', (bytes, from) => this.#take(bytes, from, isRtcp(bytes)));
    pair.rtcp.on('message', (bytes, from) => this.#take(bytes, from, true));
  }

  agree(answer: string | undefined): void {
    const { source, ports } = readUdpAnswer(answer, this.#camera.place);
    if (source !== undefined) this.#sources = new Set([...this.#sources, bare(source)]);
    this.#ports = ports;
    this.#punch();
  }

  start(): void {
    this.#punch();
    this.#reports = setInterval(() => this.#report(), REPORT_PERIOD / 1000);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#expiry);
    clearInterval(this.#reports);
    this.#pair.close();
  }

  /** Packets outwards open the way inwards through a firewall that keeps state, one for each port. */
  #punch(): void {
    const empty = Buffer.alloc(RTP_HEADER_BYTES);
    empty[0] = 0x80;
    empty.writeUInt32BE(this.#ssrc, 8);
    this.#send(this.#pair.rtp, empty, this.#ports?.[0]);
    this.#report();
  }

  #report(): void {
    this.#send(this.#pair.rtcp, this.#reception.report(this.#ssrc, this.#name, now()), this.#ports?.[1]);
  }

  #send(socket: Socket, bytes: Uint8Array, port: number | undefined): void {
    // What cannot be sent is lost, as it may be on the way.
    if (port !== undefined && !this.#closed) socket.send(bytes, port, this.#camera.address, () => {});
  }

  #take(bytes: Buffer, from: RemoteInfo, rtcp: boolean): void {
    if (this.#closed || !this.#sources.has(bare(from.address))) return;
    if (rtcp) this.#takeRtcp(bytes);
    else if (bytes.length >= RTP_HEADER_BYTES) this.#takeRtp(bytes, from.port);
  }

  #takeRtp(bytes: Buffer, port: number): void {
    // A camera that did not say its ports is answered where it sends from.
    this.#ports ??= [port, port + 1];
    // Counted as garbage where packets are read.
    if (bytes[0]! >> 6 !== 2) {
      this.#deliver([{ bytes }]);
      return;
    }
    const packet = {
      bytes,
      sequence: bytes.readUInt16BE(2),
      timestamp: bytes.readUInt32BE(4),
      ssrc: bytes.readUInt32BE(8),
      arrivedAt: now(),
    };
    this.#reception.follow(packet);
    this.#deliver(this.#jitter.push(packet));
    this.#expireSoon();
  }

  #takeRtcp(bytes: Buffer): void {
    this.#reception.hear(bytes, now());
    this.#hand(() => this.#receiver.receive([frame(RTCP_CHANNEL, bytes)], bytes.buffer));
  }

  #deliver(packets: readonly { readonly bytes: Uint8Array }[]): void {
    for (const { bytes } of packets)
      if (!this.#receiver.full)
        this.#hand(() => this.#receiver.receive([frame(RTP_CHANNEL, bytes)], bytes.buffer));
  }

  #hand(receive: () => void): void {
    if (this.#closed) return;
    try {
      receive();
    } catch (error) {
      // What waits came before the end.
      const rest = this.#jitter.flush();
      this.close();
      for (const { bytes } of rest) this.#receiver.receive([frame(RTP_CHANNEL, bytes)], bytes.buffer);
      this.#receiver.fail(error);
    }
  }

  /** Arrivals give up holes; where none comes, this does. */
  #expireSoon(): void {
    const { due } = this.#jitter;
    if (due === undefined || this.#expiry !== undefined) return;
    const wait = Math.max(1, Math.ceil((due - now()) / 1000));
    this.#expiry = setTimeout(() => {
      const firedAt = now();
      // Once what arrived meanwhile has been read: a late turn of this process loses no packet.
      setImmediate(() => {
        this.#expiry = undefined;
        this.#deliver(this.#jitter.expire(firedAt));
        if (!this.#closed) this.#expireSoon();
      });
    }, wait);
  }
}

const frame = (channel: number, payload: Uint8Array) => ({ kind: 'interleaved', channel, payload }) as const;

/** RTCP may share RTP's port; its packet types are kept out of RTP's (RFC 5761 §4). */
const isRtcp = (bytes: Uint8Array): boolean => bytes.length >= 2 && bytes[1]! >= 192 && bytes[1]! <= 223;

/** Without the zone of a link-local address, and as IPv4 where it is IPv4 in an IPv6 address. */
const bare = (address: string): string =>
  address
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .toLowerCase();

const now = (): Micros => micros(performance.now() * 1000);
