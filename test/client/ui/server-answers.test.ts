import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serverAddresses } from '../../../client/server-addresses.ts';
import { fetchCameras } from '../../../client/ui/camera-list.ts';
import { signIn, tokenIn } from '../../../client/ui/sign-in.ts';

let server: Server;
let base: URL;
let answer: { status: number; body: string };
let asked: { url: string | undefined; body: string };

beforeEach(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked = { url: request.url, body };
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/night/`);
});

afterEach(() => {
  server.closeAllConnections();
  return new Promise<void>((closed) => server.close(() => closed()));
});

const list = () => fetchCameras(base, new AbortController().signal);

describe('the list of cameras', () => {
  it('is asked for under the server’s base address', async () => {
    answer = { status: 200, body: '{"cameras":[{"name":"quay","title":"Quay"}],"version":"1.2.3"}' };
    expect(await list()).toEqual({
      outcome: 'listed',
      cameras: [{ name: 'quay', title: 'Quay' }],
      version: '1.2.3',
    });
    expect(asked.url).toBe('/night/api/cameras');
  });

  it('tells a signed-out viewer from a failure', async () => {
    answer = { status: 401, body: '{}' };
    expect(await list()).toEqual({ outcome: 'signed-out' });
    answer = { status: 503, body: '' };
    expect(await list()).toMatchObject({ outcome: 'failed', message: 'The server answered with 503.' });
  });

  it.each(['{}', 'null', '[]', '{"cameras":[{"name":1}]}', '{"cameras":[null]}'])(
    'refuses an answer of %s',
    async (body) => {
      answer = { status: 200, body };
      expect(await list()).toMatchObject({ outcome: 'failed' });
    },
  );

  it('survives a server that is away', async () => {
    await new Promise<void>((closed) => server.close(() => closed()));
    expect(await list()).toEqual({ outcome: 'failed', message: 'The server does not answer.' });
    server.listen(0);
  });
});

describe('signing in', () => {
  it('sends the credentials as they are', async () => {
    answer = { status: 204, body: '' };
    expect(await signIn(base, { username: 'ana', password: 'ö"x' })).toBeUndefined();
    expect(asked).toEqual({ url: '/night/api/login', body: '{"username":"ana","password":"ö\\"x"}' });
  });

  it('says what was not accepted', async () => {
    answer = { status: 401, body: '{}' };
    expect(await signIn(base, { token: 'x' })).toContain('token');
    expect(await signIn(base, { username: 'ana', password: 'x' })).toContain('password');
  });

  it('tells too many tries and a broken server from a wrong password', async () => {
    answer = { status: 429, body: '{}' };
    expect(await signIn(base, { token: 'x' })).toContain('Too many tries');
    answer = { status: 500, body: '{}' };
    expect(await signIn(base, { token: 'x' })).toContain('500');
  });

  it.each([
    ['abc', 'abc'],
    ['  abc\n', 'abc'],
    ['http://127.0.0.1:8440/?token=a%2Bc', 'a+c'],
    ['Nightglass ready: http://127.0.0.1:8440/?token=abc', 'abc'],
    ['http://127.0.0.1:8440/', 'http://127.0.0.1:8440/'],
  ])('finds the token in a pasted "%s"', (pasted, token) => {
    expect(tokenIn(pasted)).toBe(token);
  });
});

describe('where a page finds its server', () => {
  it('keeps to the base address and to TLS', () => {
    expect(serverAddresses(new URL('https://nvr.example/night/'))).toEqual({
      socket: 'wss://nvr.example/night/api/socket',
      models: 'https://nvr.example/night/models/',
      runtime: 'https://nvr.example/night/runtime/',
    });
    expect(serverAddresses(new URL('http://localhost:8440/')).socket).toBe('ws://localhost:8440/api/socket');
  });
});
