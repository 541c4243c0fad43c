import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  readRtspAddress,
  redirectTarget,
  resolveControl,
  splitCredentials,
} from '../../../server/ingest/rtsp-url.ts';
import { NightglassError } from '../../../server/wire/nightglass-error.ts';

const CANARY = 'kanarienvogel';

/** What a call throws; fails the test when it throws nothing. */
function thrownBy(call: () => unknown): NightglassError {
  try {
    call();
  } catch (error) {
    if (error instanceof NightglassError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test.each([
  ['rtsp://host/path', { url: 'rtsp://host/path' }],
  ['rtsp://me@host/path', { url: 'rtsp://host/path', username: 'me' }],
  ['rtsp://me:@host/path', { url: 'rtsp://host/path', username: 'me', password: '' }],
  [
    'rtsp://me:s%40cret%2F@host:8554/a?b=c',
    { url: 'rtsp://host:8554/a?b=c', username: 'me', password: 's@cret/' },
  ],
  ['rtsp://me:a:b@host', { url: 'rtsp://host', username: 'me', password: 'a:b' }],
  ['rtsp://me:a@b@host/', { url: 'rtsp://host/', username: 'me', password: 'a@b' }],
  [
    'rtsp://j%C3%A4ger:%F0%9F%9A%A2@[::1]:554/x',
    { url: 'rtsp://[::1]:554/x', username: 'jäger', password: '🚢' },
  ],
  ['http://me:p@host/x.m3u8', { url: 'http://host/x.m3u8', username: 'me', password: 'p' }],
])('takes user name and password out of %s', (url, expected) => {
  expect(splitCredentials(url)).toEqual(expected);
});

test.each([
  `rtsp://me:${CANARY}%@host/path`,
  `rtsp://me:${CANARY}%E0%A4%A@host/path`,
  `rtsp://me:${CANARY}%0d%0aX: y@host/path`,
  `rtsp://me:${CANARY}/x@host/path`,
  `rtsp://me:x@${CANARY}/x@host/path`,
  `rtsp://me:${CANARY}?x@host/path`,
  `rtsp://me:${CANARY}#x@host/path`,
  `rtsp:/me:${CANARY}@host`,
  `me:${CANARY}@host`,
  `rtsp://me:${CANARY}\n@host`,
])('refuses %j without repeating the password', (url) => {
  const error = thrownBy(() => splitCredentials(url));
  expect(error.code).toBe('ingest/bad-url');
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(
    CANARY,
  );
});

test('refuses an overlong address without repeating it', () => {
  const error = thrownBy(() => splitCredentials(`rtsp://me:${CANARY}@${'h'.repeat(3000)}`));
  expect(error.code).toBe('ingest/bad-url');
  expect(error.message).not.toContain(CANARY);
});

test.each([
  ['rtsp://host/path', 'host', 554, 'host:554/path'],
  ['rtsp://host', 'host', 554, 'host:554'],
  ['RTSP://192.168.1.7:8554/a/b?token=x', '192.168.1.7', 8554, '192.168.1.7:8554/a/b'],
  ['rtsp://[fe80::1]:554/x', 'fe80::1', 554, '[fe80::1]:554/x'],
  ['rtsp://kamera-süd.example/x', 'xn--kamera-sd-x9a.example', 554, 'xn--kamera-sd-x9a.example:554/x'],
  ['rtsps://host/path', 'host', 322, 'host:322/path'],
  ['rtsp://host/user=me_password=secret_channel=1.sdp', 'host', 554, 'host:554/…'],
])('reads %s and names it without secrets', (url, host, port, place) => {
  expect(readRtspAddress(url)).toMatchObject({ host, port, place });
});

test('knows which addresses ask for TLS, and says so in request lines', () => {
  expect(readRtspAddress('RTSPS://host:7441/x')).toMatchObject({ secure: true, url: 'rtsps://host:7441/x' });
  expect(readRtspAddress('rtsp://host/x').secure).toBe(false);
});

test('a redirect may lead into TLS, and never out of it', () => {
  const bare = readRtspAddress('rtsp://host/cam');
  const secure = redirectTarget(bare, 'rtsps://host/cam');
  expect(secure).toMatchObject({ secure: true, port: 322 });
  expect(redirectTarget(secure, '/other').secure).toBe(true);
  expect(thrownBy(() => redirectTarget(secure, 'rtsp://host/cam')).message).toMatch(/without TLS/);
});

test('what stands in request lines is printable ASCII without a fragment', () => {
  expect(readRtspAddress('rtsp://höst:1/kai süd?x=ü#part').url).toBe(
    'rtsp://xn--hst-sna:1/kai%20s%C3%BCd?x=%C3%BC',
  );
});

test.each([
  '',
  'host/path',
  'http://host/path',
  'rtsp://',
  'rtsp:///path',
  'rtsp://ho st/path',
  'rtsp://host:port/path',
  'rtsp://host:0/path',
  'rtsp://host:65536/path',
  'rtsp://[::1/path',
  'rtsp://a:b:c/path',
  'rtsp://me:pw@host/path',
  'rtsp://host/\r\nTEARDOWN',
])('refuses the address %j', (url) => {
  expect(thrownBy(() => readRtspAddress(url)).code).toBe('ingest/bad-url');
});

test.each([
  ['rtsp://h/cam', '*', 'rtsp://h/cam'],
  ['rtsp://h/cam', '', 'rtsp://h/cam'],
  ['rtsp://h/cam', 'trackID=1', 'rtsp://h/cam/trackID=1'],
  ['rtsp://h/cam/', 'trackID=1', 'rtsp://h/cam/trackID=1'],
  ['rtsp://h/cam?channel=1&subtype=0/', 'trackID=0', 'rtsp://h/cam?channel=1&subtype=0/trackID=0'],
  ['rtsp://h/cam', '?track=1', 'rtsp://h/cam?track=1'],
  ['rtsp://h:1/cam/x?y', '/trackID=1', 'rtsp://h:1/trackID=1'],
  ['rtsp://h/cam', 'rtsp://10.0.0.1/other/track', 'rtsp://10.0.0.1/other/track'],
  ['rtsp://h/cam', 'rtsp://u:p@10.0.0.1/track', 'rtsp://10.0.0.1/track'],
  ['rtsps://h/cam', 'rtsps://10.0.0.1/track', 'rtsps://10.0.0.1/track'],
  ['rtsp://h/cam', 'a b\tc', 'rtsp://h/cam/a%20b%09c'],
])('resolves the control %s + %j', (base, control, expected) => {
  expect(resolveControl(base, control)).toBe(expected);
});

test('a redirect drops the credentials the camera wrote into it', () => {
  const from = readRtspAddress('rtsp://first/cam');
  expect(redirectTarget(from, 'rtsp://me:pw@second:1554/cam')).toMatchObject({
    url: 'rtsp://second:1554/cam',
  });
  expect(redirectTarget(from, '/other')).toMatchObject({ url: 'rtsp://first/other', host: 'first' });
  expect(thrownBy(() => redirectTarget(from, 'http://second/cam')).code).toBe('ingest/bad-url');
});

test('no text makes the address parsers throw anything but a NightglassError', () => {
  const address = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: fc.constantFrom(...'rtsp:/@?#%[]25. a\n\ud800') }).map((rest) => `rtsp://${rest}`),
  );
  fc.assert(
    fc.property(address, address, (url, other) => {
      for (const call of [
        () => splitCredentials(url),
        () => readRtspAddress(url),
        () => resolveControl(url, other),
        () => redirectTarget(readRtspAddress('rtsp://host/x'), url),
      ]) {
        try {
          call();
        } catch (error) {
          expect(error).toBeInstanceOf(NightglassError);
        }
      }
    }),
  );
});

test('an address that is accepted has nothing in it that could break out of a request line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (rest) => {
      let url: string;
      try {
        url = readRtspAddress(`rtsp://host/${rest}`).url;
      } catch {
        return true;
      }
      return /^[\x21-\x7e]*$/.test(url);
    }),
  );
});
