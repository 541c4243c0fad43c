/** TLS in front of a plain port, with a certificate that nobody has signed but itself. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { generate } from 'selfsigned';

export interface TlsFront extends AsyncDisposable {
  readonly port: number;
  /** SHA-256 of its certificate, `AB:CD:…`. */
  readonly fingerprint: string;
  /** How many bytes came to it in the clear, that is once decrypted. */
  readonly bytes: number;
}

/** Forwards what comes over TLS to `port` of this machine. */
export async function startTlsFront(port: number): Promise<TlsFront> {
  const pair = await generate([{ name: 'commonName', value: 'camera' }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  const sockets = new Set<Socket>();
  let bytes = 0;
  const server = createServer({ key: pair.private, cert: pair.cert }, (front) => {
    const back = connect(port, '127.0.0.1');
    front.on('data', (chunk) => {
      bytes += chunk.length;
    });
    for (const [from, to] of [
      [front, back],
      [back, front],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    fingerprint: new X509Certificate(pair.cert).fingerprint256,
    get bytes() {
      return bytes;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
