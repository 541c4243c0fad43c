import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type FrameReceiver, RtspConnection } from '../../../server/ingest/rtsp-connection.ts';
import { ReadMemory } from '../../../server/ingest/rtsp-memory.ts';
import { micros } from '../../../server/wire/time.ts';
import { IDR_SLICE, interleavedRtp } from '../../support/rtsp-script-server.ts';

/** The two ends of one TCP connection on loopback, closed at the end. */
async function pair(): Promise<{ near: Socket; memory: ReadMemory; far: Socket } & AsyncDisposable> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const memory = new ReadMemory();
  const { port } = server.address() as { port: number };
  const near = connect({ port, host: '127.0.0.1', onread: memory.onread });
  const [far] = (await once(server, 'connection')) as [Socket];
  far.on('error', () => {});
  return {
    near,
    memory,
    far,
    async [Symbol.asyncDispose]() {
      near.destroy();
      far.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A receiver that says `enough` to everything; `full` and `lost` settle at the first packets and at the end. */
function fullReceiver() {
  const told: { full(): void; lost(error: unknown): void } = { full: () => {}, lost: () => {} };
  const full = new Promise<void>((resolve) => {
    told.full = resolve;
  });
  const lost = new Promise<unknown>((resolve) => {
    told.lost = resolve;
  });
  const receiver: FrameReceiver = {
    receive() {
      // After the connection has acted on the answer.
      setImmediate(told.full);
      return 'enough';
    },
    fail: told.lost,
  };
  return { receiver, full, lost };
}

test('stops reading when the receiver has enough, and goes on when told to', async () => {
  await using ends = await pair();
  const { receiver, full } = fullReceiver();
  const connection = new RtspConnection(ends.near, ends.memory, 'camera', receiver, micros(1_000_000));
  ends.far.write(interleavedRtp(1, 0, IDR_SLICE));
  await full;
  expect(ends.near.isPaused()).toBe(true);
  connection.resume();
  expect(ends.near.isPaused()).toBe(false);
});

test('an answer nobody waits for is passed over', async () => {
  await using ends = await pair();
  const connection = new RtspConnection(
    ends.near,
    ends.memory,
    'camera',
    fullReceiver().receiver,
    micros(5_000_000),
  );
  ends.far.write('RTSP/1.0 500 Nobody asked\r\nCSeq: 77\r\n\r\n');
  ends.far.once('data', () => ends.far.write('RTSP/1.0 299 Fine\r\nCSeq: 1\r\n\r\n'));
  expect((await connection.request('OPTIONS', '*', [])).status).toBe(299);
});

test('a camera that floods us with questions and reads no answer is cut off', async () => {
  await using ends = await pair();
  const { receiver, lost } = fullReceiver();
  new RtspConnection(ends.near, ends.memory, 'camera', receiver, micros(1_000_000));
  ends.far.pause();
  const questions = Buffer.from('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n'.repeat(1_000));
  const flood = (): void => {
    while (!ends.far.destroyed && ends.far.write(questions));
  };
  ends.far.on('drain', flood);
  flood();
  expect(await lost).toMatchObject({ code: 'ingest/garbage', message: expect.stringContaining('answers') });
});

test('its end reaches every request that waits, and every later one', async () => {
  await using ends = await pair();
  const { receiver, lost } = fullReceiver();
  const connection = new RtspConnection(ends.near, ends.memory, 'camera', receiver, micros(5_000_000));
  const waiting = connection.request('OPTIONS', '*', []);
  ends.far.destroy();
  await expect(waiting).rejects.toMatchObject({ code: 'ingest/closed' });
  expect(await lost).toMatchObject({ code: 'ingest/closed' });
  await expect(connection.request('OPTIONS', '*', [])).rejects.toMatchObject({ code: 'ingest/closed' });
  expect(connection.open).toBe(false);
});
