/** Signing in and being sent on, against a scripted camera that checks. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { openRtspSession, type RtspCamera } from '../../../server/ingest/rtsp-session.ts';
import { type ScriptRequest, startScriptCamera } from '../../support/rtsp-script-server.ts';

const NEVER = new AbortController().signal;
const CREDENTIALS = { username: 'kai', password: 'p:w "ß"' };

/** Opens a session and closes it again. */
async function visit(camera: RtspCamera): Promise<void> {
  await using _session = await openRtspSession(camera, NEVER);
}

/** A camera's side of Digest: refuses until the proof for its current nonce fits. */
function digestDoor(password = CREDENTIALS.password, algorithm: 'MD5' | 'SHA-256' = 'MD5') {
  let nonce = 'first';
  let uses = 0;
  const hash = (text: string): string => createHash(algorithm.replace('-', '')).update(text).digest('hex');
  const accepts = ({ method, url, headers }: ScriptRequest): boolean => {
    const proof = headers.get('authorization') ?? '';
    const part = (name: string): string => new RegExp(`${name}="?([^",]*)`).exec(proof)?.[1] ?? '';
    const secret = hash(`kai:Quay:${password}`);
    const right = `${secret}:${nonce}:${part('nc')}:${part('cnonce')}:auth:${hash(`${method}:${url}`)}`;
    return part('response') === hash(right) && Number.parseInt(part('nc'), 16) === uses + 1;
  };
  return {
    challenge: (stale: boolean) =>
      [
        'WWW-Authenticate',
        `Digest realm="Quay", nonce="${nonce}", qop="auth"${algorithm === 'MD5' ? '' : `, algorithm=${algorithm}`}${stale ? ', stale=true' : ''}`,
      ] as const,
    renew: (next: string): void => {
      nonce = next;
      uses = 0;
    },
    opens: (request: ScriptRequest): boolean => {
      if (!accepts(request)) return false;
      uses += 1;
      return true;
    },
  };
}

test.each([
  ['with stale=true', true],
  ['without saying why', false],
])('signs in, counts its uses of the nonce, and takes a new nonce %s', async (_title, stale) => {
  const door = digestDoor();
  await using camera = await startScriptCamera({
    before: (request, connection) => {
      if (request.method === 'SETUP' && request.headers.get('cseq') === '4') door.renew('second');
      if (door.opens(request)) return false;
      connection.reply(request, 401, [door.challenge(stale && request.method === 'SETUP')]);
      return true;
    },
  });
  await visit({ url: camera.url, ...CREDENTIALS });
  expect(camera.requests.map(({ method }) => method)).toEqual([
    'OPTIONS',
    'OPTIONS',
    'DESCRIBE',
    'SETUP',
    'SETUP',
    'PLAY',
    'TEARDOWN',
  ]);
});

test('signs in again when a nonce is stale by the time it is first used', async () => {
  const door = digestDoor();
  let refusals = 0;
  await using camera = await startScriptCamera({
    before: (request, connection) => {
      if (refusals >= 2 && door.opens(request)) return false;
      refusals += 1;
      door.renew(`nonce-${refusals}`);
      connection.reply(request, 401, [door.challenge(refusals === 2)]);
      return true;
    },
  });
  await visit({ url: camera.url, ...CREDENTIALS });
  expect(camera.requests.filter(({ method }) => method === 'OPTIONS')).toHaveLength(3);
});

test('a wrong password is tried once', async () => {
  const door = digestDoor('another');
  await using camera = await startScriptCamera({
    before: (request, connection) => {
      if (!door.opens(request)) connection.reply(request, 401, [door.challenge(false)]);
      return true;
    },
  });
  await expect(visit({ url: camera.url, ...CREDENTIALS })).rejects.toMatchObject({
    code: 'ingest/unauthorised',
  });
  expect(camera.requests).toHaveLength(2);
});

test('signs in to a camera that knows SHA-256 alone', async () => {
  const door = digestDoor(CREDENTIALS.password, 'SHA-256');
  await using camera = await startScriptCamera({
    before: (request, connection) => {
      if (door.opens(request)) return false;
      connection.reply(request, 401, [door.challenge(false)]);
      return true;
    },
  });
  await visit({ url: camera.url, ...CREDENTIALS });
  expect(camera.requests.map(({ method }) => method)).toEqual([
    'OPTIONS',
    'OPTIONS',
    'DESCRIBE',
    'SETUP',
    'PLAY',
    'TEARDOWN',
  ]);
});

test('of several ways to sign in it takes the strongest, and never sends the password in the clear then', async () => {
  await using camera = await startScriptCamera({
    before: (request, connection) => {
      if (request.headers.has('authorization')) return false;
      connection.reply(request, 401, [
        ['WWW-Authenticate', 'Basic realm="Quay"'],
        ['WWW-Authenticate', 'Digest realm="Quay", nonce="n", algorithm=SHA-256, qop="auth"'],
        ['WWW-Authenticate', 'Digest realm="Quay", nonce="n", algorithm=MD5'],
      ]);
      return true;
    },
  });
  await visit({ url: camera.url, ...CREDENTIALS });
  for (const { headers } of camera.requests.slice(1))
    expect(headers.get('authorization')).toMatch(/^Digest .*algorithm=SHA-256/);
});

test.each([301, 302, 303, 307, 308])(
  'follows a redirect with status %i, still signed in on the same host',
  async (status) => {
    await using camera = await startScriptCamera({
      before: (request, connection) => {
        if (!request.headers.has('authorization')) {
          connection.reply(request, 401, [['WWW-Authenticate', 'Basic realm="Quay"']]);
          return true;
        }
        if (request.method !== 'DESCRIBE' || request.url.endsWith('/there')) return false;
        connection.reply(request, status, [['Location', `rtsp://127.0.0.1:${camera.port}/there`]]);
        return true;
      },
    });
    await visit({ url: camera.url, ...CREDENTIALS });
    expect((await camera.asked('PLAY')).url).toBe(`rtsp://127.0.0.1:${camera.port}/there`);
  },
);

test('a camera cannot send the credentials to another host', async () => {
  await using other = await startScriptCamera({
    before: (request, connection) => {
      connection.reply(request, 401, [['WWW-Authenticate', 'Basic realm="Elsewhere"']]);
      return true;
    },
  });
  await using camera = await startScriptCamera({
    OPTIONS: (request, connection) =>
      connection.reply(request, 302, [['Location', `rtsp://x:y@localhost:${other.port}/`]]),
  });
  await expect(visit({ url: camera.url, ...CREDENTIALS })).rejects.toMatchObject({
    code: 'ingest/unauthorised',
  });
  expect(other.requests.map(({ headers }) => headers.has('authorization'))).toEqual([false]);
});
