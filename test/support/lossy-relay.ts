/** A bad network between a client and a camera that sends over UDP: packets lost, out of order, and twice. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { openUdpPair } from '../../server/ingest/udp-ports.ts';

export interface LossyRelayOptions {
  readonly seed: number;
  /** Shares, 0 to 1. */
  readonly loss: number;
  readonly duplicates: number;
  /** A packet is overtaken by at most so many others. */
  readonly depth: number;
}

export interface LossyRelay extends AsyncDisposable {
  /** Stands for the camera's. */
  readonly port: number;
  /** The sequence numbers that never arrived. */
  readonly lost: ReadonlySet<number>;
}

/** Uniform in [0, 1), the same for the same seed (xorshift). */
export function seeded(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Forwards RTSP to the camera as it is, but for the client's ports, which become its own: so all packets of the
 * camera pass through it. RTCP is left whole.
 */
export async function startLossyRelay(cameraPort: number, options: LossyRelayOptions): Promise<LossyRelay> {
  const { loss, duplicates, depth } = options;
  const random = seeded(options.seed);
  const pair = await openUdpPair('127.0.0.1');
  const lost = new Set<number>();
  const sockets = new Set<Socket>();
  let waiting: { readonly bytes: Buffer; turns: number }[] = [];
  let clientPort = 0;
  pair.rtp.on('message', (bytes) => {
    const copies = random() < loss ? 0 : random() < duplicates ? 2 : 1;
    if (copies === 0) lost.add(bytes.readUInt16BE(2));
    for (const packet of waiting) packet.turns -= 1;
    for (let copy = 0; copy < copies; copy += 1)
      waiting.push({ bytes, turns: Math.floor(random() * (depth + 1)) });
    for (const packet of waiting.filter(({ turns }) => turns <= 0))
      pair.rtp.send(packet.bytes, clientPort, '127.0.0.1');
    waiting = waiting.filter(({ turns }) => turns > 0);
  });
  pair.rtcp.on('message', (bytes) => pair.rtcp.send(bytes, clientPort + 1, '127.0.0.1'));
  const server = createServer((front) => {
    const back = connect(cameraPort, '127.0.0.1');
    front.on('data', (chunk) => {
      const text = chunk.toString('latin1').replace(/client_port=(\d+)-\d+/, (_, port) => {
        clientPort = Number(port);
        return `client_port=${pair.rtpPort}-${pair.rtpPort + 1}`;
      });
      back.write(Buffer.from(text, 'latin1'));
    });
    back.pipe(front);
    for (const [one, other] of [
      [front, back],
      [back, front],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    lost,
    async [Symbol.asyncDispose]() {
      pair.close();
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
