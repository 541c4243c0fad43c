/** A camera from another maker: GStreamer's RTSP server, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface GstCameraOptions {
  /** An MP4 of the codec, passed on as it is and looped; a test picture when left out. */
  readonly file?: string;
  /** Size, pictures a second and pictures per GOP of the test picture. */
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  readonly gop?: number;
  /** H.264 when left out. */
  readonly codec?: 'h264' | 'h265' | 'mjpeg';
  /** True offers an audio track beside the video. */
  readonly audio?: boolean;
  /** With a user, the camera asks to sign in, by Digest unless said otherwise. */
  readonly user?: string;
  readonly password?: string;
  readonly auth?: 'basic' | 'digest';
  /** A free one when left out; the port of a camera that has ended can be taken again. */
  readonly port?: number;
}

export interface GstCamera extends AsyncDisposable {
  /** Without credentials. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it in good order. */
  stop(): Promise<void>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

const script = fileURLToPath(new URL('gst-camera.py', import.meta.url));

/** Starts a camera and resolves when it serves. Debian's own Python has the GStreamer bindings. */
export async function startGstCamera(options: GstCameraOptions = {}): Promise<GstCamera> {
  const child = spawn('/usr/bin/python3', [script, ...argumentsOf(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const port = await servedPort(child);
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  return {
    url: `rtsp://127.0.0.1:${port}/camera`,
    port,
    pid: child.pid ?? 0,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  };
}

const argumentsOf = (options: GstCameraOptions): string[] =>
  Object.entries(options).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    return value === false || value === undefined ? [] : [`--${name}`, String(value)];
  });

/** The port from its first line; throws with its last words when it ends before that. */
async function servedPort(child: ChildProcess): Promise<number> {
  let complaint = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    complaint += chunk;
  });
  for await (const line of createInterface({ input: child.stdout! })) return JSON.parse(line).port;
  throw new Error(`the GStreamer camera ended before it served:\n${complaint}`);
}
