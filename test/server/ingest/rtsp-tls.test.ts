/** RTSP over TLS: which certificates are trusted, and that nothing is said to a camera that is not. */
import { expect, test } from 'vitest';
import { openRtspSession, type RtspCamera } from '../../../server/ingest/rtsp-session.ts';
import { rtspSource } from '../../../server/ingest/rtsp-source.ts';
import { distrust, isFingerprint } from '../../../server/ingest/rtsp-tls.ts';
import type { AccessUnit } from '../../../server/wire/access-unit.ts';
import { NightglassError } from '../../../server/wire/nightglass-error.ts';
import { startGstCamera } from '../../support/gst-camera.ts';
import { interleavedRtp, startScriptCamera } from '../../support/rtsp-script-server.ts';
import { startTlsFront } from '../../support/tls-front.ts';

const NEVER = new AbortController().signal;
const SHOWN = Array.from({ length: 32 }, () => 'AB').join(':');
const judged = (
  trust: Parameters<typeof distrust>[0],
  problem?: string,
  fingerprint: string | undefined = SHOWN,
) => distrust(trust, { fingerprint, problem }, 'quay');

test('a certificate that the authorities vouch for is trusted, any other is not, and its fingerprint is shown', () => {
  expect(judged({})).toBeUndefined();
  expect(judged({}, 'CERT_HAS_EXPIRED')).toMatchObject({
    code: 'ingest/untrusted-certificate',
    message: expect.stringMatching(new RegExp(`^quay: .*CERT_HAS_EXPIRED.*${SHOWN}`)),
  });
});

test('the pinned certificate is trusted whoever signed it, however its fingerprint is written', () => {
  for (const fingerprint of [SHOWN, SHOWN.toLowerCase(), SHOWN.replaceAll(':', '')])
    expect(judged({ fingerprint }, 'DEPTH_ZERO_SELF_SIGNED_CERT')).toBeUndefined();
});

test('another certificate than the pinned one is not trusted, even one that the authorities vouch for', () => {
  const fingerprint = SHOWN.replace('AB', 'AC');
  expect(judged({ fingerprint })?.message).toContain(SHOWN);
  expect(judged({ fingerprint, rejectUnauthorised: false })?.code).toBe('ingest/untrusted-certificate');
});

test('any certificate is taken where the operator says so, but one there must be', () => {
  expect(judged({ rejectUnauthorised: false }, 'CERT_HAS_EXPIRED')).toBeUndefined();
  expect(
    distrust({ rejectUnauthorised: false }, { fingerprint: undefined, problem: 'x' }, 'quay')?.message,
  ).toMatch(/none came/);
});

test('tells a fingerprint from what is none', () => {
  expect([SHOWN, SHOWN.toLowerCase().replaceAll(':', '')].map(isFingerprint)).toEqual([true, true]);
  expect(['', SHOWN.slice(3), `${SHOWN}:AB`, SHOWN.replace('A', 'G')].map(isFingerprint)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

const failureOf = async (camera: RtspCamera): Promise<NightglassError> => {
  try {
    await using _session = await openRtspSession(camera, NEVER);
  } catch (error) {
    if (error instanceof NightglassError) return error;
    throw error;
  }
  throw new Error('the camera did not fail');
};

test('nothing is said to a camera whose certificate is not trusted; the message helps to pin it', async () => {
  await using camera = await startScriptCamera();
  await using front = await startTlsFront(camera.port);
  const url = `rtsps://127.0.0.1:${front.port}/quay?token=query-canary`;
  const error = await failureOf({ url });
  expect(error.code).toBe('ingest/untrusted-certificate');
  expect(error.message).toContain(front.fingerprint);
  expect(error.message).not.toContain('canary');
  const wrong = front.fingerprint.replace(/^../, front.fingerprint.startsWith('00') ? '01' : '00');
  expect((await failureOf({ url, tls: { fingerprint: wrong } })).code).toBe('ingest/untrusted-certificate');
  expect([front.bytes, camera.requests]).toEqual([0, []]);
});

test.each(['pinned', 'unchecked'])('packets come over TLS in order, its certificate %s', async (way) => {
  const count = 5_000;
  const packets = Array.from({ length: count }, (_, index) =>
    interleavedRtp(index, index, new Uint8Array(1_200)),
  );
  await using camera = await startScriptCamera({
    PLAY: (request, connection) => {
      connection.reply(request, 200);
      connection.send(Buffer.concat(packets));
    },
  });
  await using front = await startTlsFront(camera.port);
  const url = `rtsps://127.0.0.1:${front.port}/quay`;
  const tls = way === 'pinned' ? { fingerprint: front.fingerprint } : { rejectUnauthorised: false };
  await using session = await openRtspSession({ url, tls }, NEVER);
  let expected = 0;
  for await (const item of session.items) {
    if (item.kind !== 'rtp' || item.sequence !== expected) expect(item).toMatchObject({ sequence: expected });
    expected += 1;
    if (expected === count) break;
  }
  expect(camera.requests[0]?.url).toBe(url);
});

test('a camera of another maker is read over TLS, signed in', async () => {
  await using camera = await startGstCamera({
    width: 160,
    height: 96,
    gop: 10,
    user: 'me',
    password: 'secret',
  });
  await using front = await startTlsFront(camera.port);
  const url = `rtsps://127.0.0.1:${front.port}/camera`;
  const tls = { fingerprint: front.fingerprint };
  const units: AccessUnit[] = [];
  for await (const unit of rtspSource({ url, tls, username: 'me', password: 'secret' }).units(NEVER))
    if (units.push(unit) === 25) break;
  expect(units[0]).toMatchObject({ key: true, config: { codedWidth: 160, codedHeight: 96 } });
});

test('a port that does not speak TLS', async () => {
  await using camera = await startScriptCamera({
    onConnect: (connection) => connection.send('RTSP/1.0 400 x\r\n\r\n'),
  });
  const error = await failureOf({ url: `rtsps://127.0.0.1:${camera.port}/quay` });
  expect([error.code, error.message]).toEqual(['ingest/garbage', expect.stringMatching(/TLS was expected/)]);
  await camera.deserted();
});

test('being told to stop during the handshake connects to nothing', async () => {
  await using camera = await startScriptCamera({ onConnect: () => stop.abort(new Error('enough')) });
  const stop = new AbortController();
  const url = `rtsps://127.0.0.1:${camera.port}/quay`;
  await expect(openRtspSession({ url }, stop.signal)).rejects.toThrow('enough');
  await camera.deserted();
});

test('RTP over UDP is not asked for beside TLS, since it would be bare', async () => {
  const error = await failureOf({ url: 'rtsps://127.0.0.1/quay', transport: 'udp' });
  expect([error.code, error.message]).toEqual(['ingest/bad-url', expect.stringMatching(/over TCP alone/)]);
});

test('trust in a certificate does not follow a redirect to another host', async () => {
  await using camera = await startScriptCamera();
  await using elsewhere = await startTlsFront(camera.port);
  await using gate = await startScriptCamera({
    DESCRIBE: (request, connection) =>
      connection.reply(request, 302, [['Location', `rtsps://localhost:${elsewhere.port}/quay`]]),
  });
  const error = await failureOf({ url: gate.url, tls: { fingerprint: elsewhere.fingerprint } });
  expect(error.code).toBe('ingest/untrusted-certificate');
});
