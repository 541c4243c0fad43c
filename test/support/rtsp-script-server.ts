/** An RTSP camera that does what a test's script says, byte for byte, well-behaved where the script is silent. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export interface ScriptRequest {
  readonly method: string;
  readonly url: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
}

/** The camera's side of one connection. */
export class ScriptConnection {
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Sends bytes, or text, as they are. */
  send(bytes: Uint8Array | string): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  reply(
    request: ScriptRequest,
    status: number,
    headers: readonly (readonly [string, string])[] = [],
    body = '',
  ): void {
    const length: [string, string][] =
      body === '' ? [] : [['Content-Length', String(Buffer.byteLength(body))]];
    const lines = [['CSeq', request.headers.get('cseq') ?? '0'], ...headers, ...length];
    const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    this.send(`RTSP/1.0 ${status} Spoken\r\n${text}\r\n${body}`);
  }
}

export type Step = (request: ScriptRequest, connection: ScriptConnection) => void;
type Method = 'OPTIONS' | 'DESCRIBE' | 'SETUP' | 'PLAY' | 'GET_PARAMETER' | 'TEARDOWN';

/** What the camera does at a request of each method; `'silence'` answers nothing. */
export interface Script extends Readonly<Partial<Record<Method, Step | 'silence'>>> {
  /** Sees every request first; true when it has dealt with it. */
  readonly before?: (request: ScriptRequest, connection: ScriptConnection) => boolean;
  readonly onConnect?: (connection: ScriptConnection) => void;
  /** How long the next request waits before the camera looks at it, milliseconds. */
  readonly delay?: () => number;
}

export interface ScriptCamera extends AsyncDisposable {
  /** Without credentials, with a query whose value must never be shown. */
  readonly url: string;
  readonly port: number;
  /** Every request so far, in order. */
  readonly requests: readonly ScriptRequest[];
  /** Connections that are open now. */
  readonly connections: ReadonlySet<ScriptConnection>;
  /** Resolves with the next request of this method, or with an earlier one. */
  asked(method: string, times?: number): Promise<ScriptRequest>;
  /** Resolves when no connection is open any more. */
  deserted(): Promise<void>;
}

export const SDP_H264 = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=Quay',
  't=0 0',
  'a=control:*',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuDyyA=',
  'a=control:trackID=1',
  '',
].join('\r\n');

const WELL_BEHAVED: Readonly<Record<Method, Step>> = {
  OPTIONS: (request, connection) =>
    connection.reply(request, 200, [['Public', 'DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER']]),
  DESCRIBE: (request, connection) =>
    connection.reply(request, 200, [['Content-Type', 'application/sdp']], SDP_H264),
  SETUP: (request, connection) =>
    connection.reply(request, 200, [
      ['Transport', 'RTP/AVP/TCP;unicast;interleaved=0-1'],
      ['Session', '4711;timeout=60'],
    ]),
  PLAY: (request, connection) => connection.reply(request, 200),
  GET_PARAMETER: (request, connection) => connection.reply(request, 200),
  TEARDOWN: (request, connection) => connection.reply(request, 200),
};

/** Starts the camera on a free port of 127.0.0.1. */
export async function startScriptCamera(script: Script = {}): Promise<ScriptCamera> {
  const requests: ScriptRequest[] = [];
  const connections = new Set<ScriptConnection>();
  const watchers = new Set<() => void>();
  const changed = (): void => {
    for (const look of watchers) look();
  };
  const until = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
    });
  const act = (request: ScriptRequest, connection: ScriptConnection): void => {
    requests.push(request);
    if (script.before?.(request, connection) !== true) {
      const method = request.method as Method;
      const step = script[method] ?? WELL_BEHAVED[method];
      if (typeof step === 'function') step(request, connection);
    }
    changed();
  };
  const server = createServer((socket) => {
    const connection = new ScriptConnection(socket);
    connections.add(connection);
    let text = '';
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = readRequest(text.slice(0, end));
        const delay = script.delay?.() ?? 0;
        if (delay > 0) setTimeout(act, delay, request, connection);
        else act(request, connection);
        text = text.slice(end + 4);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      connections.delete(connection);
      changed();
    });
    script.onConnect?.(connection);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `rtsp://127.0.0.1:${port}/quay?token=query-canary`,
    port,
    requests,
    connections,
    asked: (method, times = 1) =>
      until(() => requests.filter((request) => request.method === method)[times - 1]),
    deserted: () => until(() => (connections.size === 0 ? true : undefined)).then(() => {}),
    async [Symbol.asyncDispose]() {
      server.close();
      for (const { socket } of connections) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Answers of the client (to the camera's own requests) are kept as requests whose method is the status line. */
function readRequest(text: string): ScriptRequest {
  const [startLine = '', ...lines] = text.split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  if (startLine.startsWith('RTSP/')) return { method: startLine, url: '', headers };
  const [method = '', url = ''] = startLine.split(' ');
  return { method, url, headers };
}

/** One RTP packet of payload type 96 behind its interleaved header. */
export function interleavedRtp(
  sequence: number,
  timestamp: number,
  payload: Uint8Array,
  channel = 0,
): Buffer {
  const bytes = Buffer.alloc(4 + 12 + payload.length);
  bytes.write('$', 0, 'latin1');
  bytes.writeUInt8(channel, 1);
  bytes.writeUInt16BE(12 + payload.length, 2);
  bytes.writeUInt8(0x80, 4);
  bytes.writeUInt8(0x80 | 96, 5);
  bytes.writeUInt16BE(sequence & 0xffff, 6);
  bytes.writeUInt32BE(timestamp >>> 0, 8);
  bytes.writeUInt32BE(0xca3e7a, 12);
  bytes.set(payload, 16);
  return bytes;
}

/** A key unit's worth of one packet: an IDR slice of nonsense, enough to travel, not to decode. */
export const IDR_SLICE = Uint8Array.of(0x65, 0x88, 0x84, 0x00, 0x33, 0xff);
