/** What ffprobe says of a file's video. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Probed {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Seconds. */
  readonly duration: number;
}

export async function probe(file: string): Promise<Probed> {
  const said = (await ffprobe(['-show_entries', 'stream=codec_name,width,height:format=duration', file])) as {
    streams: [{ codec_name: string; width: number; height: number }];
    format: { duration: string };
  };
  const [{ codec_name: codec, width, height }] = said.streams;
  return { codec, width, height, duration: Number(said.format.duration) };
}

export interface Packet {
  /** Seconds. */
  readonly pts: number;
  readonly dts: number;
  readonly key: boolean;
}

/** The file's coded pictures, in decoding order. */
export async function packetsOf(file: string): Promise<Packet[]> {
  const said = (await ffprobe([
    '-select_streams',
    'v',
    '-show_entries',
    'packet=pts_time,dts_time,flags',
    file,
  ])) as {
    packets: { pts_time: string; dts_time: string; flags: string }[];
  };
  return said.packets.map(({ pts_time, dts_time, flags }) => ({
    pts: Number(pts_time),
    dts: Number(dts_time),
    key: flags.startsWith('K'),
  }));
}

async function ffprobe(args: readonly string[]): Promise<unknown> {
  const child = spawn('ffprobe', ['-v', 'error', '-of', 'json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`ffprobe ended with ${code}`);
  return JSON.parse(text);
}
