/** Basic and Digest authentication (RFC 7616, RFC 2617), as RTSP uses them (RFC 2326 §14). Pure. */
import { createHash } from 'node:crypto';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** One way in that a camera offers and this client knows. */
export type Challenge = BasicChallenge | DigestChallenge;

export interface BasicChallenge {
  readonly scheme: 'basic';
}

export interface DigestChallenge {
  readonly scheme: 'digest';
  readonly hash: 'md5' | 'sha256';
  /** As the camera wrote it, e.g. `SHA-256-sess`; undefined when it wrote none, which means MD5. */
  readonly algorithm: string | undefined;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  /** True when `qop` offers `auth`; false when there is no `qop`, as cameras of RFC 2069's time do. */
  readonly qopAuth: boolean;
  /** True when only the nonce was too old, not the password wrong. */
  readonly stale: boolean;
}

const HASHES: ReadonlyMap<string, DigestChallenge['hash']> = new Map([
  ['md5', 'md5'],
  ['md5-sess', 'md5'],
  ['sha-256', 'sha256'],
  ['sha-256-sess', 'sha256'],
]);

/**
 * The strongest challenge of all `WWW-Authenticate` values: SHA-256 before MD5 before Basic, the first of
 * equals; undefined when none is known. Each value may hold several challenges.
 */
export function strongestChallenge(values: readonly string[]): Challenge | undefined {
  let best: Challenge | undefined;
  for (const challenge of values.flatMap(parseChallenges))
    if (best === undefined || strength(challenge) > strength(best)) best = challenge;
  return best;
}

const strength = (challenge: Challenge): number => {
  if (challenge.scheme === 'basic') return 0;
  return challenge.hash === 'md5' ? 1 : 2;
};

function parseChallenges(value: string): Challenge[] {
  // A token with a `=` and a value is a parameter; one without opens the next challenge.
  const item = /[\s,]*([^\s,="]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/y;
  const found: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  for (let match = item.exec(value); match !== null; match = item.exec(value)) {
    const [, token = '', quoted, plain] = match;
    const text = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    if (text === undefined) found.push({ scheme: token.toLowerCase(), parameters: new Map() });
    else found.at(-1)?.parameters.set(token.toLowerCase(), text);
  }
  return found.flatMap(({ scheme, parameters }) => readChallenge(scheme, parameters) ?? []);
}

function readChallenge(scheme: string, parameters: ReadonlyMap<string, string>): Challenge | undefined {
  if (scheme === 'basic') return { scheme };
  if (scheme !== 'digest') return undefined;
  const algorithm = parameters.get('algorithm');
  const hash = HASHES.get((algorithm ?? 'MD5').toLowerCase());
  const nonce = parameters.get('nonce');
  const qop = parameters
    .get('qop')
    ?.toLowerCase()
    .split(/[\s,]+/);
  if (hash === undefined || nonce === undefined) return undefined;
  // `auth-int` alone is left: no camera has been seen to ask for it.
  if (qop !== undefined && !qop.includes('auth')) return undefined;
  return {
    scheme,
    hash,
    algorithm,
    realm: parameters.get('realm') ?? '',
    nonce,
    opaque: parameters.get('opaque'),
    qopAuth: qop !== undefined,
    stale: parameters.get('stale')?.toLowerCase() === 'true',
  };
}

/** What one request adds to a digest. */
export interface DigestUse {
  readonly method: string;
  /** The URL exactly as it stands in the request line. */
  readonly url: string;
  /** How many requests used this nonce, this one included. */
  readonly count: number;
  /** The client's own nonce. */
  readonly cnonce: string;
}

/** The value of the `Authorization` header that answers a challenge. */
export function authorization(challenge: Challenge, credentials: Credentials, use: DigestUse): string {
  if (challenge.scheme === 'digest') return digestAuthorization(challenge, credentials, use);
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}

/** RFC 7616 §3.4; without qop the response of RFC 2069, which RFC 2617 §3.2.2.1 keeps. */
function digestAuthorization(challenge: DigestChallenge, credentials: Credentials, use: DigestUse): string {
  const { algorithm, realm, nonce, opaque, qopAuth } = challenge;
  const hash = (text: string): string => createHash(challenge.hash).update(text).digest('hex');
  const count = use.count.toString(16).padStart(8, '0');
  const secret = hash(`${credentials.username}:${realm}:${credentials.password}`);
  const perSession = algorithm?.toLowerCase().endsWith('-sess') === true;
  const a1 = perSession ? hash(`${secret}:${nonce}:${use.cnonce}`) : secret;
  const a2 = hash(`${use.method}:${use.url}`);
  const response = hash(
    qopAuth ? `${a1}:${nonce}:${count}:${use.cnonce}:auth:${a2}` : `${a1}:${nonce}:${a2}`,
  );
  return [
    `Digest username=${quote(credentials.username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(use.url)}`,
    `response="${response}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(qopAuth ? ['qop=auth', `nc=${count}`] : []),
    ...(qopAuth || perSession ? [`cnonce=${quote(use.cnonce)}`] : []),
  ].join(', ');
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
