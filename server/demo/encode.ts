// Raw pictures into an H.264 MP4 through an ffmpeg child.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ClipFormat {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** The codec's own arguments: rate control, GOP, preset. */
  readonly codec: readonly string[];
}

/** As a camera encodes: no B-frames, a key picture every two seconds, a steady rate. */
export function cameraCodec(framesPerSecond: number, kilobits: number): readonly string[] {
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
    ...['-b:v', `${kilobits}k`, '-maxrate', `${Math.round(kilobits * 1.3)}k`, '-bufsize', `${kilobits * 2}k`],
  ];
}

/** As an archive encodes: constant quality, whatever it takes. */
export function archiveCodec(quality: number): readonly string[] {
  return ['-profile:v', 'high', '-preset', 'slow', '-crf', String(quality), '-g', '250'];
}

/** An MP4 being written. Disposing it without `finish` ends the child and leaves the file unusable. */
export interface Clip extends AsyncDisposable {
  /** Appends one rgb24 picture of the clip's size. */
  append(picture: Uint8Array): Promise<void>;
  /** Closes the file; throws with ffmpeg's own words when it failed. */
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
  // A broken pipe is told by the exit code, with ffmpeg's reason.
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  ended.catch(() => {});
  return {
    async append(picture) {
      if (!child.stdin.write(picture)) await Promise.race([once(child.stdin, 'drain'), ended]);
    },
    async finish() {
      child.stdin.end();
      const code = await ended;
      if (code !== 0) throw new Error(`ffmpeg could not write ${path} (exit ${code}): ${complaint.trim()}`);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGKILL');
      await ended.catch(() => {});
    },
  };
}
