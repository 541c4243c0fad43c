/**
 * `npm run bench -- ingest [--cameras 100] [--seconds 20] [--mbit 4] [--alone]`: many RTSP cameras read at once.
 *
 * First this process reads every camera through `rtspSource` to whole access units and counts them; then, where ffmpeg
 * is installed, one ffmpeg child a camera copies the same streams. CPU time is what is measured. The cameras live in a
 * process of their own (ingest-cameras.ts), one TCP connection on loopback each, and send a picture's packets in one write.
 */
import { fork } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { rtspSource } from '../../server/ingest/rtsp-source.ts';
import { FfmpegReaders, ffmpegIsInstalled } from './ffmpeg-readers.ts';
import type { CamerasReady } from './ingest-cameras.ts';

const MIB = 1024 * 1024;
const FPS = 25;
const WARM_UP_MS = 3_000;

/** Somebody who reads all cameras. */
interface Readers extends AsyncDisposable {
  /** Access units so far, of all cameras. */
  readonly pictures: number;
  /** µs so far. */
  cpuUsage(): { readonly user: number; readonly system: number };
  /** Bytes now. */
  memory(): number;
}

interface Measured {
  readonly coreShare: number;
  readonly kernelShare: number;
  readonly picturesPerSecond: number;
  readonly highestMemory: number;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      cameras: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '20' },
      mbit: { type: 'string', default: '4' },
      alone: { type: 'boolean', default: false },
    },
  });
  const cameras = Number(values.cameras);
  const seconds = Number(values.seconds);
  const child = fork(new URL('ingest-cameras.ts', import.meta.url), [values.mbit]);
  const [{ port, mbit, packetsPerSecond }] = (await once(child, 'message')) as [CamerasReady];
  const urls = Array.from({ length: cameras }, (_, index) => `rtsp://127.0.0.1:${port}/${index}`);
  console.log(
    `${cameras} cameras of ${round(mbit, 2)} Mbit/s and ${Math.round(packetsPerSecond)} packets/s each`,
  );
  const ours = await measure(new OwnReaders(urls), seconds);
  const beside = !values.alone && ffmpegIsInstalled();
  const theirs = beside ? await measure(new FfmpegReaders(urls), seconds) : undefined;
  if (!beside && !values.alone) console.log('ffmpeg is not installed (apt install ffmpeg): measured alone.');
  child.disconnect();
  await once(child, 'exit');

  const row = ({ coreShare, kernelShare, picturesPerSecond, highestMemory }: Measured) => ({
    'pictures/s of each': round(picturesPerSecond / cameras, 2),
    'CPU, one core = 1': round(coreShare, 3),
    'of it in the kernel': round(kernelShare, 3),
    'µs a packet': round((coreShare * 1e6) / (packetsPerSecond * cameras), 2),
    'memory, highest, MiB': round(highestMemory / MIB, 1),
  });
  console.table({ nightglass: row(ours), ...(theirs && { 'ffmpeg -c copy': row(theirs) }) });
  for (const [name, { picturesPerSecond }] of Object.entries({
    nightglass: ours,
    ...(theirs && { ffmpeg: theirs }),
  }))
    if (picturesPerSecond < FPS * cameras * 0.98)
      console.log(`${name}: not every picture came, the machine is too busy.`);
  const figures = ({ coreShare, highestMemory }: Measured) => ({
    coreShare: round(coreShare, 3),
    rssMiB: round(highestMemory / MIB, 1),
  });
  console.log(
    JSON.stringify({
      bench: 'ingest',
      cameras,
      ...figures(ours),
      ...(theirs && { ffmpeg: figures(theirs) }),
    }),
  );
}

/** Lets the readers settle, then measures, then ends them. */
async function measure(opened: Readers, seconds: number): Promise<Measured> {
  await using readers = opened;
  await wait(WARM_UP_MS);
  const before = { cpu: readers.cpuUsage(), pictures: readers.pictures, at: performance.now() };
  let highestMemory = 0;
  for (let second = 0; second < seconds; second += 1) {
    await wait(1_000);
    highestMemory = Math.max(highestMemory, readers.memory());
  }
  const cpu = readers.cpuUsage();
  const wallMs = performance.now() - before.at;
  const kernelMs = (cpu.system - before.cpu.system) / 1000;
  return {
    coreShare: ((cpu.user - before.cpu.user) / 1000 + kernelMs) / wallMs,
    kernelShare: kernelMs / wallMs,
    picturesPerSecond: ((readers.pictures - before.pictures) / wallMs) * 1000,
    highestMemory,
  };
}

/** All cameras in this process; a camera that fails ends the benchmark. */
class OwnReaders implements Readers {
  pictures = 0;
  readonly #stop = new AbortController();
  readonly #read: Promise<unknown>;

  constructor(urls: readonly string[]) {
    setMaxListeners(0, this.#stop.signal);
    this.#read = Promise.all(urls.map((url) => this.#count(url)));
  }

  cpuUsage() {
    return process.cpuUsage();
  }

  memory(): number {
    return process.memoryUsage.rss();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#read;
  }

  async #count(url: string): Promise<void> {
    for await (const _ of rtspSource({ url }).units(this.#stop.signal)) this.pictures += 1;
  }
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
