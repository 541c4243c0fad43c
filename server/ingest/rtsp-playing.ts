/** A camera that plays: its packets, kept alive, and ended politely. */
import { type ErrorCode, NightglassError } from '#wire/nightglass-error.ts';
import { type Micros, micros } from '#wire/time.ts';
import type { RtpItem, VideoTrack } from '../packets/rtp-item.ts';
import type { RtspConnection } from './rtsp-connection.ts';
import type { RtspDialogue } from './rtsp-dialogue.ts';
import type { Playing } from './rtsp-handshake.ts';
import type { RtspMedia } from './rtsp-media.ts';
import type { PacketTransport } from './rtsp-transport.ts';

/** Over UDP, for the first packet: sooner than a picture is missed, so that the message names the likely reason. */
const FIRST_PACKET_TIMEOUT = micros(5_000_000);
/** A camera gets so long to answer TEARDOWN; the connection closes in any case. */
const TEARDOWN_TIMEOUT = micros(100_000);
const SHORTEST_KEEP_ALIVE = micros(1_000_000);

interface Parts {
  readonly connection: RtspConnection;
  readonly dialogue: RtspDialogue;
  readonly media: RtspMedia;
  readonly transport: PacketTransport;
}

/** A playing camera. Owns its connection and transport; disposing sends TEARDOWN, waits for it a moment and closes. */
export class RtspSession implements AsyncDisposable {
  readonly track: VideoTrack;
  readonly #playing: Playing;
  readonly #place: string;
  readonly #parts: Parts;
  readonly #mediaTimeout: Micros;
  readonly #signal: AbortSignal;
  #mediaTimer: NodeJS.Timeout;
  #sawPackets = false;
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
    const udp = parts.transport.kind === 'udp';
    const first = udp ? Math.min(FIRST_PACKET_TIMEOUT, mediaTimeout) : mediaTimeout;
    this.#mediaTimer = setTimeout(this.#onNoMedia, first / 1000);
    parts.media.onPackets = this.#onPackets;
    parts.media.onRoom = () => parts.connection.resume();
    signal.addEventListener('abort', this.#onAbort);
    parts.transport.start();
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
    this.#parts.transport.close();
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

  #onPackets = (): void => {
    if (this.#sawPackets) {
      this.#mediaTimer.refresh();
      return;
    }
    this.#sawPackets = true;
    clearTimeout(this.#mediaTimer);
    this.#mediaTimer = setTimeout(this.#onNoMedia, this.#mediaTimeout / 1000);
  };

  #onNoMedia = (): void => {
    const { connection, media, transport } = this.#parts;
    // While nobody reads here, packets cannot be missed.
    if (media.full) {
      this.#mediaTimer.refresh();
      return;
    }
    if (transport.kind === 'udp' && !this.#sawPackets)
      connection.fail(
        this.#failure(
          'ingest/udp-blocked',
          'RTP packets were expected over UDP, none came: a firewall may be in the way; transport: tcp avoids it',
        ),
      );
    else if (connection.outOfStep)
      connection.fail(this.#failure('ingest/garbage', 'RTP packets were expected, something else came'));
    else {
      const within = `within ${this.#mediaTimeout / 1_000_000} s`;
      connection.fail(this.#failure('ingest/silent', `RTP packets were expected ${within}, none came`));
    }
  };

  #failure(code: ErrorCode, what: string): NightglassError {
    return new NightglassError(code, `${this.#place}: ${what}`);
  }

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
