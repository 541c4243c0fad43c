/** A bad link on loopback: a UDP proxy that drops and delays datagrams, both ways, by a seeded chance. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface LossyLink extends AsyncDisposable {
  /** What is sent here on 127.0.0.1 goes on to the target. */
  readonly port: number;
  readonly passed: number;
  readonly dropped: number;
  /** From now on this share of datagrams is dropped, 0…1, each way; none before the first call. */
  lose(share: number): void;
}

/** @param jitter longest delay, milliseconds; each datagram waits its own, so they overtake one another */
export async function openLossyLink(
  targetPort: number,
  { jitter, seed }: { jitter: number; seed: number },
): Promise<LossyLink> {
  const random = mulberry32(seed);
  const near = await bound();
  const far = new Map<number, Socket>();
  const waiting = new Set<NodeJS.Timeout>();
  let passed = 0;
  let dropped = 0;
  let loss = 0;
  const travel = (deliver: () => void) => {
    if (random() < loss) {
      dropped++;
      return;
    }
    passed++;
    const timer = setTimeout(() => {
      waiting.delete(timer);
      deliver();
    }, random() * jitter);
    waiting.add(timer);
  };
  near.on('message', async (data, { port }) => {
    let socket = far.get(port);
    if (socket === undefined) {
      socket = createSocket('udp4');
      far.set(port, socket);
      socket.on('message', (answer) => travel(() => near.send(answer, port, '127.0.0.1')));
    }
    const onward = socket;
    travel(() => onward.send(data, targetPort, '127.0.0.1'));
  });
  return {
    port: (near.address() as AddressInfo).port,
    get passed() {
      return passed;
    },
    get dropped() {
      return dropped;
    },
    lose: (share) => {
      loss = share;
    },
    async [Symbol.asyncDispose]() {
      for (const timer of waiting) clearTimeout(timer);
      for (const socket of [near, ...far.values()]) {
        socket.close();
        await once(socket, 'close');
      }
    },
  };
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** A small generator of chance that a seed repeats; uniform in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
