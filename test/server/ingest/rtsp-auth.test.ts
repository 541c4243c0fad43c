import fc from 'fast-check';
import { expect, test } from 'vitest';
import { authorization, type Challenge, strongestChallenge } from '../../../server/ingest/rtsp-auth.ts';

const USE = { method: 'DESCRIBE', url: 'rtsp://camera/quay', count: 1, cnonce: '0a4f113b' };

/** The challenge of one `WWW-Authenticate` value, which must be known. */
function challengeOf(value: string): Challenge {
  const challenge = strongestChallenge([value]);
  if (challenge === undefined) throw new Error('no known challenge');
  return challenge;
}

const RFC_7616 = {
  challenge: (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  credentials: { username: 'Mufasa', password: 'Circle of Life' },
  use: {
    method: 'GET',
    url: '/dir/index.html',
    count: 1,
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  },
};

test('answers the example of RFC 7616 §3.9.1 with SHA-256', () => {
  const { challenge, credentials, use } = RFC_7616;
  expect(authorization(challengeOf(challenge('SHA-256')), credentials, use)).toBe(
    'Digest username="Mufasa", realm="http-auth@example.org", ' +
      'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", ' +
      'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", algorithm=SHA-256, ' +
      'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", qop=auth, nc=00000001, ' +
      'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"',
  );
});

test('answers the example of RFC 7616 §3.9.1 with MD5', () => {
  const { challenge, credentials, use } = RFC_7616;
  expect(authorization(challengeOf(challenge('MD5')), credentials, use)).toContain(
    'response="8ca523f5e9506fed4657c9700eebdbec"',
  );
});

test('answers the example of RFC 2617 §3.5', () => {
  const challenge = challengeOf(
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
      'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  );
  const credentials = { username: 'Mufasa', password: 'Circle Of Life' };
  const use = { method: 'GET', url: '/dir/index.html', count: 1, cnonce: '0a4f113b' };
  expect(authorization(challenge, credentials, use)).toContain('response="6629fae49393a05397450978507c4ef1"');
});

test('answers a challenge without qop as RFC 2069 does, errata 749', () => {
  const challenge = challengeOf(
    'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
  );
  const credentials = { username: 'Mufasa', password: 'CircleOfLife' };
  const use = { method: 'GET', url: '/dir/index.html', count: 1, cnonce: 'unused' };
  const answer = authorization(challenge, credentials, use);
  expect(answer).toContain('response="1949323746fe6a43ef61f9606e7febea"');
  expect(answer).not.toMatch(/qop|nc=|cnonce|algorithm/);
});

test('mixes both nonces into the secret for a -sess algorithm', () => {
  const plain = challengeOf('Digest realm="r", nonce="n", algorithm=MD5, qop="auth"');
  const session = challengeOf('Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"');
  const credentials = { username: 'u', password: 'p' };
  // By hand with md5sum: MD5(MD5(MD5(u:r:p):n:0a4f113b):n:00000001:0a4f113b:auth:MD5(DESCRIBE:rtsp://camera/quay)).
  expect(authorization(session, credentials, USE)).toContain('response="5332078004b97f778b0e2e5ee082cef0"');
  expect(authorization(plain, credentials, USE)).not.toContain('response="5332078004b97f778b0e2e5ee082cef0"');
});

test('counts uses of a nonce in eight hexadecimal digits', () => {
  const challenge = challengeOf('Digest realm="r", nonce="n", qop="auth"');
  expect(authorization(challenge, { username: 'u', password: 'p' }, { ...USE, count: 31 })).toContain(
    'nc=0000001f',
  );
});

test('Basic carries user name and password in UTF-8', () => {
  const answer = authorization(
    challengeOf('Basic realm="quay"'),
    { username: 'Jäger', password: 'p:w' },
    USE,
  );
  expect(Buffer.from(answer.slice('Basic '.length), 'base64').toString()).toBe('Jäger:p:w');
});

test.each([
  [
    'SHA-256 before MD5 before Basic',
    ['Basic realm="b"', 'Digest realm="m", nonce="1"', 'Digest realm="s", nonce="2", algorithm=SHA-256'],
    's',
  ],
  [
    'whatever order they come in',
    ['Digest realm="s", nonce="2", algorithm=SHA-256', 'Digest realm="m", nonce="1"', 'Basic realm="b"'],
    's',
  ],
  ['several in one header', ['Basic realm="b", Digest realm="m", nonce="1", qop="auth"'], 'm'],
  ['the first of equals', ['Digest realm="first", nonce="1"', 'Digest realm="second", nonce="2"'], 'first'],
  [
    'a known one before an unknown hash',
    ['Digest realm="x", nonce="1", algorithm=SHA-1024', 'Digest realm="m", nonce="1"'],
    'm',
  ],
])('chooses the strongest challenge: %s', (_title, values, realm) => {
  const challenge = strongestChallenge(values);
  expect(challenge?.scheme === 'digest' && challenge.realm).toBe(realm);
});

test('knows no way in where only unknown schemes, hashes or auth-int are offered', () => {
  expect(strongestChallenge(['Bearer realm="x"'])).toBeUndefined();
  expect(strongestChallenge(['Digest realm="x", nonce="1", algorithm=SHA-1024'])).toBeUndefined();
  expect(strongestChallenge(['Digest realm="x", nonce="1", qop="auth-int"'])).toBeUndefined();
  expect(strongestChallenge([])).toBeUndefined();
});

test('a realm with commas, equals signs and escaped quotes is read and written back', () => {
  const challenge = challengeOf('Digest realm="Quay \\"7\\", north=cold", nonce="n", stale=TRUE');
  expect(challenge).toMatchObject({ realm: 'Quay "7", north=cold', stale: true });
  expect(authorization(challenge, { username: 'u', password: 'p' }, USE)).toContain(
    'realm="Quay \\"7\\", north=cold"',
  );
});

test('any header value is read without failing, and no answer to it breaks out of its line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const value = text.replace(/\p{Cc}/gu, ' ');
      const challenge = strongestChallenge([`Digest nonce="n", realm="${value}"`, value]);
      if (challenge === undefined) return true;
      return !/[\r\n]/.test(authorization(challenge, { username: 'u', password: 'p' }, USE));
    }),
  );
});
