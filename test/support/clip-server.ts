/** A server that keeps clips, in this process, with a user who may see one of its two cameras. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createAccess } from '../../server/access.ts';
import { Camera } from '../../server/camera.ts';
import { type ClipLimits, ClipStore } from '../../server/clips/clip-store.ts';
import { readRequest } from '../../server/config.ts';
import { openHttp } from '../../server/http.ts';
import type { MadeClip } from './made-clip.ts';
import { PAGE_FOLDERS } from './page-folders.ts';

const FILE = `
users: [{ name: office, password: in the office, cameras: [quay] }]
cameras: { quay: { url: 'rtsp://127.0.0.1/quay' }, bridge: { url: 'rtsp://127.0.0.1/bridge' } }
`;
export const TOKEN = { authorization: 'Bearer the-token' };
export type Headers = Record<string, string>;

export type ClipServer = Awaited<ReturnType<typeof startClipServer>>;

export async function startClipServer(folder: string | undefined, limits: ClipLimits) {
  const request = readRequest(['--config', 'x', '--token', 'the-token', '--port', '0'], () => FILE, '');
  if (request.kind !== 'serve') throw new Error('not to serve');
  const { config } = request;
  const log = pino({ level: 'silent' });
  const clips = folder === undefined ? undefined : ClipStore.open(folder, limits, log);
  const silent = { async *units() {} };
  const server = await openHttp({
    ...{ config, access: createAccess(config), log, renditions: new Map() },
    cameras: new Map(
      config.cameras.map((settings) => [settings.name, new Camera(settings, silent, config.limits, log)]),
    ),
    ...(clips === undefined ? {} : { clips }),
    certificate: undefined,
    version: '1',
    metrics: new Registry(),
    folders: PAGE_FOLDERS,
  });
  const { origin } = server;
  const address = (path: string) => `${origin}/api/clips${path}`;
  const put = (path: string, body: Buffer, headers: Headers = TOKEN) =>
    fetch(address(path), { method: 'PUT', body: new Uint8Array(body), headers });
  return {
    origin,
    clips,
    put,
    get: (path: string, headers: Headers = TOKEN) => fetch(address(path), { headers }),
    remove: (path: string, headers: Headers = TOKEN) => fetch(address(path), { method: 'DELETE', headers }),
    /** Sends all of a clip; gives the statuses of the answers. */
    async keep({ id, files }: MadeClip, headers: Headers = TOKEN): Promise<number[]> {
      const statuses: number[] = [];
      for (const [name, data] of files) statuses.push((await put(`/${id}/${name}`, data, headers)).status);
      return statuses;
    },
    /** The cookie of the user who may see quay. */
    async office(): Promise<Headers> {
      const signIn = await fetch(`${origin}/api/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'office', password: 'in the office' }),
      });
      return { cookie: signIn.headers.get('set-cookie')?.split(';')[0] ?? '' };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      clips?.[Symbol.dispose]();
    },
  };
}

/** A connection of its own, which sends what no browser would. */
export async function dial(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

/** The head of a request; `length` is left out where the body comes in chunks. */
export const head = (method: string, path: string, length?: number): string =>
  [
    `${method} ${path} HTTP/1.1`,
    'host: nightglass',
    `authorization: ${TOKEN.authorization}`,
    length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`,
    '\r\n',
  ].join('\r\n');

/** The first answer on a connection. */
export async function answerOn(socket: Socket): Promise<{ status: number; body: string }> {
  let text = '';
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    text += piece;
    const [answer, body] = text.split('\r\n\r\n');
    const length = Number(/content-length: (\d+)/i.exec(answer ?? '')?.[1] ?? 0);
    if (body !== undefined && body.length >= length)
      return { status: Number(text.split(' ')[1]), body: body.slice(0, length) };
  }
  return { status: 0, body: text };
}
