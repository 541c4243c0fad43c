/** Small videos made by ffmpeg, and what ffprobe and ffmpeg say of a video: its times, its audio, how light it is. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs ffmpeg; `-y` and quiet. */
export async function ffmpeg(...args: readonly string[]): Promise<void> {
  await run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args]);
}

/** Twenty dark pictures of 160 x 96 at uneven times, in ticks of 1/12800 s, with a tone. */
export async function darkClip(file: string, ...output: readonly string[]): Promise<void> {
  const times = "settb=1/12800,setpts='N*512+mod(N*N,7)*50'";
  await ffmpeg(
    ...[
      '-f',
      'lavfi',
      '-i',
      'testsrc=size=160x96:rate=25:duration=0.8',
      '-f',
      'lavfi',
      '-i',
      'sine=duration=0.85',
    ],
    ...['-vf', `lutrgb=r=val/6:g=val/6:b=val/6,${times}`],
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1:12800', '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-crf', '8', ...output, file],
  );
}

export interface Stream {
  readonly codec_name: string;
  readonly codec_type: string;
  readonly width: number;
  readonly height: number;
  readonly time_base: string;
  readonly [name: string]: unknown;
}

export async function streamsOf(file: string): Promise<readonly Stream[]> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', file]);
  return (JSON.parse(stdout) as { streams: Stream[] }).streams;
}

/** Nine numbers in three lines, as ffprobe prints them. */
export const displayMatrixOf = (stream: Stream): string | undefined =>
  (stream.side_data_list as { displaymatrix?: string }[] | undefined)?.[0]?.displaymatrix;

/** When each picture is shown, seconds, in order. */
export async function timesOf(file: string): Promise<readonly number[]> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', file],
  ]);
  return stdout
    .trim()
    .split('\n')
    .map(Number.parseFloat)
    .sort((a, b) => a - b);
}

/** The sum of the coded bytes of the first audio stream. */
export async function audioSum(file: string): Promise<string> {
  const { stdout } = await run('ffmpeg', [
    ...['-v', 'error', '-i', file, '-map', '0:a:0', '-c', 'copy', '-f', 'md5', '-'],
  ]);
  return stdout.trim();
}

/** RGB of every picture, as coded: 3 · width · height bytes each. */
export async function picturesOf(file: string, width: number, height: number): Promise<readonly Buffer[]> {
  const { stdout } = await run(
    'ffmpeg',
    [
      '-v',
      'error',
      '-noautorotate',
      '-i',
      file,
      '-fps_mode',
      'passthrough',
      '-pix_fmt',
      'rgb24',
      '-f',
      'rawvideo',
      '-',
    ],
    { encoding: 'buffer', maxBuffer: 1 << 28 },
  );
  const size = 3 * width * height;
  return Array.from({ length: stdout.length / size }, (_, at) => stdout.subarray(at * size, (at + 1) * size));
}

export const mean = (values: Uint8Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
