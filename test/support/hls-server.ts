/** A server of two cameras that send what a test says, with what is needed to ask for their HLS. */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { AccessUnit } from '#wire/access-unit.ts';
import { wallMicros } from '#wire/time.ts';
import { createAccess } from '../../server/access.ts';
import { Camera } from '../../server/camera.ts';
import { CameraHls } from '../../server/camera-hls.ts';
import { readRequest } from '../../server/config.ts';
import { Encoders } from '../../server/encoders.ts';
import type { Stream } from '../../server/fanout/stream.ts';
import { openHttp } from '../../server/http.ts';
import { Renditions } from '../../server/renditions.ts';
import type { Get } from './hls-validator.ts';
import { PAGE_FOLDERS } from './page-folders.ts';

const FILE = `
users: [{ name: office, password: in the office, cameras: [quay] }]
cameras:
  quay: { url: 'rtsp://127.0.0.1/quay' }
  bridge: { url: 'rtsp://127.0.0.1/bridge' }
`;

export interface HlsServer extends AsyncDisposable {
  readonly origin: string;
  /** Of the camera `quay`. */
  readonly stream: Stream;
  /** Asks with the token, for a path of `quay` that begins behind its slash. */
  ask(path: string, headers?: Record<string, string>): Promise<Response>;
  readonly get: Get;
  /** Sends units as a camera that is live. */
  publish(units: readonly AccessUnit[]): void;
  /** The camera goes away. */
  lose(): void;
}

/** Cameras that are connected to and never answer: what they send comes from the test. */
const silent = { units: (signal: AbortSignal) => untilAborted(signal) };

async function* untilAborted(signal: AbortSignal): AsyncGenerator<AccessUnit, void, undefined> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

export async function serveHls(): Promise<HlsServer> {
  const request = readRequest(['--config', 'x', '--token', 'the-token', '--port', '0'], () => FILE, '');
  if (request.kind !== 'serve') throw new Error('not to serve');
  const config = { ...request.config, limits: { ...request.config.limits, pictureTimeoutSeconds: 600 } };
  const log = pino({ level: 'silent' });
  const cameras = new Map(
    config.cameras.map((camera) => [camera.name, new Camera(camera, silent, config.limits, log)]),
  );
  const renditions = new Map(
    [...cameras].map(([name, camera]) => [
      name,
      new Renditions(camera, undefined, config.limits, new Encoders(1), log),
    ]),
  );
  const hls = new Map([...renditions].map(([name, one]) => [name, new CameraHls(one)]));
  const server = await openHttp({
    ...{
      config,
      access: createAccess(config),
      cameras,
      renditions,
      hls,
      certificate: undefined,
      version: '1',
      log,
    },
    metrics: new Registry(),
    folders: PAGE_FOLDERS,
  });
  const { stream } = cameras.get('quay')!;
  const ask = (path: string, headers: Record<string, string> = { authorization: 'Bearer the-token' }) =>
    fetch(`${server.origin}/hls/quay/${path}`, { headers });
  return {
    origin: server.origin,
    stream,
    ask,
    get: async (uri) => {
      const response = await ask(uri);
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, type: response.headers.get('content-type') ?? '', bytes };
    },
    publish(units) {
      if (stream.state.state !== 'live') stream.setState({ state: 'live', since: wallMicros(0) });
      for (const unit of units) stream.publish(unit);
    },
    lose: () =>
      stream.setState({
        state: 'unreachable',
        since: wallMicros(0),
        code: 'ingest/closed',
        message: 'the camera is gone',
      }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      for (const one of hls.values()) await one[Symbol.asyncDispose]();
      for (const one of renditions.values()) await one[Symbol.asyncDispose]();
    },
  };
}
