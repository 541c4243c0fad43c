import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { watchLiveness } from '../../../server/socket/liveness.ts';

const EVERY_MS = 20;

/** A connected pair; the server's end is watched. */
async function pair(options: ClientOptions) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  const [socket] = (await once(server, 'connection')) as [WebSocket];
  await once(client, 'open');
  const watch = watchLiveness(socket, EVERY_MS);
  return {
    socket,
    client,
    watch,
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      client.terminate();
      socket.terminate();
      await new Promise((done) => server.close(done));
    },
  };
}

const pings = async (client: WebSocket, count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await once(client, 'ping');
};

describe('A viewer that is gone without a word', () => {
  it('is cut off after two pings it did not answer', async () => {
    await using silent = await pair({ autoPong: false });
    let heard = 0;
    silent.client.on('ping', () => heard++);
    const [code] = (await once(silent.client, 'close')) as [number];
    expect(code).toBe(1006);
    expect(heard).toBe(2);
  });

  it('cannot pass for one who reads by answering what it was not asked', async () => {
    await using blind = await pair({ autoPong: false });
    blind.client.on('ping', () => blind.client.pong('still here'));
    const [code] = (await once(blind.client, 'close')) as [number];
    expect(code).toBe(1006);
  });
});

describe('A viewer that answers', () => {
  it('is left alone', async () => {
    await using alive = await pair({});
    await pings(alive.client, 6);
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('may be one ping late', async () => {
    await using late = await pair({ autoPong: false });
    let before: Buffer | undefined;
    late.client.on('ping', (challenge: Buffer) => {
      if (before !== undefined) late.client.pong(before);
      before = challenge;
    });
    await pings(late.client, 6);
    expect(late.socket.readyState).toBe(WebSocket.OPEN);
  });
});
