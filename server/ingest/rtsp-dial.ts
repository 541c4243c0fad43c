/** Opens the connection to a camera. The one place that knows the transport is plain TCP. */
import { connect, type Socket } from 'node:net';
import { type ErrorCode, NightglassError } from '#wire/nightglass-error.ts';
import type { Micros } from '#wire/time.ts';
import type { ReadMemory } from './rtsp-memory.ts';
import type { RtspAddress } from './rtsp-url.ts';

/**
 * A connected socket, owned by the caller, that reads into `memory`; nothing is left open when it fails.
 * @throws NightglassError `ingest/unknown-host`, `ingest/refused`, `ingest/unreachable`; the signal's reason
 */
export function dial(
  address: RtspAddress,
  memory: ReadMemory,
  timeout: Micros,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const socket = connect({ host: address.host, port: address.port, noDelay: true, onread: memory.onread });
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('connect', onConnect);
      socket.off('error', onError);
    };
    const fail = (reason: unknown): void => {
      settle();
      // Destroying may still report an error, which nobody waits for any more.
      socket.on('error', () => {});
      socket.destroy();
      reject(reason);
    };
    const onConnect = (): void => {
      settle();
      resolve(socket);
    };
    const onError = (error: NodeJS.ErrnoException): void => fail(dialFailure(error, address));
    const onAbort = (): void => fail(signal.reason);
    const timer = setTimeout(
      () => fail(new NightglassError('ingest/unreachable', `${address.place}: no answer to the connection`)),
      timeout / 1000,
    );
    socket.once('connect', onConnect);
    socket.once('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function dialFailure(error: NodeJS.ErrnoException, { place }: RtspAddress): NightglassError {
  const [code, what] = reasonOf(error.code ?? '');
  return new NightglassError(code, `${place}: ${what}`);
}

function reasonOf(code: string): readonly [ErrorCode, string] {
  switch (code) {
    case 'ENOTFOUND':
      return ['ingest/unknown-host', 'the host name has no address'];
    case 'EAI_AGAIN':
      return ['ingest/unknown-host', 'the name server did not answer for the host name'];
    case 'ECONNREFUSED':
      return ['ingest/refused', 'the host refused the port'];
    default:
      return ['ingest/unreachable', `the connection failed${code === '' ? '' : ` (${code})`}`];
  }
}
