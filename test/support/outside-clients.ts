/** Players of HLS that are not ours: ffmpeg and GStreamer, each in a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GST_CLIENT = fileURLToPath(new URL('gst-hls-client.py', import.meta.url));
/** A player that hangs is ended. Milliseconds */
const LIMIT = { timeout: 60_000, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 * 1024 } as const;

/** The size of each picture that ffmpeg decodes, e.g. `128x96`. @param input ffprobe's arguments, with `-i` */
export async function pictureSizes(input: readonly string[]): Promise<string[]> {
  const show = [
    '-v',
    'error',
    '-select_streams',
    'v',
    '-show_entries',
    'frame=width,height',
    '-of',
    'csv=p=0',
  ];
  const { stdout } = await run('ffprobe', [...show, ...input], LIMIT);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(',').slice(0, 2).join('x'));
}

/** The size of each picture that GStreamer takes out of a playlist; with `pictures`, it stops after so many. */
export async function gstPictureSizes(address: string, pictures?: number): Promise<string[]> {
  const args = [GST_CLIENT, address, ...(pictures === undefined ? [] : [String(pictures)])];
  const { stdout } = await run('/usr/bin/python3', args, LIMIT);
  return stdout.split('\n').filter((line) => line !== '');
}
