/** nightglass.yaml and the flags, read into one frozen Config. */
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { TimeshiftWindow } from '#wire/timeline.ts';
import {
  addressFields,
  type CameraSource,
  type OpenedSource,
  sourceFrom,
  sourceOfFlag,
  subSchema,
  subSourceFrom,
} from './camera-source.ts';
import { type ClipsConfig, clipsConfig, clipsSchema } from './clips-config.ts';
import { readRtspAddress } from './ingest/rtsp-url.ts';
import { checkRtsp } from './rtsp-config.ts';
import { checkFolders, DEMO_TIMESHIFT, timeshiftSchema } from './timeshift-config.ts';
import { type WebrtcConfig, webrtcConfig, webrtcSchema, whipSchema } from './whip-config.ts';

export interface CameraConfig {
  readonly name: string;
  readonly title: string;
  readonly source: CameraSource;
  /** The same camera's smaller stream, for small tiles. */
  readonly sub?: OpenedSource;
  /** True keeps the camera open without viewers; so does `timeshift`. */
  readonly always: boolean;
  /** How much of its past is kept; absent = nothing. */
  readonly timeshift?: TimeshiftWindow;
}

export interface User {
  readonly name: string;
  readonly password: string;
  /** Camera names, or `*` for all. */
  readonly cameras: '*' | readonly string[];
}

export interface Config {
  readonly host: string;
  /** TCP port; 0 lets the system choose. */
  readonly port: number;
  /** The login token; absent = a random one for this run. */
  readonly token?: string;
  readonly users: readonly User[];
  /** PEM files; absent = plain HTTP on this machine alone, a self-signed certificate anywhere else. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Folder for what the server itself writes: the self-signed certificate, `timeshift/<camera>/` and `clips/`. */
  readonly dataFolder: string;
  readonly cameras: readonly CameraConfig[];
  /** The networks that pages are offered, by name; absent = all that are installed. */
  readonly models?: readonly string[];
  readonly webrtc: WebrtcConfig;
  /** Where clips are kept that viewers send; absent = none are. */
  readonly clips?: ClipsConfig;
  readonly limits: Limits;
}

export interface Limits {
  /** How long a camera stays open after its last viewer, seconds. */
  readonly closeAfterSeconds: number;
  /** No picture for so long, and the camera is opened again, seconds. */
  readonly pictureTimeoutSeconds: number;
  /** Pictures but no key unit for so long, and the camera is opened again, seconds. */
  readonly keyTimeoutSeconds: number;
  /** The last GOP, kept for newcomers, at most MiB per camera. */
  readonly gopMiB: number;
  /** A viewer's queue, at most MiB and seconds per tile. */
  readonly queueMiB: number;
  readonly queueSeconds: number;
  /** Cameras that H.264 is made of at once, at most. */
  readonly encoders: number;
  /** What the time-shift windows and the clips leave free on their disk, GiB. */
  readonly freeGiB: number;
}

export const HELP = `Nightglass makes dark cameras usable, live, in a browser.

  npm start                                   the demo camera
  npm start -- --config nightglass.yaml       your cameras
  npm start -- --camera rtsp://user:pass@host/path
                                              one camera; a path to an MP4 file is replayed as one

  --config FILE   read cameras, users and limits from a YAML file (see nightglass.example.yaml)
  --camera URL    one camera; may be given several times
  --host ADDRESS  listen there (default 127.0.0.1; any other address needs users in the configuration)
  --port N        listen on this port (default 8440; 0 = any free one)
  --token TOKEN   the login token (default: a random one for this run)
  --help          this text
  --version       the version
`;

const cameraName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/,
    'must be 1 to 64 letters, digits, - or _, and begin with a letter or digit',
  );

const cameraSchema = z
  .strictObject({
    title: z.string().min(1).max(100).optional(),
    whip: whipSchema.optional(),
    sub: subSchema.optional(),
    always: z.boolean().default(false),
    timeshift: timeshiftSchema.optional(),
    ...addressFields,
  })
  .superRefine(checkRtsp)
  .refine(({ url, file, whip }) => [url, file, whip].filter((one) => one !== undefined).length === 1, {
    message: 'must have one of url, file and whip',
  });

const limitsSchema = z.strictObject({
  closeAfterSeconds: z.number().min(0).max(86_400).default(10),
  pictureTimeoutSeconds: z.number().min(1).max(600).default(8),
  keyTimeoutSeconds: z.number().min(1).max(3600).default(900),
  gopMiB: z.number().min(1).max(1024).default(16),
  queueMiB: z.number().min(1).max(1024).default(8),
  queueSeconds: z.number().min(0.1).max(60).default(2),
  encoders: z.number().int().min(1).max(1024).optional(),
  freeGiB: z.number().min(0).max(1_000_000).default(2),
});

const fileSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(8440),
  token: z.string().min(1).optional(),
  users: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^\S.{0,63}$/, 'must have 1 to 64 characters and begin with none that is a space'),
        password: z.string().min(8, 'must have 8 characters or more'),
        cameras: z.union([z.literal('*'), z.array(cameraName)]).default('*'),
      }),
    )
    .default([]),
  tls: z.strictObject({ certificate: z.string().min(1), key: z.string().min(1) }).optional(),
  dataFolder: z.string().min(1).default('nightglass-data'),
  cameras: z.record(cameraName, cameraSchema).default({}),
  models: z
    .array(z.string().regex(/^[\w-]+$/, 'must be names of networks'))
    .min(1)
    .optional(),
  webrtc: webrtcSchema.prefault({}),
  clips: clipsSchema.prefault({}),
  limits: limitsSchema.prefault({}),
});

type FileConfig = z.output<typeof fileSchema>;

export type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'serve'; readonly config: Config };

/**
 * Reads the command line and, through `readText`, the configuration file it names. Paths in that file are relative
 * to it. A camera whose address is malformed becomes a camera that says so; anything else wrong stops the start.
 * @param cores of this machine; making H.264 may take half of them unless the file says otherwise
 * @throws NightglassError `config/…`
 */
export function readRequest(
  args: readonly string[],
  readText: (file: string) => string,
  demoFile: string,
  cores = 1,
): Request {
  const flags = readFlags(args);
  if (flags.help) return { kind: 'help' };
  if (flags.version) return { kind: 'version' };
  const file = readFile(flags.config, readText);
  const beside = (path: string): string => resolve(dirname(flags.config ?? ''), path);
  const host = flags.host ?? file.host;
  if (!isLoopback(host) && file.users.length === 0)
    throw new NightglassError(
      'config/unsafe-address',
      `listening on ${host} needs users in the configuration file; without them Nightglass serves this machine alone`,
    );
  const cameras = [...fileCameras(file, beside), ...flagCameras(flags.camera ?? [])];
  const token = flags.token ?? file.token;
  const clips = clipsConfig(file.clips, beside, file.dataFolder);
  return {
    kind: 'serve',
    config: Object.freeze({
      host,
      port: flags.port === undefined ? file.port : readPort(flags.port),
      ...(token === undefined ? {} : { token }),
      users: file.users,
      ...(file.tls === undefined
        ? {}
        : { tls: { certificate: beside(file.tls.certificate), key: beside(file.tls.key) } }),
      dataFolder: beside(file.dataFolder),
      cameras: cameras.length > 0 ? cameras : [demoCamera(demoFile)],
      ...(file.models === undefined ? {} : { models: file.models }),
      webrtc: webrtcConfig(file.webrtc),
      ...(clips === undefined ? {} : { clips }),
      limits: { ...file.limits, encoders: file.limits.encoders ?? Math.ceil(cores / 2) },
    }),
  };
}

/** Whether only this machine can reach an address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        config: { type: 'string' },
        camera: { type: 'string', multiple: true },
        host: { type: 'string' },
        port: { type: 'string' },
        token: { type: 'string' },
        help: { type: 'boolean' },
        version: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    // parseArgs repeats the argument it could not place, which may be a camera's address with its password.
    const option = cause instanceof Error && /option '(--?[\w-]+)/i.exec(cause.message)?.[1];
    const where = option
      ? `${option} is not a flag of Nightglass, or lacks its value`
      : 'an argument has no flag before it';
    throw new NightglassError('config/invalid', `${where}; --help lists the flags`);
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new NightglassError(
      'config/invalid',
      `--port: a number from 0 to 65535 was expected, ${text} came`,
    );
  return port;
}

function readFile(file: string | undefined, readText: (file: string) => string): FileConfig {
  if (file === undefined) return fileSchema.parse({});
  let value: unknown;
  try {
    value = parseYaml(readText(file)) ?? {};
  } catch (cause) {
    // A YAML error quotes the line it stopped at, which may hold a password: only its place is told.
    const line = /at line \d+/.exec(String(cause))?.[0];
    const why = line === undefined ? 'could not be read' : `is not YAML (${line})`;
    throw new NightglassError('config/unreadable', `${file} ${why}`);
  }
  const result = fileSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new NightglassError(
    'config/invalid',
    `${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`,
  );
}

function fileCameras(file: FileConfig, beside: (path: string) => string): CameraConfig[] {
  checkFolders(file.cameras);
  return Object.entries(file.cameras).map(([name, { title, whip, sub, always, timeshift, ...address }]) => {
    const source: CameraSource = whip ? { kind: 'whip', ...whip } : sourceFrom(address, beside);
    return {
      name,
      title: title ?? name,
      always: always || timeshift !== undefined,
      source,
      ...(timeshift === undefined ? {} : { timeshift }),
      ...(sub === undefined ? {} : { sub: subSourceFrom(sub, beside, source) }),
    };
  });
}

function flagCameras(addresses: readonly string[]): CameraConfig[] {
  return addresses.map((address, index) => {
    const source = sourceOfFlag(address);
    const name = addresses.length === 1 ? 'camera' : `camera-${index + 1}`;
    const title = source.kind === 'rtsp' ? readRtspAddress(source.url).host : name;
    return { name, title, always: false, source };
  });
}

const demoCamera = (file: string): CameraConfig => ({
  name: 'demo',
  title: 'Demo harbour',
  always: true,
  source: { kind: 'replay', file },
  timeshift: DEMO_TIMESHIFT,
});
