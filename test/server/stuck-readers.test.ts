import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { letsGoOfTheStuck } from '../../server/stuck-readers.ts';

/** More than the kernel takes for a client that does not read. */
const SEGMENT = Buffer.alloc(32 * 1024 * 1024);

describe('who asks for a segment', () => {
  const server = createServer();
  beforeEach(async () => {
    const app = express();
    app.get('/segment', letsGoOfTheStuck(200), (_request, response) => {
      response.send(SEGMENT);
    });
    server.on('request', app);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    server.removeAllListeners('request');
    server.closeAllConnections();
    server.close();
  });

  const port = (): number => (server.address() as AddressInfo).port;

  const connections = () =>
    new Promise<number>((count) => server.getConnections((_, number) => count(number)));

  it('and takes nothing of it is cut off', async () => {
    const socket = connect(port(), '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write('GET /segment HTTP/1.1\r\nHost: quay\r\n\r\n');
    await once(server, 'connection');
    await expect.poll(connections).toBe(0);
    socket.destroy();
  });

  it('and takes it slowly gets all of it, however long that is', async () => {
    const socket = connect(port(), '127.0.0.1');
    let bytes = 0;
    socket.on('data', ({ length }) => {
      bytes += length;
      socket.pause();
      setTimeout(() => socket.resume(), length / 50_000);
    });
    socket.write('GET /segment HTTP/1.1\r\nHost: quay\r\nConnection: close\r\n\r\n');
    await once(socket, 'close');
    expect(bytes).toBeGreaterThan(SEGMENT.length);
  });
});
