import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { UnitItem } from '../../../server/fanout/stream-item.ts';
import { ViewerWriter } from '../../../server/socket/viewer-writer.ts';
import { delta, seconds } from '../fanout/made-up-camera.ts';

const LARGE: UnitItem = {
  kind: 'unit',
  epoch: 1,
  group: 1,
  index: 1,
  unit: delta(1, 1024 * 1024),
  discontinuity: false,
  replay: false,
  publishedAt: seconds(1),
  runningAt: seconds(1),
};

/** A writer to a peer that does not read, and as much written to it as it takes. */
async function fullWriter() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [socket] = (await once(server, 'connection')) as [WebSocket];
  await once(peer, 'open');
  peer.pause();
  const writer = new ViewerWriter(socket);
  while (!writer.full) {
    writer.send(LARGE, 1);
    await new Promise(setImmediate);
  }
  return {
    peer,
    writer,
    async [Symbol.asyncDispose]() {
      peer.terminate();
      socket.terminate();
      await new Promise((done) => server.close(done));
    },
  };
}

describe('A full socket', () => {
  it('takes more as soon as its peer has read', async () => {
    await using full = await fullWriter();
    const drained = full.writer.drained();
    full.peer.resume();
    await drained;
    expect(full.writer.full).toBe(false);
  });

  it('keeps nobody waiting once the writer is disposed', async () => {
    await using full = await fullWriter();
    const waiting = full.writer.drained();
    full.writer[Symbol.dispose]();
    await waiting;
    await full.writer.drained();
    expect(full.writer.full).toBe(true);
  });
});
