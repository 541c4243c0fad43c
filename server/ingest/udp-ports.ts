/** Two UDP sockets on neighbouring ports: the even one for RTP, the odd one for RTCP (RFC 3550 §11). */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { NightglassError } from '#wire/nightglass-error.ts';

/** A key picture arrives all at once, so there should be room for one; systems grant less. */
const RECEIVE_BYTES = 4_194_304;
const TRIES_LIMIT = 16;

export interface UdpPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  /** The even one. */
  readonly rtpPort: number;
  close(): void;
}

/**
 * A pair on ports of the system's choice, owned by the caller.
 * @param address of this machine, as the camera is reached from it
 * @throws NightglassError `ingest/failed` when no pair is free
 */
export async function openUdpPair(address: string): Promise<UdpPair> {
  let cause: unknown;
  for (let tries = 0; tries < TRIES_LIMIT; tries += 1) {
    const sockets: Socket[] = [];
    try {
      const first = await openSocket(address, 0, sockets);
      const port = first.address().port;
      const second = await openSocket(address, neighbour(port), sockets);
      const [rtp, rtcp] = port % 2 === 0 ? [first, second] : [second, first];
      return {
        rtp,
        rtcp,
        rtpPort: port & ~1,
        close: () => {
          for (const socket of sockets) socket.close();
        },
      };
    } catch (error) {
      cause = error;
      for (const socket of sockets) socket.close();
    }
  }
  const message = `two neighbouring UDP ports were expected to be free, ${TRIES_LIMIT} tries found none`;
  throw new NightglassError('ingest/failed', message, { cause });
}

/** The other port of the pair. */
export const neighbour = (port: number): number => port ^ 1;

async function openSocket(address: string, port: number, opened: Socket[]): Promise<Socket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  opened.push(socket);
  socket.bind({ address, port, exclusive: true });
  await once(socket, 'listening');
  try {
    socket.setRecvBufferSize(RECEIVE_BYTES);
  } catch {
    // A system that will not give so much keeps its own size.
  }
  // Of no consequence: whether packets come is watched, and reports may be lost.
  socket.on('error', () => {});
  return socket;
}
