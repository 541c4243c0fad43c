/** The steps from a connected camera to a playing one: OPTIONS, DESCRIBE, SETUP, PLAY (RFC 2326 §10). */
import { type ErrorCode, NightglassError } from '#wire/nightglass-error.ts';
import { type Micros, micros } from '#wire/time.ts';
import type { VideoTrack } from '../packets/rtp-item.ts';
import type { RtspDialogue } from './rtsp-dialogue.ts';
import { header, type RtspResponse } from './rtsp-message.ts';
import { readDescription } from './rtsp-sdp.ts';
import type { PacketTransport } from './rtsp-transport.ts';
import type { RtspAddress } from './rtsp-url.ts';

/** What was agreed with a camera that plays. */
export interface Playing {
  readonly kind: 'playing';
  readonly track: VideoTrack;
  /** For requests about the whole session. */
  readonly sessionUrl: string;
  /** The `Session` header to send, if the camera gave one. */
  readonly sessionHeader: readonly (readonly [string, string])[];
  /** Without a request for so long, the camera ends the session. */
  readonly sessionTimeout: Micros;
  /** True when the camera says that it knows GET_PARAMETER. */
  readonly knowsGetParameter: boolean;
}

/** The camera says to ask elsewhere. */
export interface Redirected {
  readonly kind: 'redirected';
  readonly location: string;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** RFC 2326 §12.37 */
const SESSION_TIMEOUT_SECONDS = 60;

/**
 * Asks for the first H.264 track and starts it; audio and other tracks are left alone.
 * @throws NightglassError `ingest/…`, `packets/unsupported-codec`
 */
export async function shakeHands(
  dialogue: RtspDialogue,
  address: RtspAddress,
  transport: PacketTransport,
): Promise<Playing | Redirected> {
  const { url, place } = address;
  // A refusal of OPTIONS says nothing yet; DESCRIBE will tell why.
  const options = await dialogue.ask('OPTIONS', url);
  const described = redirection(options) ? options : await dialogue.ask('DESCRIBE', url, [ACCEPT]);
  const location = redirection(described);
  if (location !== undefined) return { kind: 'redirected', location };
  expectOk(described, 'DESCRIBE', place);
  const sdp = Buffer.from(described.body).toString('utf8');
  const { track, trackUrl, sessionUrl } = readDescription(sdp, baseOf(described, url), place);

  const setUp = await dialogue.ask('SETUP', trackUrl, [['Transport', transport.offer]]);
  if (setUp.status === 461) throw new NightglassError('ingest/rejected', `${place}: ${transport.refusal}`);
  expectOk(setUp, 'SETUP', place);
  transport.agree(header(setUp, 'transport'));
  const session = readSession(header(setUp, 'session'));

  const played = await dialogue.ask('PLAY', sessionUrl, [...session.sessionHeader, ['Range', 'npt=0.000-']]);
  expectOk(played, 'PLAY', place);
  const offered = header(options, 'public') ?? '';
  return {
    kind: 'playing',
    track,
    sessionUrl,
    ...session,
    knowsGetParameter: /\bGET_PARAMETER\b/i.test(offered),
  };
}

const ACCEPT = ['Accept', 'application/sdp'] as const;

const redirection = (response: RtspResponse): string | undefined =>
  REDIRECTS.has(response.status) ? header(response, 'location') : undefined;

function expectOk(response: RtspResponse, method: string, place: string): void {
  const { status } = response;
  if (status >= 200 && status < 300) return;
  const [code, what] = refusal(status, method);
  // The camera's own words are left out: they may repeat what was sent to it.
  throw new NightglassError(code, `${place}: ${what}`);
}

function refusal(status: number, method: string): readonly [ErrorCode, string] {
  if (status === 404 || status === 410)
    return ['ingest/not-found', `no stream of that path (status ${status})`];
  return ['ingest/rejected', `200 OK was expected to ${method}, status ${status} came`];
}

/** RFC 2326 §C.1.1: Content-Base, Content-Location, the request's URL. */
function baseOf(described: RtspResponse, url: string): string {
  const bases = [header(described, 'content-base'), header(described, 'content-location')];
  return bases.find((base) => base !== undefined && /^rtsps?:\/\//i.test(base)) ?? url;
}

function readSession(value = ''): Pick<Playing, 'sessionHeader' | 'sessionTimeout'> {
  const [, id, timeout] = /^\s*([^;\s]+)(?:.*;\s*timeout\s*=\s*(\d{1,6}))?/i.exec(value) ?? [];
  return {
    sessionHeader: id === undefined ? [] : [['Session', id]],
    sessionTimeout: micros((Number(timeout) || SESSION_TIMEOUT_SECONDS) * 1_000_000),
  };
}
