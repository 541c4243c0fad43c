/** The Transport header of SETUP (RFC 2326 §12.39): what is offered, and what the camera makes of it. */
import { isIP } from 'node:net';
import { NightglassError } from '#wire/nightglass-error.ts';

/** One way for packets to come, agreed upon in SETUP and closed with the session. */
export interface PacketTransport {
  readonly kind: 'tcp' | 'udp';
  /** The Transport header to ask with. */
  readonly offer: string;
  /** What to say when the camera refuses this way (status 461). */
  readonly refusal: string;
  /**
   * Takes the camera's Transport header as soon as it came, because packets may overtake what follows.
   * @throws NightglassError `ingest/rejected` for another way than the one asked for
   */
  agree(answer: string | undefined): void;
  /** The camera plays. */
  start(): void;
  close(): void;
}

export const TCP_OFFER = 'RTP/AVP/TCP;unicast;interleaved=0-1';
export const udpOffer = (rtpPort: number): string => `RTP/AVP;unicast;client_port=${rtpPort}-${rtpPort + 1}`;

/**
 * The channels of RTP and RTCP. The camera may choose others than the ones asked for; one that names none took those.
 * @throws NightglassError `ingest/rejected`
 */
export function readTcpAnswer(answer: string | undefined, place: string): [rtp: number, rtcp: number] {
  if (answer !== undefined && !/\/TCP|interleaved/i.test(answer))
    throw new NightglassError(
      'ingest/rejected',
      `${place}: RTP over TCP was asked for, the camera chose another way`,
    );
  const channels = /interleaved\s*=\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?/i.exec(answer ?? '');
  if (channels === null) return [0, 1];
  const rtp = Number(channels[1]);
  return [rtp, Number(channels[2] ?? rtp + 1)];
}

/** Where a camera's packets come from over UDP. */
export interface UdpAnswer {
  /** An IP address, where it is another than the one connected to. */
  readonly source: string | undefined;
  /** The camera's ports for RTP and RTCP, if it said them. */
  readonly ports: readonly [rtp: number, rtcp: number] | undefined;
}

/** @throws NightglassError `ingest/rejected` for multicast and for packets inside the connection */
export function readUdpAnswer(answer: string | undefined, place: string): UdpAnswer {
  if (answer !== undefined && /\/TCP|interleaved|multicast/i.test(answer))
    throw new NightglassError(
      'ingest/rejected',
      `${place}: RTP over UDP was asked for, the camera chose another way: set transport to tcp`,
    );
  const [, rtp, rtcp] = /server_port\s*=\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?/i.exec(answer ?? '') ?? [];
  const ports = [Number(rtp), Number(rtcp ?? Number(rtp) + 1)] as const;
  const source = /source\s*=\s*"?\[?([0-9a-f:.]+)/i.exec(answer ?? '')?.[1] ?? '';
  return {
    source: isIP(source) === 0 ? undefined : source,
    ports: ports.every(isPort) ? ports : undefined,
  };
}

const isPort = (port: number): boolean => port >= 1 && port <= 65_535;
