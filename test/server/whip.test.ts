import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WhipDesk } from '../../server/ingest/whip-desk.ts';
import { whipRoutes } from '../../server/whip.ts';
import { audioSection, offerOf, videoSection } from '../support/whip-offers.ts';

const TOKEN = 'token-of-the-quay';
const OTHER = 'token-of-the-bow!';
const OFFER = offerOf(videoSection(), audioSection());
const network = { host: '127.0.0.1', addresses: [], iceServers: [] };

let server: Server;
let origin: string;
let quay: WhipDesk;
let bow: WhipDesk;

beforeEach(async () => {
  quay = new WhipDesk(network, 'refuse');
  bow = new WhipDesk(network, 'replace');
  const doors = new Map([
    ['quay', { token: TOKEN, desk: quay }],
    ['bow', { token: OTHER, desk: bow }],
  ]);
  const iceServers = [
    { urls: ['stun:stun.example.net'] },
    { urls: ['turn:turn.example.net?transport=udp'], username: 'ann', credential: 'relay-pass' },
  ];
  const app = express();
  app.use('/whip', whipRoutes({ doors, iceServers }));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await quay[Symbol.asyncDispose]();
  await bow[Symbol.asyncDispose]();
});

const authorization = `Bearer ${TOKEN}`;

function post(headers: Record<string, string> = {}, body = OFFER, camera = 'quay'): Promise<Response> {
  return fetch(`${origin}/whip/${camera}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/sdp', ...headers },
    body,
  });
}

async function published(): Promise<{ session: string; etag: string }> {
  const { headers } = await post();
  return { session: origin + headers.get('location'), etag: headers.get('etag') ?? '' };
}

function patch(session: string, headers: Record<string, string>, ufrag = 'Uf4g'): Promise<Response> {
  return fetch(session, {
    method: 'PATCH',
    headers: { authorization, 'content-type': 'application/trickle-ice-sdpfrag', ...headers },
    body: `a=ice-ufrag:${ufrag}\r\na=ice-pwd:x\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.4 5000 typ host\r\n`,
  });
}

describe('publishing over WHIP', () => {
  it('answers an offer with an answer that only receives, its session, its tag and the ICE servers', async () => {
    const response = await post();
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toMatch(/^application\/sdp/);
    expect(response.headers.get('location')).toMatch(/^\/whip\/quay\/[0-9a-f-]{36}$/);
    expect(response.headers.get('etag')).toMatch(/^"[0-9a-f]+"$/);
    expect(response.headers.get('link')).toBe(
      '<stun:stun.example.net>; rel="ice-server", <turn:turn.example.net?transport=udp>; rel="ice-server"; ' +
        'username="ann"; credential="relay-pass"; credential-type="password"',
    );
    const answer = await response.text();
    expect(answer).toContain('m=video 9 UDP/TLS/RTP/SAVPF 102 103\r\n');
    expect(answer).toContain('a=rtcp-fb:102 nack\r\n');
    expect(answer.match(/a=recvonly/g)).toHaveLength(2);
    expect(answer).toMatch(/a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 \d+ typ host/);
    expect(answer.match(/a=candidate:.*/g)?.join()).not.toMatch(/ (?!127\.0\.0\.1)\d+\.\d+\.\d+\.\d+ /);
  });

  it('is refused alike without a token, with a wrong one, with another camera’s, and for no camera', async () => {
    const answers = await Promise.all([
      post({ authorization: '' }),
      post({ authorization: 'Bearer wrong' }),
      post({ authorization: 'Basic dG9rZW4=' }),
      post({ authorization: `Bearer ${OTHER}` }),
      post({}, OFFER, 'nowhere'),
      post({ 'content-type': 'text/plain' }, 'x'.repeat(100_000), 'nowhere'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401]);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(bodies).size).toBe(1);
    expect(answers[0]?.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('slows the guessing of tokens', async () => {
    const guesses = Array.from({ length: 25 }, (_, guess) =>
      post({ authorization: `Bearer guess-${guess}` }),
    );
    expect((await Promise.all(guesses)).map(({ status }) => status)).toContain(429);
  });

  it.each([
    ['another content type', { 'content-type': 'text/plain' }, OFFER, 415, 'http/bad-request'],
    ['text that is no offer', {}, 'hello', 400, 'ingest/bad-offer'],
    ['an offer werift cannot read', {}, OFFER.replaceAll(/sha-256 [\w:]+/g, 'x'), 400, 'ingest/bad-offer'],
    ['a body over 64 KiB', {}, OFFER + 'a=x\r\n'.repeat(20_000), 413, 'http/bad-request'],
    [
      'no codec that is taken',
      {},
      offerOf(videoSection({ types: '96', codecs: ['a=rtpmap:96 H265/90000'] })),
      406,
      'packets/unsupported-codec',
    ],
  ])('refuses %s, and leaves the camera free', async (_what, headers, body, status, code) => {
    const response = await post(headers, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code, message: expect.any(String) });
    expect((await post()).status).toBe(201);
  });

  it('refuses a second publisher, or lets it take over, as the camera is set', async () => {
    const { session } = await published();
    const second = await post();
    expect(second.status).toBe(409);
    expect(await second.json()).toMatchObject({ code: 'ingest/already-published' });
    expect((await patch(session, { 'if-match': '*' })).status).toBe(422);

    const other = { authorization: `Bearer ${OTHER}` };
    const first = await post(other, OFFER, 'bow');
    expect((await post(other, OFFER, 'bow')).status).toBe(201);
    const gone = await fetch(origin + first.headers.get('location'), { method: 'DELETE', headers: other });
    expect(gone.status).toBe(404);
  });

  it('ends with DELETE, and the camera is free at once', async () => {
    const { session } = await published();
    expect((await fetch(session, { method: 'DELETE' })).status).toBe(401);
    const end = () => fetch(session, { method: 'DELETE', headers: { authorization } });
    expect((await end()).status).toBe(200);
    expect((await end()).status).toBe(404);
    expect((await post()).status).toBe(201);
  });

  it('takes candidates of its own ICE session, and no restart', async () => {
    const { session, etag } = await published();
    const answers = [
      await patch(session, { 'if-match': etag }),
      await patch(session, {}),
      await patch(session, { 'if-match': '"other"' }),
      await patch(session, { 'if-match': '*' }),
      await patch(session, { 'if-match': etag }, 'new1'),
      await patch(session, { 'if-match': etag, 'content-type': 'application/sdp' }),
      await patch(session, { 'if-match': etag, authorization: 'Bearer wrong' }),
      await patch(`${session}0`, { 'if-match': etag }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([204, 428, 412, 422, 422, 415, 401, 404]);
  });

  it('answers other methods with those it knows', async () => {
    const { session } = await published();
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
      const response = await fetch(`${origin}/whip/quay`, { method });
      expect([method, response.status, response.headers.get('allow')]).toEqual([
        method,
        405,
        'OPTIONS, POST',
      ]);
    }
    expect((await fetch(session, { method: 'POST' })).status).toBe(405);
  });

  it('lets pages of other origins ask, by preflight and in every answer', async () => {
    const preflight = await fetch(`${origin}/whip/quay`, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('accept-post')).toBe('application/sdp');
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/Authorization.*If-Match/);
    for (const response of [preflight, await post(), await post({ authorization: '' })]) {
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-expose-headers')).toMatch(/Location, ETag, Link/);
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it('reads no body of whoever has no right', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(
      'POST /whip/quay HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: 60000\r\n\r\nv=0',
    );
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  it('takes nobody any more once the server is stopping', async () => {
    await quay[Symbol.asyncDispose]();
    const response = await post();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
  });
});
