/** `WWW-Authenticate`, and the answer to it. */
import { authorization, strongestChallenge } from '../../../server/ingest/rtsp-auth.ts';
import { LINES } from '../parts.ts';
import { holds, type Target, wordsOf } from '../target.ts';

const CREDENTIALS = { username: 'ann "the \\ quay"', password: 'a secret 4711' };
const USE = { method: 'DESCRIBE', url: 'rtsp://camera/quay', count: 1, cnonce: '0a4f113b' };

/** Each line is the value of one header, as the parser leaves it: without control characters. */
export const RTSP_AUTH: Target = {
  name: 'rtsp-auth',
  limit: 8_192,
  words: wordsOf(
    'Digest ',
    'Basic ',
    'realm="',
    'nonce="',
    'qop="auth',
    'algorithm=',
    'SHA-256',
    'MD5-sess',
    'stale=',
  ).concat(wordsOf('"', '\\"', '\\', ',', '=', ' ', 'auth-int')),
  parts: LINES,
  text: true,
  seeds: () =>
    [
      'Digest realm="quay", nonce="7ypf/xlj9XXwfDPEoM4", opaque="FQhe", qop="auth, auth-int", algorithm=SHA-256\nBasic realm="quay"',
      'Digest realm="a \\"quay\\"", nonce="1", algorithm=MD5-sess, stale=TRUE, Basic realm=x',
      'Basic realm="IP Camera(\\\\)", Digest realm="x",nonce="2"',
    ].map((text) => Buffer.from(text)),
  take(input) {
    const values = Buffer.from(input)
      .toString('utf8')
      .split('\n')
      .map((line) => line.replace(/\p{Cc}/gu, ' '));
    const challenge = strongestChallenge(values);
    if (challenge === undefined) return 'none';
    const answer = authorization(challenge, CREDENTIALS, USE);
    holds(!/\p{Cc}/u.test(answer), 'the answer is one line');
    holds(!answer.includes(CREDENTIALS.password), 'the password is not in the answer');
    holds(answer.length < 4 * input.length + 500, 'the answer is little longer than the challenge');
    return challenge.scheme === 'basic'
      ? 'basic'
      : `${challenge.hash} ${challenge.qopAuth} ${challenge.stale}`;
  },
};
