/** The way to a camera that plays: from its address, through redirects, to a session. */
import type { Socket } from 'node:net';
import { NightglassError } from '#wire/nightglass-error.ts';
import { type Micros, micros } from '#wire/time.ts';
import type { Credentials } from './rtsp-auth.ts';
import { RtspConnection } from './rtsp-connection.ts';
import { dial } from './rtsp-dial.ts';
import { RtspDialogue } from './rtsp-dialogue.ts';
import { FarewellWatch } from './rtsp-farewell.ts';
import { type Redirected, shakeHands } from './rtsp-handshake.ts';
import { RtspMedia } from './rtsp-media.ts';
import { ReadMemory } from './rtsp-memory.ts';
import { RtspSession } from './rtsp-playing.ts';
import type { TlsTrust } from './rtsp-tls.ts';
import { type PacketTransport, readTcpAnswer, TCP_OFFER } from './rtsp-transport.ts';
import { hasControlCharacter, type RtspAddress, readRtspAddress, redirectTarget } from './rtsp-url.ts';
import { openUdpPair } from './udp-ports.ts';
import { UdpTransport } from './udp-transport.ts';

/** A camera, and the patience with it. */
export interface RtspCamera {
  /** `rtsp://host[:port]/path` or `rtsps://…`, without credentials. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** How long connecting, and each request, may take. 4 s when left out. */
  readonly answerTimeout?: Micros;
  /** How long packets may stay away. 10 s when left out. */
  readonly mediaTimeout?: Micros;
  /** How packets come; `tcp`, inside the connection, when left out. */
  readonly transport?: 'tcp' | 'udp' | undefined;
  /** Over UDP, how long a missing packet is waited for. 0.1 s when left out. */
  readonly reorderWait?: Micros;
  /** How the certificate of a `rtsps:` camera is judged. */
  readonly tls?: TlsTrust | undefined;
}

/** With the shortest wait after it, a camera that was silent and is back shows within five seconds. */
const ANSWER_TIMEOUT = micros(4_000_000);
const MEDIA_TIMEOUT = micros(10_000_000);
const REDIRECT_LIMIT = 5;
/** Also said of the configuration. */
export const NO_SRTP = 'rtsps:// is carried over TCP alone: leave transport out, or write rtsp://';

/**
 * Connects and starts the first H.264 track, following redirects. Credentials, and trust in a certificate, are for
 * the configured host only: a camera cannot send them elsewhere.
 * @param onAnswer called at every answer of the camera
 * @throws NightglassError `ingest/…`, `packets/unsupported-codec`; the signal's reason when it aborts meanwhile
 */
export async function openRtspSession(
  camera: RtspCamera,
  signal: AbortSignal,
  onAnswer: () => void = () => {},
): Promise<RtspSession> {
  const home = readRtspAddress(camera.url);
  const credentials = readCredentials(camera);
  let address = home;
  for (let hops = 0; hops <= REDIRECT_LIMIT; hops += 1) {
    if (address.secure && camera.transport === 'udp')
      throw new NightglassError('ingest/bad-url', `${address.place}: ${NO_SRTP}`);
    const outcome =
      address.host === home.host
        ? await visit(address, credentials, camera, signal, onAnswer)
        : await visit(address, undefined, { ...camera, tls: undefined }, signal, onAnswer);
    if (outcome instanceof RtspSession) return outcome;
    address = redirectTarget(address, outcome.location);
  }
  throw new NightglassError(
    'ingest/redirect-loop',
    `${home.place}: at most ${REDIRECT_LIMIT} redirects were expected, more came`,
  );
}

async function visit(
  address: RtspAddress,
  credentials: Credentials | undefined,
  camera: RtspCamera,
  signal: AbortSignal,
  onAnswer: () => void,
): Promise<RtspSession | Redirected> {
  const { place } = address;
  const { answerTimeout = ANSWER_TIMEOUT, mediaTimeout = MEDIA_TIMEOUT } = camera;
  const memory = new ReadMemory();
  const socket = await dial(address, camera.tls ?? {}, memory, answerTimeout, signal);
  const media = new RtspMedia(place);
  // Datagrams have memory of their own, each its piece.
  if (camera.transport !== 'udp') media.onCopied = (copied) => memory.reuse(copied);
  const receiver = new FarewellWatch(place, media);
  const connection = new RtspConnection(socket, memory, place, receiver, answerTimeout);
  const onAbort = (): void => connection.fail(signal.reason);
  signal.addEventListener('abort', onAbort);
  let transport: PacketTransport | undefined;
  try {
    transport =
      camera.transport === 'udp'
        ? await overUdp(camera, socket, place, { connection, media, receiver })
        : overTcp(place, { connection, media, receiver });
    const dialogue = new RtspDialogue(connection, place, credentials, onAnswer);
    const outcome = await shakeHands(dialogue, address, transport);
    if (outcome.kind === 'playing')
      return new RtspSession(
        outcome,
        place,
        { connection, dialogue, media, transport },
        mediaTimeout,
        signal,
      );
    connection.close();
    transport.close();
    return outcome;
  } catch (error) {
    connection.close();
    transport?.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

interface Ends {
  readonly connection: RtspConnection;
  readonly media: RtspMedia;
  readonly receiver: FarewellWatch;
}

/** Packets inside the RTSP connection. */
function overTcp(place: string, { connection, media, receiver }: Ends): PacketTransport {
  return {
    kind: 'tcp',
    offer: TCP_OFFER,
    refusal: 'the camera refuses RTP over TCP (status 461): allow it in the camera, or set transport to udp',
    agree(answer) {
      const [rtp, rtcp] = readTcpAnswer(answer, place);
      connection.expectChannels([rtp, rtcp]);
      media.expectChannels(rtp, rtcp);
      receiver.expectChannels(rtp, rtcp);
    },
    start() {},
    close() {},
  };
}

async function overUdp(
  { reorderWait }: RtspCamera,
  socket: Socket,
  place: string,
  { connection, media, receiver }: Ends,
): Promise<PacketTransport> {
  const pair = await openUdpPair(socket.localAddress ?? '0.0.0.0');
  return new UdpTransport(
    pair,
    { address: socket.remoteAddress ?? '', place },
    {
      receive: (frames, memory) => receiver.receive(frames, memory),
      fail: (error) => connection.fail(error),
      get full() {
        return media.full;
      },
    },
    reorderWait,
  );
}

function readCredentials({ username, password }: RtspCamera): Credentials | undefined {
  if (username === undefined && password === undefined) return undefined;
  const credentials = { username: username ?? '', password: password ?? '' };
  if (hasControlCharacter(credentials.username))
    throw new NightglassError('ingest/bad-url', 'the user name holds a control character');
  return credentials;
}
