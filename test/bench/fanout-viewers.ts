/**
 * The viewers of the fan-out benchmark, a process of their own: bare TCP sockets that read just enough of RFC 6455 and
 * of the wire to time every message, so that the viewers do not become what is measured.
 */
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { HEADER_BYTES, SUBPROTOCOL } from '#wire/message.ts';

export type ToViewers =
  | {
      readonly type: 'connect';
      readonly port: number;
      readonly viewers: number;
      /** Further viewers, which open the stream and never read. */
      readonly stuck: number;
    }
  /** Units published from `at` on (µs of the shared clock) are counted. */
  | { readonly type: 'start'; readonly at: number }
  | { readonly type: 'stop' };

export type FromViewers =
  | { readonly type: 'connected' }
  | {
      readonly type: 'result';
      /** Messages by delay, `BUCKET_MS` a bucket; the last holds all the longer ones. */
      readonly histogram: readonly number[];
      readonly bytes: number;
      readonly gaps: number;
      readonly coreShare: number;
    };

export const BUCKET_MS = 0.5;
const BUCKETS = 20_000;
const ACKNOWLEDGE_EVERY_MS = 250;
const CONNECTING_AT_ONCE = 50;

/** The monotonic clock all processes of a machine share, µs. */
export const sharedClock = (): number => origin + performance.now() * 1000;
const origin = Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000;

const counted = { from: Infinity, histogram: new Float64Array(BUCKETS), bytes: 0, gaps: 0 };

/** All sockets read into this: each chunk is used up before the next is read. */
const chunk = Buffer.allocUnsafe(256 * 1024);
const UNIT = 2;
const GAP = 3;

class BenchViewer {
  readonly opened: Promise<void>;
  readonly #socket: Socket;
  readonly #stuck: boolean;
  #open: () => void = () => {};
  #handshake = '';
  #upgraded = false;
  /** A frame's header and, of a ping or a unit, what must be known of its payload. */
  readonly #head = Buffer.alloc(10 + HEADER_BYTES);
  #headBytes = 0;
  #left = 0;
  #timestamp = 0;

  constructor(port: number, stuck: boolean) {
    this.#stuck = stuck;
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    const onread = { buffer: chunk, callback: (bytes: number) => this.#read(bytes) };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket.write(
      `GET / HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
    );
  }

  acknowledge(): void {
    if (this.#timestamp > 0) this.#say({ type: 'ack', stream: 1, timestamp: this.#timestamp });
  }

  /** False stops the reading, for ever. */
  #read(bytes: number): boolean {
    const start = this.#upgraded ? 0 : this.#shakeHands(bytes);
    if (this.#stuck) return !this.#upgraded;
    for (let at = start; at < bytes; ) {
      if (this.#left === 0) at = this.#readHead(at, bytes);
      const skipped = Math.min(this.#left, bytes - at);
      this.#left -= skipped;
      at += skipped;
      if (this.#left === 0 && this.#headBytes === this.#headLength()) this.#finish();
    }
    return true;
  }

  #shakeHands(bytes: number): number {
    const before = this.#handshake.length;
    this.#handshake += chunk.toString('latin1', 0, bytes);
    const end = this.#handshake.indexOf('\r\n\r\n');
    if (end === -1) return bytes;
    if (!this.#handshake.startsWith('HTTP/1.1 101'))
      throw new Error(`the server refused: ${this.#handshake}`);
    this.#upgraded = true;
    this.#say({ type: 'open', stream: 1, camera: 'bench', want: 'live' });
    this.#open();
    return end + 4 - before;
  }

  #readHead(start: number, bytes: number): number {
    let at = start;
    while (at < bytes && this.#headBytes < this.#headLength()) this.#head[this.#headBytes++] = chunk[at++]!;
    if (this.#headBytes === this.#headLength())
      this.#left = this.#payloadLength() - (this.#headBytes - this.#frameHeaderLength());
    return at;
  }

  /** RFC 6455 §5.2; a server's frames are not masked. */
  #frameHeaderLength(): number {
    if (this.#headBytes < 2) return 2;
    const length = this.#head[1]!;
    return length === 126 ? 4 : length === 127 ? 10 : 2;
  }

  #payloadLength(): number {
    const length = this.#head[1]!;
    if (length === 126) return this.#head.readUInt16BE(2);
    return length === 127 ? Number(this.#head.readBigUInt64BE(2)) : length;
  }

  /** How much of a frame is kept: its header, and of its payload a message header's worth. */
  #headLength(): number {
    const header = this.#frameHeaderLength();
    if (this.#headBytes < header) return header;
    return header + Math.min(this.#payloadLength(), HEADER_BYTES);
  }

  /** A frame has come whole. */
  #finish(): void {
    const header = this.#frameHeaderLength();
    const opcode = this.#head[0]! & 15;
    const payload = this.#head.subarray(header, this.#headBytes);
    if (opcode === 9) this.#send(0x8a, payload);
    if (opcode === 2) this.#count(payload, this.#payloadLength());
    this.#headBytes = 0;
  }

  #count(message: Buffer, bytes: number): void {
    const capturedAt = message.readInt32BE(32) * 2 ** 32 + message.readUInt32BE(36);
    if (message[1] === UNIT) this.#timestamp = message.readInt32BE(24) * 2 ** 32 + message.readUInt32BE(28);
    if (message[1] === GAP) counted.gaps++;
    if (message[1] !== UNIT || capturedAt < counted.from) return;
    const bucket = Math.floor((sharedClock() - capturedAt) / 1000 / BUCKET_MS);
    counted.histogram[Math.min(BUCKETS - 1, Math.max(0, bucket))]! += 1;
    counted.bytes += bytes;
  }

  #say(message: object): void {
    this.#send(0x81, Buffer.from(JSON.stringify(message)));
  }

  /** A viewer's frames are masked; a mask of zeros leaves the payload as it is. */
  #send(first: number, payload: Buffer): void {
    this.#socket.write(Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  }
}

const viewers: BenchViewer[] = [];
let cpu = process.cpuUsage();
let since = 0;

async function obey(message: ToViewers): Promise<void> {
  switch (message.type) {
    case 'connect':
      while (viewers.length < message.viewers + message.stuck) {
        const batch = Math.min(CONNECTING_AT_ONCE, message.viewers + message.stuck - viewers.length);
        const begun = viewers.length;
        for (let n = 0; n < batch; n++)
          viewers.push(new BenchViewer(message.port, viewers.length < message.stuck));
        await Promise.all(viewers.slice(begun).map(({ opened }) => opened));
      }
      acknowledgeInTurns();
      return report({ type: 'connected' });
    case 'start':
      counted.from = message.at;
      cpu = process.cpuUsage();
      since = performance.now();
      return;
    case 'stop': {
      const { user, system } = process.cpuUsage(cpu);
      const coreShare = (user + system) / 1000 / (performance.now() - since);
      const { histogram, bytes, gaps } = counted;
      return report({ type: 'result', histogram: [...histogram], bytes, gaps, coreShare });
    }
  }
}

/** Spreads the viewers' acknowledgements over their period, as chance does with real ones. */
function acknowledgeInTurns(): void {
  const TURNS = 10;
  let turn = 0;
  setInterval(() => {
    for (let n = turn; n < viewers.length; n += TURNS) viewers[n]!.acknowledge();
    turn = (turn + 1) % TURNS;
  }, ACKNOWLEDGE_EVERY_MS / TURNS);
}

const report = (message: FromViewers): void => {
  process.send?.(message);
};

// The benchmark imports this file, too, for its types and its clock.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('message', (message: ToViewers) => void obey(message));
  process.on('disconnect', () => process.exit());
}
