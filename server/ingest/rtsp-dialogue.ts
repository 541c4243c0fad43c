/** Requests over one connection, signed in when the camera asks for it. */
import { randomBytes } from 'node:crypto';
import { NightglassError } from '#wire/nightglass-error.ts';
import { authorization, type Challenge, type Credentials, strongestChallenge } from './rtsp-auth.ts';
import type { RtspConnection } from './rtsp-connection.ts';
import type { RtspResponse } from './rtsp-message.ts';

type Headers = readonly (readonly [string, string])[];

const TRIES_LIMIT = 3;

/** Remembers the camera's challenge, so that only the first request is refused for want of an answer to it. */
export class RtspDialogue {
  readonly #connection: RtspConnection;
  readonly #place: string;
  readonly #credentials: Credentials | undefined;
  readonly #onAnswer: () => void;
  #challenge: Challenge | undefined;
  #count = 0;

  /**
   * @param place how messages name the camera
   * @param onAnswer called at every answer, whatever it says
   */
  constructor(
    connection: RtspConnection,
    place: string,
    credentials: Credentials | undefined,
    onAnswer: () => void = () => {},
  ) {
    this.#connection = connection;
    this.#place = place;
    this.#credentials = credentials;
    this.#onAnswer = onAnswer;
  }

  /**
   * Asks, and asks again with the credentials when told to.
   * @returns the answer, of any status but 401 and 403
   * @throws NightglassError `ingest/unauthorised`, or why no answer came
   */
  async ask(method: string, url: string, headers: Headers = []): Promise<RtspResponse> {
    for (let tries = 1; ; tries += 1) {
      const response = await this.#connection.request(method, url, [...headers, ...this.#proof(method, url)]);
      this.#onAnswer();
      if (response.status === 403) throw this.#unauthorised('the camera forbids this user to look');
      if (response.status !== 401) return response;
      const challenge = strongestChallenge(response.headers.get('www-authenticate') ?? []);
      if (challenge === undefined)
        throw this.#unauthorised('the camera asks to sign in by a way Nightglass does not know');
      if (this.#credentials === undefined)
        throw this.#unauthorised('the camera asks for a user name and a password');
      // The first refusal may be of no answer, or of one to an older nonce; a later one only if it says so.
      const stale = challenge.scheme === 'digest' && challenge.stale;
      if (tries > 1 && (!stale || tries === TRIES_LIMIT))
        throw this.#unauthorised('the camera did not accept the user name and password');
      this.#challenge = challenge;
      this.#count = 0;
    }
  }

  #proof(method: string, url: string): Headers {
    if (this.#challenge === undefined || this.#credentials === undefined) return [];
    this.#count += 1;
    const use = { method, url, count: this.#count, cnonce: randomBytes(12).toString('hex') };
    return [['Authorization', authorization(this.#challenge, this.#credentials, use)]];
  }

  #unauthorised(what: string): NightglassError {
    return new NightglassError('ingest/unauthorised', `${this.#place}: ${what}`);
  }
}
