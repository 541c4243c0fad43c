import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Codec } from '#wire/access-unit.ts';
import { Link, type LinkState } from '../../../client/socket/link.ts';
import { encodeHeader, type MediaMessage, payload, SUBPROTOCOL } from '../../../server/wire/message.ts';
import { micros } from '../../../server/wire/time.ts';
import { unit } from '../messages.ts';

/** What the page's link meets: a real server on loopback, and each socket's messages in order. */
let server: WebSocketServer;
let page: AbortController;
let states: LinkState['state'][];
let link: Link;

/** Resolves when the link enters this state. */
let entered: (state: LinkState['state']) => Promise<void>;

beforeEach(async () => {
  // Node 20 has no WebSocket of its own; ws's has the browser's interface.
  Object.assign(globalThis, { WebSocket });
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => SUBPROTOCOL });
  await once(server, 'listening');
  page = new AbortController();
  states = [];
  const waiting = new Map<LinkState['state'], () => void>();
  entered = (state) => new Promise((resolve) => waiting.set(state, resolve));
  link = new Link(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, page.signal, ({ state }) => {
    states.push(state);
    waiting.get(state)?.();
  });
});

afterEach(async () => {
  page.abort();
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

const WISH = { want: 'live', rendition: 'sub' } as const;
const news = { camera: () => {}, refused: () => {} };

/** One end of a socket as the server has it, with all that came. */
interface Ears {
  readonly socket: WebSocket;
  /** The next message of a type that was not asked for yet; the clock's questions come in between. */
  heard(type: string): Promise<Record<string, unknown>>;
}

async function nextSocket(): Promise<Ears> {
  const [socket] = (await once(server, 'connection')) as [WebSocket];
  const messages: Record<string, unknown>[] = [];
  let wake = () => {};
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)));
    wake();
  });
  const heard = async (type: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const at = messages.findIndex((message) => message.type === type);
      if (at >= 0) return messages.splice(at, 1)[0]!;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { socket, heard };
}

function send({ socket }: Ears, message: MediaMessage): void {
  socket.send(Buffer.concat([encodeHeader(message), payload(message)]));
}

describe("the page's link to the server", () => {
  it('asks for every tile again on every new socket, without end', async () => {
    link.open('quay', WISH, news);
    const first = await nextSocket();
    expect(await first.heard('open')).toMatchObject({ camera: 'quay', want: 'live' });
    const second = nextSocket();
    first.socket.terminate();
    expect(await (await second).heard('open')).toMatchObject({ camera: 'quay' });
    const third = nextSocket();
    link.drop();
    expect(await (await third).heard('open')).toMatchObject({ camera: 'quay' });
    expect(link.reconnects).toBe(2);
    expect(states).toEqual(['connecting', 'open', 'connecting', 'open', 'connecting', 'open']);
  });

  it('asks again with what the tile wants by now', async () => {
    const stream = link.open('quay', WISH, news);
    const first = await nextSocket();
    await first.heard('open');
    stream.want('pause');
    expect(await first.heard('want')).toMatchObject({ want: 'pause' });
    const second = nextSocket();
    link.drop();
    expect(await (await second).heard('open')).toMatchObject({ want: 'pause' });
  });

  it('asks with the rendition the tile wants by now, and changes it on a socket that stays', async () => {
    const stream = link.open('quay', WISH, news);
    const first = await nextSocket();
    expect(await first.heard('open')).toMatchObject({ rendition: 'sub' });
    stream.rendition('sub');
    stream.rendition('main');
    expect(await first.heard('rendition')).toMatchObject({ rendition: 'main' });
    const second = nextSocket();
    link.drop();
    expect(await (await second).heard('open')).toMatchObject({ rendition: 'main' });
  });

  it('asks for nothing before it knows what the browser decodes, and then says it', async () => {
    let know: (codecs: readonly Codec[]) => void = () => {};
    const codecs = new Promise<readonly Codec[]>((resolve) => {
      know = resolve;
    });
    const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const opened = new Promise<void>((resolve) => {
      link = new Link(address, page.signal, ({ state }) => state === 'open' && resolve(), codecs);
    });
    link.open('quay', WISH, news);
    const both = [await nextSocket(), await nextSocket()];
    await opened;
    know(['h264']);
    const first = Promise.race(both.map((ears) => ears.heard('open')));
    expect(await first).toMatchObject({ camera: 'quay', decodes: ['h264'] });
  });

  it('joins again without H.265 where the browser cannot decode what a camera sends, once', async () => {
    const stream = link.open('quay', WISH, news);
    const ears = await nextSocket();
    expect(await ears.heard('open')).toMatchObject({ decodes: ['h264', 'h265'] });
    expect(stream.avoidH265()).toBe(true);
    await ears.heard('close');
    expect(await ears.heard('open')).toMatchObject({ decodes: ['h264'] });
    expect(stream.avoidH265()).toBe(false);
  });

  it('hands each message to its tile', async () => {
    const quay = link.open('quay', WISH, news);
    const pier = link.open('pier', WISH, news);
    const ears = await nextSocket();
    const ids = [await ears.heard('open'), await ears.heard('open')].map(({ stream }) => Number(stream));
    send(ears, unit(1, 0, { stream: ids[1]! }));
    send(ears, unit(1, 5, { stream: ids[0]! }));
    const fromPier = await pier.messages[Symbol.asyncIterator]().next();
    const fromQuay = await quay.messages[Symbol.asyncIterator]().next();
    expect(fromPier.value).toMatchObject({ kind: 'unit', index: 0 });
    expect(fromQuay.value).toMatchObject({ kind: 'unit', index: 5 });
  });

  it('tells what each tile has shown last, once', async () => {
    const quay = link.open('quay', WISH, news);
    const pier = link.open('pier', WISH, news);
    const ears = await nextSocket();
    const [first, second] = [await ears.heard('open'), await ears.heard('open')];
    quay.acknowledge(micros(40_000));
    quay.acknowledge(micros(80_000));
    expect(await ears.heard('ack')).toMatchObject({ stream: first.stream, timestamp: 80_000 });
    pier.acknowledge(micros(120_000));
    expect(await ears.heard('ack')).toMatchObject({ stream: second.stream, timestamp: 120_000 });
  });

  it('compares the clocks', async () => {
    const ears = await nextSocket();
    const question = await ears.heard('clock');
    const hour = 3_600_000_000;
    ears.socket.send(JSON.stringify({ ...question, serverAt: Number(question.sentAt) + hour }));
    await expect.poll(() => link.clockOffset).toBeGreaterThan(hour - 1_000_000);
  });

  it('says that the viewer is signed out where the server closes with 4401', async () => {
    const signedOut = entered('signed-out');
    (await nextSocket()).socket.close(4401, 'signed out');
    await signedOut;
    expect(states).toEqual(['connecting', 'open', 'signed-out']);
  });

  it('names what it does not understand instead of trying the same again at once', async () => {
    const broken = entered('broken');
    (await nextSocket()).socket.send(new Uint8Array(60).fill(9));
    await broken;
    expect(states.at(-1)).toBe('broken');
  });

  it('gives a tile back when it is disposed', async () => {
    const stream = link.open('quay', WISH, news);
    const ears = await nextSocket();
    await ears.heard('open');
    const waiting = stream.messages[Symbol.asyncIterator]().next();
    stream[Symbol.dispose]();
    expect(await ears.heard('close')).toMatchObject({ type: 'close' });
    expect((await waiting).done).toBe(true);
  });

  it('leaves a stream and joins it again, but not one that was given back', async () => {
    const quay = link.open('quay', WISH, news);
    const ears = await nextSocket();
    await ears.heard('open');
    quay.rejoin();
    expect([await ears.heard('close'), await ears.heard('open')]).toMatchObject([{}, { camera: 'quay' }]);
    quay[Symbol.dispose]();
    quay.rejoin();
    link.open('pier', WISH, news);
    expect(await ears.heard('open')).toMatchObject({ camera: 'pier' });
  });
});
