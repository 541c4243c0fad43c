/** One visit to a camera: from its address to its packets, kept alive, and ended politely. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { type Micros, micros } from '#wire/time.ts';
import type { RtpItem, VideoTrack } from '../packets/rtp-item.ts';
import type { Credentials } from './rtsp-auth.ts';
import { RtspConnection } from './rtsp-connection.ts';
import { dial } from './rtsp-dial.ts';
import { RtspDialogue } from './rtsp-dialogue.ts';
import { type Playing, type Redirected, shakeHands } from './rtsp-handshake.ts';
import { RtspMedia } from './rtsp-media.ts';
import { ReadMemory } from './rtsp-memory.ts';
import { hasControlCharacter, type RtspAddress, readRtspAddress, redirectTarget } from './rtsp-url.ts';

/** A camera, and the patience with it. */
export interface RtspCamera {
  /** `rtsp://host[:port]/path`, without credentials. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** How long connecting, and each request, may take. 5 s when left out. */
  readonly answerTimeout?: Micros;
  /** How long packets may stay away. 10 s when left out. */
  readonly mediaTimeout?: Micros;
}

const ANSWER_TIMEOUT = micros(5_000_000);
const MEDIA_TIMEOUT = micros(10_000_000);
const REDIRECT_LIMIT = 5;
/** A camera gets so long to answer TEARDOWN; the connection closes in any case. */
const TEARDOWN_TIMEOUT = micros(100_000);
const SHORTEST_KEEP_ALIVE = micros(1_000_000);

/**
 * Connects and starts the first H.264 track, following redirects. Credentials go to the configured host only: a
 * camera cannot send them elsewhere.
 * @throws NightglassError `ingest/…`, `packets/unsupported-codec`; the signal's reason when it aborts meanwhile
 */
export async function openRtspSession(camera: RtspCamera, signal: AbortSignal): Promise<RtspSession> {
  const home = readRtspAddress(camera.url);
  const credentials = readCredentials(camera);
  let address = home;
  for (let hops = 0; hops <= REDIRECT_LIMIT; hops += 1) {
    const known = address.host === home.host ? credentials : undefined;
    const outcome = await visit(address, known, camera, signal);
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
  { answerTimeout = ANSWER_TIMEOUT, mediaTimeout = MEDIA_TIMEOUT }: RtspCamera,
  signal: AbortSignal,
): Promise<RtspSession | Redirected> {
  const { place } = address;
  const memory = new ReadMemory();
  const socket = await dial(address, memory, answerTimeout, signal);
  const media = new RtspMedia(place);
  media.onCopied = (copied) => memory.reuse(copied);
  const connection = new RtspConnection(socket, memory, place, media, answerTimeout);
  const onAbort = (): void => connection.fail(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    const dialogue = new RtspDialogue(connection, place, credentials);
    const outcome = await shakeHands(dialogue, address, (rtp, rtcp) => {
      connection.expectChannels([rtp, rtcp]);
      media.expectChannels(rtp, rtcp);
    });
    if (outcome.kind === 'playing')
      return new RtspSession(outcome, place, { connection, dialogue, media }, mediaTimeout, signal);
    connection.close();
    return outcome;
  } catch (error) {
    connection.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

interface Parts {
  readonly connection: RtspConnection;
  readonly dialogue: RtspDialogue;
  readonly media: RtspMedia;
}

/** A playing camera. Owns its connection; disposing sends TEARDOWN, waits for it a moment and closes. */
export class RtspSession implements AsyncDisposable {
  readonly track: VideoTrack;
  readonly #playing: Playing;
  readonly #place: string;
  readonly #parts: Parts;
  readonly #mediaTimeout: Micros;
  readonly #signal: AbortSignal;
  readonly #mediaTimer: NodeJS.Timeout;
  #keepAliveTimer: NodeJS.Timeout;
  #keepAliveMethod: 'GET_PARAMETER' | 'OPTIONS';

  constructor(playing: Playing, place: string, parts: Parts, mediaTimeout: Micros, signal: AbortSignal) {
    this.track = playing.track;
    this.#playing = playing;
    this.#place = place;
    this.#parts = parts;
    this.#mediaTimeout = mediaTimeout;
    this.#signal = signal;
    this.#keepAliveMethod = playing.knowsGetParameter ? 'GET_PARAMETER' : 'OPTIONS';
    this.#keepAliveTimer = this.#keepAliveSoon();
    this.#mediaTimer = setTimeout(this.#onNoMedia, mediaTimeout / 1000);
    parts.media.onPackets = () => this.#mediaTimer.refresh();
    parts.media.onRoom = () => parts.connection.resume();
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
  }

  /** For one consumer; ends when the signal aborts, throws when the connection ends by itself. */
  get items(): AsyncIterable<RtpItem> {
    return this.#parts.media;
  }

  /**
   * To be called when an access unit has been made: all items but the last handed out are then copied or dropped, and
   * the connection may read into their memory again. Who never calls it may keep the items.
   */
  unitMade(): void {
    this.#parts.media.unitMade();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#mediaTimer);
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#parts.media.end();
    if (this.#parts.connection.open) await this.#tearDown();
    clearTimeout(this.#keepAliveTimer);
  }

  async #tearDown(): Promise<void> {
    const { connection, dialogue } = this.#parts;
    const { sessionUrl, sessionHeader } = this.#playing;
    const timer = setTimeout(() => connection.close(), TEARDOWN_TIMEOUT / 1000);
    try {
      await dialogue.ask('TEARDOWN', sessionUrl, sessionHeader);
    } catch {
      // Whatever the camera answers, or not, this side has left.
    }
    clearTimeout(timer);
    connection.close();
  }

  #onAbort = (): void => this.#parts.media.end();

  #onNoMedia = (): void => {
    const { connection, media } = this.#parts;
    // While nobody reads here, packets cannot be missed.
    if (media.full) {
      this.#mediaTimer.refresh();
      return;
    }
    const within = `within ${this.#mediaTimeout / 1_000_000} s`;
    connection.fail(
      connection.outOfStep
        ? new NightglassError(
            'ingest/garbage',
            `${this.#place}: RTP packets were expected, something else came`,
          )
        : new NightglassError(
            'ingest/silent',
            `${this.#place}: RTP packets were expected ${within}, none came`,
          ),
    );
  };

  #keepAliveSoon(): NodeJS.Timeout {
    const period = Math.max(SHORTEST_KEEP_ALIVE, this.#playing.sessionTimeout / 2);
    return setTimeout(() => void this.#keepAlive(), period / 1000);
  }

  async #keepAlive(): Promise<void> {
    const { connection, dialogue } = this.#parts;
    const { sessionUrl, sessionHeader } = this.#playing;
    try {
      const { status } = await dialogue.ask(this.#keepAliveMethod, sessionUrl, sessionHeader);
      if (status >= 400) this.#keepAliveMethod = 'OPTIONS';
    } catch {
      // Some cameras never answer while they play; packets alone show whether the session lives.
    }
    if (connection.open) this.#keepAliveTimer = this.#keepAliveSoon();
  }
}

function readCredentials({ username, password }: RtspCamera): Credentials | undefined {
  if (username === undefined && password === undefined) return undefined;
  const credentials = { username: username ?? '', password: password ?? '' };
  if (hasControlCharacter(credentials.username))
    throw new NightglassError('ingest/bad-url', 'the user name holds a control character');
  return credentials;
}
