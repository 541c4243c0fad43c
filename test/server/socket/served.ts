/** A real WebSocket server that serves viewers, for the tests of `serveViewer`. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { NightglassError } from '#wire/nightglass-error.ts';
import { Stream } from '../../../server/fanout/stream.ts';
import { serveViewer, viewerSocketOptions } from '../../../server/socket/viewer.ts';
import { WireViewer } from '../../support/wire-viewer.ts';

export class Served implements AsyncDisposable {
  readonly quay = new Stream();
  readonly bridge = new Stream();
  /** The server's ends of the sockets, and what became of serving each. */
  readonly sockets: WebSocket[] = [];
  readonly outcomes: Promise<unknown>[] = [];
  readonly #server = new WebSocketServer({ ...viewerSocketOptions, host: '127.0.0.1', port: 0 });

  static async open(): Promise<Served> {
    const served = new Served();
    served.#server.on('connection', (socket) => {
      const outcome = serveViewer(socket, { stream: (camera) => served.#stream(camera) });
      served.outcomes.push(outcome.catch((error: unknown) => error));
      served.sockets.push(socket);
    });
    await once(served.#server, 'listening');
    return served;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  viewer(): Promise<WireViewer> {
    return WireViewer.connect(this.origin, {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((done) => this.#server.close(done));
  }

  #stream(camera: string): Stream {
    if (camera === 'quay') return this.quay;
    if (camera === 'bridge') return this.bridge;
    if (camera === 'broken') throw new Error('the map of cameras is gone');
    throw new NightglassError('socket/unknown-camera', `there is no camera named ${camera}`);
  }
}
