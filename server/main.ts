/** Reads the command line and the config, starts the server, waits for a signal, disposes in reverse. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { NightglassError } from '#wire/nightglass-error.ts';
import { createAccess } from './access.ts';
import { Camera } from './camera.ts';
import { CameraHls } from './camera-hls.ts';
import type { OpenedSource, PublishedSource } from './camera-source.ts';
import { certificateFor } from './certificate.ts';
import { ClipStore } from './clips/clip-store.ts';
import type { ClipsConfig } from './clips-config.ts';
import { type CameraConfig, type Config, HELP, type Limits, readRequest } from './config.ts';
import { Encoders } from './encoders.ts';
import { Archive } from './hls/archive.ts';
import { openHttp } from './http.ts';
import { ffmpegSource } from './ingest/ffmpeg-source.ts';
import { replaySource } from './ingest/replay.ts';
import { rtspSource } from './ingest/rtsp-source.ts';
import type { Source } from './ingest/source.ts';
import { WhipDesk, whipSource } from './ingest/whip-desk.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { Renditions } from './renditions.ts';
import type { WhipDoor } from './whip.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

const version: string = JSON.parse(readFileSync(path('../package.json'), 'utf8')).version;

async function serve(config: Config): Promise<void> {
  const stopped = stopSignal();
  const access = createAccess(config);
  const log = createLog(secretsOf(config, access.token), process.stderr);
  await using cameras = openCameras(config, log);
  using clips = config.clips && openClips(config.clips, config.limits, log);
  await using http = await openHttp({
    config,
    access,
    cameras: cameras.byName,
    renditions: cameras.renditions,
    hls: cameras.hls,
    archives: cameras.archives,
    ...(clips === undefined ? {} : { clips }),
    whip: { doors: cameras.doors, iceServers: config.webrtc.iceServers },
    certificate: await certificateFor(config),
    metrics: createMetrics(cameras.renditions),
    folders: {
      page: path('../dist/client'),
      models: path('../models/artifacts'),
      runtime: path('../node_modules/onnxruntime-web/dist'),
      ffmpeg: path('../node_modules/@ffmpeg/core/dist/esm'),
      fonts: path('../node_modules/dejavu-fonts-ttf/ttf'),
    },
    version,
    log,
  });
  console.log(`Nightglass ready: ${http.origin}/?token=${encodeURIComponent(access.token)}`);
  await stopped;
  log.info('stopping');
}

function openClips({ dir, maxMiB, maxGiB }: ClipsConfig, { freeGiB }: Limits, log: Logger): ClipStore {
  const limits = { file: maxMiB * MIB, all: maxGiB * GIB, free: freeGiB * GIB };
  return ClipStore.open(dir, limits, log);
}

function openCameras({ cameras, limits, webrtc, host, dataFolder }: Config, log: Logger) {
  const encoders = new Encoders(limits.encoders);
  const byName = new Map<string, Camera>();
  const renditions = new Map<string, Renditions>();
  const hls = new Map<string, CameraHls>();
  const archives = new Map<string, Archive>();
  const doors = new Map<string, WhipDoor>();
  for (const settings of cameras) {
    const { name, source, sub } = settings;
    const main =
      source.kind === 'whip'
        ? openPublished(settings, source)
        : new Camera(settings, sourceOf(source), limits, log);
    const smaller = sub && openSub(settings, sub);
    byName.set(name, main);
    const all = new Renditions(main, smaller, limits, encoders, log);
    renditions.set(name, all);
    const archive = openArchive(settings);
    hls.set(name, new CameraHls(all, archive));
  }
  return {
    byName,
    renditions,
    hls,
    archives,
    doors,
    async [Symbol.asyncDispose]() {
      await Promise.all([...doors.values()].map(({ desk }) => desk[Symbol.asyncDispose]()));
      await Promise.all([...hls.values()].map((camera) => camera[Symbol.asyncDispose]()));
      await Promise.all([...archives.values()].map((archive) => archive[Symbol.asyncDispose]()));
      await Promise.all([...renditions.values()].map((camera) => camera[Symbol.asyncDispose]()));
    },
  };

  /** The name of a camera is safe as a folder's. */
  function openArchive({ name, timeshift }: CameraConfig): Archive | undefined {
    if (timeshift === undefined) return undefined;
    const folder = join(dataFolder, 'timeshift', name);
    const { freeGiB } = limits;
    const archive = Archive.open(folder, { ...timeshift, freeGiB }, log.child({ camera: name }));
    archives.set(name, archive);
    return archive;
  }

  /** A small stream is open for its viewers alone: `always` is for what comes in full. */
  function openSub(settings: CameraConfig, source: OpenedSource): Camera {
    const named = log.child({ rendition: 'sub' });
    return new Camera({ ...settings, source, always: false }, sourceOf(source), limits, named);
  }

  function openPublished(settings: CameraConfig, whip: PublishedSource): Camera {
    const { name } = settings;
    const desk = new WhipDesk({ host, ...webrtc }, whip.onSecondPublisher);
    const camera = new Camera(settings, whipSource(desk), limits, log);
    desk.onConnected = () => {
      log.info({ camera: name }, 'publisher connected');
      camera.hurry();
    };
    desk.onEnded = (why) => log.info({ camera: name }, `publisher gone: ${why}`);
    doors.set(name, { token: whip.token, desk });
    return camera;
  }
}

function sourceOf(source: OpenedSource): Source {
  switch (source.kind) {
    case 'rtsp':
      return rtspSource(source);
    case 'replay':
      return replaySource({ file: source.file, loop: true });
    case 'ffmpeg':
      return ffmpegSource(source);
    case 'broken':
      return {
        units: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(source.error) }) }),
      };
  }
}

/** What must never reach the log. */
function secretsOf({ cameras, users, webrtc }: Config, token: string): string[] {
  const sources = cameras.flatMap(({ source, sub }) => [source, ...(sub ? [sub] : [])]);
  const ofCameras = sources.flatMap((source) => ('password' in source ? (source.password ?? []) : []));
  const ofPublishers = cameras.flatMap(({ source }) => (source.kind === 'whip' ? source.token : []));
  const ofRelays = webrtc.iceServers.flatMap(({ credential }) => credential ?? []);
  return [token, ...ofCameras, ...ofPublishers, ...ofRelays, ...users.map(({ password }) => password)];
}

const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

function inPlainWords(error: unknown): string {
  if (error instanceof NightglassError) return `Nightglass cannot start: ${error.message} (${error.code})`;
  if ((error as { code?: unknown }).code === 'EADDRINUSE')
    return 'Nightglass cannot start: another program listens on that port; choose one with --port';
  return `Nightglass cannot start: ${error instanceof Error ? error.stack : String(error)}`;
}

try {
  const request = readRequest(
    process.argv.slice(2),
    (file) => readFileSync(file, 'utf8'),
    path('./demo/harbour.mp4'),
    availableParallelism(),
  );
  if (request.kind === 'help') console.log(HELP);
  else if (request.kind === 'version') console.log(version);
  else await serve(request.config);
} catch (error) {
  console.error(inPlainWords(error));
  process.exitCode = 1;
}
