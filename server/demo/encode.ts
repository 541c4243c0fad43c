/** Raw pictures into an H.264 MP4 through an ffmpeg child. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { NightglassError } from '#wire/nightglass-error.ts';

export interface ClipFormat {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** The codec's own arguments: rate control, GOP, preset. */
  readonly codec: readonly string[];
}

/**
 * As a camera encodes: no B-frames, a key picture every two seconds, constant quality (x264's CRF) up to a rate in kbit/s.
 * An average rate would start the loop with two poor seconds, before the encoder knows what the noise costs.
 */
export function cameraCodec(
  framesPerSecond: number,
  quality: number,
  mostKilobits: number,
): readonly string[] {
  const gop = String(framesPerSecond * 2);
  return [
    ...[
      '-profile:v',
      'main',
      '-preset',
      'medium',
      '-bf',
      '0',
      '-g',
      gop,
      '-keyint_min',
      gop,
      '-sc_threshold',
      '0',
    ],
    ...['-crf', String(quality), '-maxrate', `${mostKilobits}k`, '-bufsize', `${mostKilobits * 2}k`],
  ];
}

/** As an archive encodes: constant quality, B-frames, a key picture every 250, and a limit for the file's sake. */
export function archiveCodec(quality: number): readonly string[] {
  return [
    ...['-profile:v', 'high', '-preset', 'slow', '-crf', String(quality), '-g', '250', '-sc_threshold', '0'],
    ...['-maxrate', '1100k', '-bufsize', '2200k'],
  ];
}

/** An MP4 being written. Disposing it without `finish` ends the child and leaves the file unusable. */
export interface Clip extends AsyncDisposable {
  /** Appends one rgb24 picture of the clip's size, as fast as the encoder takes them; throws as `finish` does. */
  append(picture: Uint8Array): Promise<void>;
  /** Closes the file; throws `demo/encoder-failed` with ffmpeg's own words. */
  finish(): Promise<void>;
}

/** Starts writing `path` (replaced if it exists). Colours are BT.709, limited range, and tagged so. */
export function openClip(path: string, format: ClipFormat): Clip {
  const { width, height, framesPerSecond, codec } = format;
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', '-y'],
      ...[
        '-f',
        'rawvideo',
        '-pix_fmt',
        'rgb24',
        '-s',
        `${width}x${height}`,
        '-r',
        String(framesPerSecond),
        '-i',
        'pipe:0',
      ],
      ...[
        '-vf',
        'scale=in_range=full:out_range=limited:out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int',
      ],
      ...['-pix_fmt', 'yuv420p', '-c:v', 'libx264', ...codec],
      ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
      ...['-threads', '1', '-movflags', '+faststart', '-f', 'mp4', path],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  // A broken pipe is told by the child's end, with ffmpeg's reason.
  child.stdin.on('error', () => {});
  const written = new Promise<void>((resolve, reject) => {
    const fail = (what: string, cause?: Error): void =>
      reject(new NightglassError('demo/encoder-failed', what, { cause }));
    child.once('error', (cause) => fail(`ffmpeg could not be started: ${cause.message}`, cause));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else fail(`ffmpeg could not write ${path} (exit ${code}): ${complaint.trim()}`);
    });
  });
  // Whoever appends or finishes is told; a clip given up before that is not a failure.
  written.catch(() => {});
  return {
    async append(picture) {
      if (child.stdin.write(picture)) return;
      await Promise.race([once(child.stdin, 'drain').catch(() => written), written]);
    },
    async finish() {
      child.stdin.end();
      await written;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGKILL');
      await written.catch(() => {});
    },
  };
}
