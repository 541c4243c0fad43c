/** Where publishers reach the server: addresses, ports, and the STUN and TURN servers between (RFC 8445). */
import { isIP, isIPv4 } from 'node:net';
import type { PeerConfig } from 'werift';

export interface IceServer {
  /** `stun:host[:port]` or `turn[s]:host[:port][?transport=udp|tcp]`. */
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

export interface WhipNetwork {
  /** The address the server listens on; publishers are received there too. */
  readonly host: string;
  /** Further addresses of this machine as publishers see it, such as a router's that forwards the ports. */
  readonly addresses: readonly string[];
  /** First and last UDP port; absent = any. */
  readonly ports?: readonly [number, number];
  readonly iceServers: readonly IceServer[];
}

const EVERYWHERE = new Set(['0.0.0.0', '::']);

/**
 * How werift is to gather candidates. Without STUN and TURN servers we are ICE-lite (RFC 8445 §2.5): we answer and never
 * send to an address that a peer names. A server that listens on one address receives on that one alone.
 */
export function iceOptions(network: WhipNetwork): Partial<PeerConfig> {
  const { host, addresses, ports, iceServers } = network;
  const own = host === 'localhost' ? '127.0.0.1' : host;
  const alone = isIP(own) !== 0 && !EVERYWHERE.has(own) && addresses.length === 0;
  return {
    iceLite: iceServers.length === 0,
    iceServers: withStun(iceServers).map(({ urls, ...login }) => ({ urls: [...urls], ...login })),
    iceStunGatherTimeout: 2,
    iceTurnConnectTimeout: 3,
    iceUseTcp: false,
    iceUseIpv4: !alone,
    iceUseIpv6: !alone && own !== '0.0.0.0',
    iceAdditionalHostAddresses: alone ? [own] : [...addresses],
    ...(alone ? { iceInterfaceAddresses: isIPv4(own) ? { udp4: own } : { udp6: own } } : {}),
    ...(ports ? { icePortRange: [ports[0], ports[1]] } : {}),
  };
}

/** A TURN server answers STUN as well (RFC 8656 §1); werift asks a public one where none is named. */
function withStun(iceServers: readonly IceServer[]): readonly IceServer[] {
  const urls = iceServers.flatMap((server) => server.urls);
  const turn = urls.find((url) => url.startsWith('turn'));
  if (turn === undefined || urls.some((url) => url.startsWith('stun'))) return iceServers;
  return [{ urls: [turn.replace(/^turns?:/, 'stun:').replace(/\?.*$/, '')] }, ...iceServers];
}
