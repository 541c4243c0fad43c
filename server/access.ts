/** Who a request comes from, and which cameras that viewer may see. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { jwtVerify, SignJWT } from 'jose';
import type { Config } from './config.ts';

export interface Viewer {
  readonly name: string;
  mayView(camera: string): boolean;
}

export type Credentials =
  | { readonly token: string }
  | { readonly username: string; readonly password: string };

export interface Access {
  /** The token that signs in whoever holds it, with every right. */
  readonly token: string;
  /** Checks credentials and returns the value of the session cookie, or nothing where they are wrong. */
  signIn(credentials: Credentials): Promise<string | undefined>;
  /** Who sends this request: by cookie, by `Authorization: Bearer`, or by `?token=`. */
  viewerOf(request: IncomingMessage): Promise<Viewer | undefined>;
}

export const SESSION_COOKIE = 'nightglass';
export const SESSION_DAYS = 30;
const TOKEN_HOLDER = ' token';

export function createAccess(config: Pick<Config, 'token' | 'users'>): Access {
  const token = config.token ?? randomBytes(24).toString('base64url');
  // Sessions are signed with a key made of every secret: they outlive a restart with the same secrets, and end when one changes.
  const key = createHash('sha256')
    .update(JSON.stringify(['session', token, config.users]))
    .digest();

  const viewerNamed = (name: unknown): Viewer | undefined => {
    if (name === TOKEN_HOLDER) return { name: 'token', mayView: () => true };
    const user = config.users.find((known) => known.name === name);
    if (user === undefined) return undefined;
    return { name: user.name, mayView: (camera) => user.cameras === '*' || user.cameras.includes(camera) };
  };

  const sessionOf = async (cookie: string): Promise<Viewer | undefined> => {
    try {
      return viewerNamed((await jwtVerify(cookie, key, { algorithms: ['HS256'] })).payload.sub);
    } catch {
      // An expired or foreign cookie is no failure: its holder is signed out.
      return undefined;
    }
  };

  return {
    token,
    async signIn(credentials) {
      const name = 'token' in credentials ? tokenHolder(credentials.token) : userNamed(credentials);
      if (name === undefined) return undefined;
      return new SignJWT()
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(name)
        .setExpirationTime(`${SESSION_DAYS}d`)
        .sign(key);
    },
    async viewerOf(request) {
      const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? tokenInQuery(request);
      if (bearer !== undefined) return viewerNamed(tokenHolder(bearer));
      const cookie = cookieOf(request);
      return cookie === undefined ? undefined : sessionOf(cookie);
    },
  };

  function tokenHolder(given: string): string | undefined {
    return sameSecret(given, token) ? TOKEN_HOLDER : undefined;
  }

  function userNamed({ username, password }: { username: string; password: string }): string | undefined {
    const user = config.users.find((known) => known.name === username);
    // The comparison runs for an unknown name too, so that its time tells nothing.
    return sameSecret(password, user?.password ?? token) && user !== undefined ? user.name : undefined;
  }
}

/** Compares in a time that tells nothing of where the two differ. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function tokenInQuery(request: IncomingMessage): string | undefined {
  return new URLSearchParams(queryOf(request)).get('token') ?? undefined;
}

/** What stands behind the first `?` of a request's address, which may be anything. */
export function queryOf({ url = '' }: IncomingMessage): string {
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

function cookieOf(request: IncomingMessage): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === SESSION_COOKIE) return value;
  }
  return undefined;
}
