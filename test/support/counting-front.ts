/** A port in front of another that counts who comes, and what comes back. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CountingFront extends AsyncDisposable {
  readonly port: number;
  /** Connections that were ever opened, and those that are open. */
  readonly opened: number;
  readonly open: number;
  /** Bytes that the port behind has sent. */
  readonly bytes: number;
}

/** Forwards to `port` of this machine. */
export async function startCountingFront(port: number): Promise<CountingFront> {
  const sockets = new Set<Socket>();
  let opened = 0;
  let bytes = 0;
  const server = createServer((front) => {
    opened++;
    sockets.add(front);
    const back = connect(port, '127.0.0.1');
    back.on('data', (chunk) => {
      bytes += chunk.length;
    });
    front.pipe(back).pipe(front);
    for (const socket of [front, back]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(front);
        front.destroy();
        back.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get opened() {
      return opened;
    },
    get open() {
      return sockets.size;
    },
    get bytes() {
      return bytes;
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
