/** Frames of clips, and clips made smaller, by ffmpeg. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const DEMO_CLIP = fileURLToPath(new URL('../../server/demo/harbour.mp4', import.meta.url));
export const DEMO_TRUTH = fileURLToPath(new URL('../fixtures/demo/harbour-truth.mp4', import.meta.url));
export const DEMO_FPS = 25;
export const DEMO_FRAMES = 500;

/** One frame, RGBA, scaled to a size. */
export async function frameOf(
  clip: string,
  index: number,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const filter = `select=eq(n\\,${index}),scale=${width}:${height}:flags=area`;
  const pixels = await ffmpeg([
    '-i',
    clip,
    '-vf',
    filter,
    '-frames:v',
    '1',
    '-pix_fmt',
    'rgba',
    '-f',
    'rawvideo',
    '-',
  ]);
  if (pixels.length !== width * height * 4) throw new Error(`${clip} has no frame ${index}`);
  return pixels;
}

/** The checksum of every frame that ffmpeg decodes with these arguments, up to the output, in the order shown. */
export async function frameChecksums(input: readonly string[]): Promise<string[]> {
  const lines = await ffmpeg([...input, '-fps_mode', 'passthrough', '-f', 'framemd5', '-']);
  return lines
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('0,'))
    .map((line) => line.split(',').at(-1)!.trim());
}

/** Writes a clip of another size, encoded as a camera would: no B-frames, a key unit every second. */
export async function scaledClip(clip: string, width: number, height: number, to: string): Promise<void> {
  const encode = [
    '-c:v',
    'libx264',
    '-preset',
    'fast',
    '-bf',
    '0',
    '-g',
    '25',
    '-crf',
    '16',
    '-pix_fmt',
    'yuv420p',
  ];
  await ffmpeg(['-i', clip, '-vf', `scale=${width}:${height}:flags=area`, ...encode, '-y', to]);
}

/** Runs ffmpeg and returns its standard output. @throws with its last words when it fails */
export async function ffmpeg(args: readonly string[]): Promise<Buffer> {
  const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${complaint}`);
  return Buffer.concat(output);
}
