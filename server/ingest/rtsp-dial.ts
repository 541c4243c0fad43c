/** Opens the connection to a camera. The one place that knows whether the transport is plain TCP or TLS. */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { type ErrorCode, NightglassError } from '#wire/nightglass-error.ts';
import type { Micros } from '#wire/time.ts';
import type { ReadMemory } from './rtsp-memory.ts';
import { distrust, type TlsTrust } from './rtsp-tls.ts';
import type { RtspAddress } from './rtsp-url.ts';

/**
 * A connected socket, owned by the caller, that reads into `memory`; nothing is left open when it fails. Over TLS
 * the certificate has been judged by then, and nothing was sent to a camera that is not trusted.
 * @param trust for `rtsps:` addresses
 * @throws NightglassError `ingest/unknown-host`, `ingest/refused`, `ingest/unreachable`,
 * `ingest/untrusted-certificate`, `ingest/garbage` for a port that does not speak TLS; the signal's reason
 */
export function dial(
  address: RtspAddress,
  trust: TlsTrust,
  memory: ReadMemory,
  timeout: Micros,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const socket = open(address, memory);
    const ready = address.secure ? 'secureConnect' : 'connect';
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off(ready, onReady);
      socket.off('error', onError);
    };
    const fail = (reason: unknown): void => {
      settle();
      // Destroying may still report an error, which nobody waits for any more.
      socket.on('error', () => {});
      socket.destroy();
      reject(reason);
    };
    const onReady = (): void => {
      const wrong = socket instanceof TLSSocket ? distrust(trust, shownBy(socket), address.place) : undefined;
      if (wrong !== undefined) {
        fail(wrong);
        return;
      }
      settle();
      resolve(socket);
    };
    const onError = (error: NodeJS.ErrnoException): void => fail(dialFailure(error, address));
    const onAbort = (): void => fail(signal.reason);
    const timer = setTimeout(
      () => fail(new NightglassError('ingest/unreachable', `${address.place}: no answer to the connection`)),
      timeout / 1000,
    );
    socket.once(ready, onReady);
    socket.once('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function open({ host, port, secure }: RtspAddress, { onread }: ReadMemory): Socket {
  const options = { host, port, noDelay: true, onread };
  if (!secure) return connect(options);
  // Judged here and not by the runtime, because its error would not show the certificate that came.
  const byName = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ ...options, ...byName, rejectUnauthorized: false });
  socket.setNoDelay(true);
  return socket;
}

function shownBy(socket: TLSSocket) {
  // The types promise an Error; the runtime gives its code.
  const problem = socket.authorized ? undefined : String(socket.authorizationError ?? 'unknown');
  return { fingerprint: socket.getPeerX509Certificate()?.fingerprint256, problem };
}

function dialFailure(error: NodeJS.ErrnoException, { place }: RtspAddress): NightglassError {
  const [code, what] = reasonOf(error.code ?? '');
  return new NightglassError(code, `${place}: ${what}`);
}

function reasonOf(code: string): readonly [ErrorCode, string] {
  if (/^(?:ERR_SSL|EPROTO)/.test(code)) return ['ingest/garbage', `TLS was expected, it failed (${code})`];
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
