/** A scripted camera that sends its packets over UDP. */
import type { RemoteInfo } from 'node:dgram';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openUdpPair } from '../../server/ingest/udp-ports.ts';
import { type Script, type ScriptCamera, startScriptCamera } from './rtsp-script-server.ts';

export interface Heard {
  readonly bytes: Buffer;
  readonly from: RemoteInfo;
}

export interface UdpCamera extends AsyncDisposable {
  /** Its side of the RTSP connection. */
  readonly rtsp: ScriptCamera;
  readonly url: string;
  /** The even one of the ports it sends from. */
  readonly rtpPort: number;
  /** What the client asked for: the even one of its ports. Set from SETUP on. */
  readonly clientPort: number;
  /** What came to its ports, in order. */
  readonly heard: { readonly rtp: readonly Heard[]; readonly rtcp: readonly Heard[] };
  /** Resolves with the packet of this number, from 1, to come to a port. */
  hears(port: 'rtp' | 'rtcp', count: number): Promise<Heard>;
  /** Sends packets, a few at a time so that no socket overflows. */
  send(port: 'rtp' | 'rtcp', ...packets: readonly Uint8Array[]): Promise<void>;
}

export interface UdpCameraOptions extends Script {
  /** The Transport header of its answer to SETUP; a complete one when left out. */
  readonly transport?: (client: string, serverPort: number) => string;
}

export async function startUdpCamera({ transport, ...script }: UdpCameraOptions = {}): Promise<UdpCamera> {
  const pair = await openUdpPair('127.0.0.1');
  const heard = { rtp: [] as Heard[], rtcp: [] as Heard[] };
  const watchers = new Set<() => void>();
  for (const port of ['rtp', 'rtcp'] as const)
    pair[port].on('message', (bytes, from) => {
      heard[port].push({ bytes, from });
      for (const look of watchers) look();
    });
  let clientPort = 0;
  const rtsp = await startScriptCamera({
    SETUP(request, connection) {
      const client = /client_port=(\d+)-\d+/.exec(request.headers.get('transport') ?? '');
      clientPort = Number(client?.[1]);
      const ports = `${pair.rtpPort}-${pair.rtpPort + 1}`;
      const answer =
        transport?.(client?.[0] ?? '', pair.rtpPort) ?? `RTP/AVP;unicast;${client?.[0]};server_port=${ports}`;
      connection.reply(request, 200, [
        ['Transport', answer],
        ['Session', '4711;timeout=60'],
      ]);
    },
    ...script,
  });
  return {
    rtsp,
    url: rtsp.url,
    rtpPort: pair.rtpPort,
    get clientPort() {
      return clientPort;
    },
    heard,
    hears: (port, count) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = heard[port][count - 1];
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      }),
    async send(port, ...packets) {
      for (const [index, packet] of packets.entries()) {
        pair[port].send(packet, clientPort + (port === 'rtp' ? 0 : 1), '127.0.0.1');
        if (index % 8 === 7) for (let turn = 0; turn < 3; turn += 1) await nextTurn();
      }
    },
    async [Symbol.asyncDispose]() {
      pair.close();
      await rtsp[Symbol.asyncDispose]();
    },
  };
}
