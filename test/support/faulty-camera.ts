/** An RTSP camera that plays a clip in real time over TCP, and misbehaves when it is told to. */

import type { RtpPacket } from '../../server/packets/rtp-item.ts';
import { type CodedPicture, packetise, rtpBytes } from './rtp-packetiser.ts';
import {
  type ScriptCamera,
  type ScriptConnection,
  type ScriptRequest,
  startScriptCamera,
} from './rtsp-script-server.ts';

const FPS = 25;
const CLOCK_RATE = 90_000;
const TICK_MS = 10;
/** Small, so that small pictures too have several packets. */
const MTU = 300;

/** What a camera does wrong while the fault lasts. What is left out it does right. */
export interface Fault {
  /** Happens once, when the fault begins. */
  readonly begin?: (camera: FaultyCamera) => void;
  /** Sees every new connection. */
  readonly onConnect?: (connection: ScriptConnection) => void;
  /** Sees every request first; true when it has dealt with it. */
  readonly before?: (request: ScriptRequest, connection: ScriptConnection) => boolean;
  /** How long a request waits for its answer, milliseconds. */
  readonly delay?: number;
  /** A picture as it is sent; `count` runs on from the camera's start. */
  readonly picture?: (picture: CodedPicture, count: number) => CodedPicture;
  /** The packets of a picture as they are sent. */
  readonly packets?: (packets: readonly RtpPacket[], count: number) => readonly RtpPacket[];
  /** The interleaved frames of a picture as they are sent. */
  readonly frames?: (frames: readonly Buffer[]) => readonly Buffer[];
  /** Plays this clip, from its beginning, so many times as fast. */
  readonly clip?: { readonly pictures: readonly CodedPicture[]; readonly speed: number };
  /** Payload bytes of a packet. */
  readonly mtu?: number;
}

/** The numbers that a camera begins with, and with which it begins anew when it reboots. */
export interface Numbering {
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
}

/** Both wrap within the first second or two. */
const NEAR_THE_WRAP: Numbering = { ssrc: 7, sequence: 65_500, timestamp: 2 ** 32 - CLOCK_RATE };

const SDP = [
  ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=Quay', 't=0 0', 'm=video 0 RTP/AVP 96'],
  ...['a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=1', 'a=control:trackID=1', ''],
].join('\r\n');

/** Starts the camera on a free port of 127.0.0.1. `usual` is the clip it plays over and over; its numbers wrap soon. */
export async function startFaultyCamera(usual: readonly CodedPicture[]): Promise<FaultyCamera> {
  const camera = new FaultyCamera(usual);
  await camera.open();
  return camera;
}

export class FaultyCamera implements AsyncDisposable {
  readonly #usual: readonly CodedPicture[];
  /** Connections that are sent pictures. */
  readonly #playing = new Set<ScriptConnection>();
  /** Connections that are open and answer nothing any more. */
  readonly #dead = new WeakSet<ScriptConnection>();
  readonly #watchers = new Set<() => void>();
  #script: ScriptCamera | undefined;
  #timer: NodeJS.Timeout | undefined;
  #fault: Fault = {};
  #numbering = NEAR_THE_WRAP;
  /** Of the next packet, and of the next picture in ticks of 90 kHz since the numbering began. */
  #sequence = NEAR_THE_WRAP.sequence;
  #ticks = 0;
  #at = 0;
  #nextAt = 0;
  #sent = 0;
  #sentAt = 0;
  #longestPause = 0;
  #plays = 0;

  /** For `startFaultyCamera`. */
  constructor(usual: readonly CodedPicture[]) {
    this.#usual = usual;
  }

  async open(): Promise<void> {
    this.#script = await startScriptCamera({
      delay: () => this.#fault.delay ?? 0,
      onConnect: (connection) => this.#fault.onConnect?.(connection),
      before: (request, connection) =>
        this.#dead.has(connection) || (this.#fault.before?.(request, connection) ?? false),
      DESCRIBE: (request, connection) =>
        connection.reply(request, 200, [['Content-Type', 'application/sdp']], SDP),
      PLAY: (request, connection) => {
        connection.reply(request, 200);
        this.#plays++;
        this.#playing.add(connection);
        connection.socket.once('close', () => this.#playing.delete(connection));
      },
      TEARDOWN: (request, connection) => {
        this.#playing.delete(connection);
        connection.reply(request, 200);
      },
    });
    this.#nextAt = this.#sentAt = performance.now();
    this.#timer = setInterval(() => this.#sendWhatIsDue(), TICK_MS);
  }

  get url(): string {
    return this.#script?.url ?? '';
  }

  /** How often it was asked to play, and did. */
  get plays(): number {
    return this.#plays;
  }

  /** The longest time between two pictures, which is 40 ms where this machine has time for its cameras. Seconds. */
  get longestPause(): number {
    return this.#longestPause / 1000;
  }

  get connections(): ReadonlySet<ScriptConnection> {
    return this.#script?.connections ?? new Set();
  }

  misbehave(fault: Fault): void {
    this.#fault = fault;
    if (fault.clip) this.#at = 0;
    fault.begin?.(this);
  }

  behave(): void {
    if (this.#fault.clip) this.#at = 0;
    this.#fault = {};
  }

  /** Leaves every open connection open, and never sends or answers anything on it again. */
  abandonConnections(): void {
    for (const connection of this.connections) this.#dead.add(connection);
  }

  /** Begins anew, with a key unit, as after a reboot. */
  renumber(numbering: Numbering): void {
    this.#numbering = numbering;
    this.#sequence = numbering.sequence;
    this.#ticks = 0;
    this.#at = 0;
  }

  /** Resolves when so many pictures more have become due, whether the fault let them out or not. */
  sent(pictures: number): Promise<void> {
    const goal = this.#sent + pictures;
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#sent < goal) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#script?.[Symbol.asyncDispose]();
  }

  #sendWhatIsDue(): void {
    const now = performance.now();
    if (this.#nextAt > now) return;
    this.#longestPause = Math.max(this.#longestPause, now - this.#sentAt);
    this.#sentAt = now;
    for (; this.#nextAt <= now; this.#nextAt += 1000 / FPS) {
      const speed = this.#fault.clip?.speed ?? 1;
      for (let picture = 0; picture < speed; picture++) this.#send(CLOCK_RATE / FPS / speed);
    }
    for (const look of this.#watchers) look();
  }

  #send(length: number): void {
    const { clip, picture, packets: packetsOf, frames: framesOf, mtu = MTU } = this.#fault;
    const pictures = clip?.pictures ?? this.#usual;
    const { nals } = pictures[this.#at++ % pictures.length]!;
    const due = { nals, timestamp: this.#numbering.timestamp + this.#ticks };
    this.#ticks += length;
    const count = this.#sent++;
    const packets = packetise([picture?.(due, count) ?? due], {
      mtu,
      ssrc: this.#numbering.ssrc,
      firstSequence: this.#sequence,
    });
    this.#sequence += packets.length;
    const frames = (packetsOf?.(packets, count) ?? packets).map(interleaved);
    const bytes = Buffer.concat(framesOf?.(frames) ?? frames);
    for (const connection of this.#playing)
      if (!this.#dead.has(connection) && bytes.length > 0) connection.send(bytes);
  }
}

function interleaved(packet: RtpPacket): Buffer {
  const bytes = rtpBytes(packet);
  return Buffer.concat([Buffer.of(0x24, 0, bytes.length >> 8, bytes.length & 0xff), bytes]);
}
