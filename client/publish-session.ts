/** One WHIP session from a browser (RFC 9725): offer, answer, candidates, end. */

/** Why publishing did not work, and whether trying again may help. */
export class PublishRefused extends Error {
  readonly again: boolean;

  constructor(message: string, again: boolean) {
    super(message);
    this.again = again;
  }
}

export interface PublishTarget {
  /** Base address of the server, with a trailing slash. */
  readonly server: URL;
  readonly camera: string;
  readonly token: string;
}

const FRAGMENT = 'application/trickle-ice-sdpfrag';
/** Candidates found within this travel together. Milliseconds. */
const GATHER_MS = 150;

/**
 * Sends a video track until `signal` aborts or the connection breaks; then resolves. `onLive` is called when it flows.
 * The STUN and TURN servers of the answer are used because gathering begins only after it (RFC 9725 §4.6).
 * @throws PublishRefused
 */
export async function publishTrack(
  track: MediaStreamTrack,
  { server, camera, token }: PublishTarget,
  signal: AbortSignal,
  onLive: () => void,
): Promise<void> {
  const peer = new RTCPeerConnection();
  const authorization = `Bearer ${token}`;
  let session: URL | undefined;
  try {
    const offer = await offerOf(peer, track);
    const response = await ask(new URL(`whip/${encodeURIComponent(camera)}`, server), {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/sdp' },
      body: offer.sdp ?? '',
      signal,
    });
    const answer = await response.text();
    session = new URL(response.headers.get('location') ?? '', response.url);
    peer.setConfiguration({ iceServers: iceServersIn(response.headers.get('link') ?? '') });
    trickle(peer, session, { authorization, 'if-match': response.headers.get('etag') ?? '' });
    await peer.setLocalDescription(offer);
    await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    await over(peer, signal, onLive);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    peer.close();
    if (session) endSession(session, authorization);
  }
}

/** Also works while the page goes away. */
function endSession(session: URL, authorization: string): void {
  fetch(session, { method: 'DELETE', headers: { authorization }, keepalive: true }).catch(() => {});
}

/** Best first: H.264 is decoded by every viewer's browser. */
const TAKEN = ['video/H264', 'video/VP8', 'video/VP9'];

async function offerOf(peer: RTCPeerConnection, track: MediaStreamTrack): Promise<RTCSessionDescriptionInit> {
  const transceiver = peer.addTransceiver(track, { direction: 'sendonly' });
  const codecs = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
  const preferred = TAKEN.flatMap((name) => codecs.filter(({ mimeType }) => mimeType === name));
  if (preferred.length === 0)
    throw new PublishRefused('This browser cannot send video that the server takes. Try another one.', false);
  transceiver.setCodecPreferences([
    ...preferred,
    ...codecs.filter(({ mimeType }) => mimeType === 'video/rtx'),
  ]);
  return peer.createOffer();
}

async function ask(address: URL, request: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, request);
  } catch {
    throw new PublishRefused('The server does not answer.', true);
  }
  if (response.ok) return response;
  const { status } = response;
  if (status === 401) throw new PublishRefused('This token does not let you publish to this camera.', false);
  if (status === 409) throw new PublishRefused('Somebody else publishes to this camera.', true);
  if (status === 429) throw new PublishRefused('Too many tries. Wait a minute and try again.', false);
  throw new PublishRefused(`The server answered with ${status}.`, status >= 500);
}

/** Sends candidates as they are found; a connection that forms without them needs none of this. */
function trickle(peer: RTCPeerConnection, session: URL, headers: Record<string, string>): void {
  let found: string[] = [];
  const send = () => {
    const sdp = peer.localDescription?.sdp ?? '';
    const [ufrag = ''] = /a=ice-ufrag:.*/.exec(sdp) ?? [];
    const [pwd = ''] = /a=ice-pwd:.*/.exec(sdp) ?? [];
    const body = [ufrag.trim(), pwd.trim(), 'm=video 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0', ...found, ''].join(
      '\r\n',
    );
    found = [];
    fetch(session, { method: 'PATCH', headers: { ...headers, 'content-type': FRAGMENT }, body }).catch(
      () => {},
    );
  };
  peer.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate === null || candidate.candidate === '') return;
    if (found.length === 0) setTimeout(send, GATHER_MS);
    found.push(`a=${candidate.candidate}`);
  });
}

function over(peer: RTCPeerConnection, signal: AbortSignal, onLive: () => void): Promise<void> {
  return new Promise((done) => {
    signal.addEventListener('abort', () => done(), { once: true });
    if (signal.aborted) done();
    peer.addEventListener('connectionstatechange', () => {
      if (peer.connectionState === 'connected') onLive();
      if (['failed', 'closed'].includes(peer.connectionState)) done();
    });
  });
}

/** The servers of `Link: <turn:…>; rel="ice-server"; username="…"; credential="…"`. */
export function iceServersIn(link: string): RTCIceServer[] {
  const servers: RTCIceServer[] = [];
  for (const [, urls = '', rest = ''] of link.matchAll(/<([^>]+)>((?:\s*;\s*[\w-]+="[^"]*")*)/g)) {
    const parameters = new Map(
      [...rest.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    const username = parameters.get('username');
    const credential = parameters.get('credential');
    if (parameters.get('rel') === 'ice-server')
      servers.push({ urls, ...(username && credential ? { username, credential } : {}) });
  }
  return servers;
}
