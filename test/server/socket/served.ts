/** A real WebSocket server that serves viewers, for the tests of `serveViewer`. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Rendition } from '#wire/control.ts';
import { NightglassError } from '#wire/nightglass-error.ts';
import { Stream } from '../../../server/fanout/stream.ts';
import type { Rendering } from '../../../server/socket/rendering.ts';
import { serveViewer, viewerSocketOptions } from '../../../server/socket/viewer.ts';
import { WireViewer } from '../../support/wire-viewer.ts';

export class Served implements AsyncDisposable {
  readonly quay = new Stream();
  readonly bridge = new Stream();
  /** Of the camera `gate`: its two streams, and H.264 of each. */
  readonly gate = { main: new Stream(), sub: new Stream(), mainH264: new Stream(), subH264: new Stream() };
  readonly #full: Rendering = {
    stream: this.gate.main,
    epochBase: 0,
    h264: { stream: this.gate.mainH264, epochBase: 100 },
  };
  readonly #gate: Readonly<Record<Rendition, Rendering>> = {
    main: this.#full,
    sub: {
      stream: this.gate.sub,
      epochBase: 200,
      h264: { stream: this.gate.subH264, epochBase: 300 },
      instead: this.#full,
    },
  };
  readonly #quay: Rendering = { stream: this.quay, epochBase: 0 };
  readonly #bridge: Rendering = { stream: this.bridge, epochBase: 0 };
  /** The server's ends of the sockets, and what became of serving each. */
  readonly sockets: WebSocket[] = [];
  readonly outcomes: Promise<unknown>[] = [];
  readonly #server = new WebSocketServer({ ...viewerSocketOptions, host: '127.0.0.1', port: 0 });

  static async open(): Promise<Served> {
    const served = new Served();
    served.#server.on('connection', (socket) => {
      const outcome = serveViewer(socket, {
        rendering: (camera, rendition) => served.#rendering(camera, rendition),
      });
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

  #rendering(camera: string, rendition: Rendition): Rendering {
    if (camera === 'quay') return this.#quay;
    if (camera === 'bridge') return this.#bridge;
    if (camera === 'gate') return this.#gate[rendition];
    if (camera === 'broken') throw new Error('the map of cameras is gone');
    throw new NightglassError('socket/unknown-camera', `there is no camera named ${camera}`);
  }
}
