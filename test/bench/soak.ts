/**
 * `npm run bench -- soak [--minutes 60] [--cameras 20] [--viewers 100] [--seed 1]`: the whole server, for long.
 *
 * A real server process reads cameras that stall, reset, reboot, lie and come back at random; viewers open, close,
 * change what they want and stop reading at random. Both live in this process, repeatable by the seed but for the times
 * at which things happen. One viewer never stalls and sees to it that each camera is watched when a fault of it ends: by
 * it an outage is measured, from the moment a camera is well again to its next picture.
 * The last third of the cameras is watched by that viewer alone, and not all the time: they are closed and opened.
 */

import { setMaxListeners } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { Random } from '../fuzz/random.ts';
import { startFaultyCamera } from '../support/faulty-camera.ts';
import { codedPictures, temporaryFolder } from '../support/h264-clip.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { SoakCamera } from './soak-camera.ts';
import { SoakWatcher, visit } from './soak-viewers.ts';

const MIB = 1024 * 1024;
const SAMPLE_MS = 1_000;
/** Of the run, and at least so long, but never more than half of it. Memory is not judged before. */
const WARM_UP_SHARE = 0.2;
const WARM_UP_MS = 60_000;
/** A camera that shows nothing so long after the last fault is lost. */
const LOST_MS = 15_000;
/** The goal: longer outages are told one by one, with what the server last said of the camera. Seconds. */
const OUTAGE_GOAL = 5;
const LAST_LINES = 6;
/** Shorter than usual, so that cameras without viewers are closed and silent ones given up in time. Seconds. */
const LIMITS = { pictureTimeoutSeconds: 3, closeAfterSeconds: 2 };
const CLIP = { width: 320, height: 192, frames: 100, keyInterval: 25 };

interface Sample {
  /** Since the start. */
  readonly hours: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  /** Of buffers, outside the heap. */
  readonly externalMiB: number;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '60' },
      cameras: { type: 'string', default: '20' },
      viewers: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [minutes, viewers, seed] = [values.minutes, values.viewers, values.seed].map(Number) as [
    number,
    number,
    number,
  ];
  const names = Array.from({ length: Number(values.cameras) }, (_, index) => `camera-${index}`);

  const clip = await codedPictures(CLIP);
  const faulty = await Promise.all(names.map(() => startFaultyCamera(clip)));
  await using _cameras = { [Symbol.asyncDispose]: () => disposeAll(faulty) };
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'nightglass.yaml');
  const addresses = Object.fromEntries(names.map((name, index) => [name, { url: faulty[index]!.url }]));
  await writeFile(file, stringify({ cameras: addresses, limits: LIMITS, dataFolder: folder.path }));
  await using server = await startNightglass('--config', file);
  using watcher = await SoakWatcher.open(server, names);
  watcher.onOutage = (name, after, seconds) => {
    if (seconds <= OUTAGE_GOAL) return;
    console.log(`${name} was out for ${seconds.toFixed(1)} s after: ${after}`);
    for (const line of lastLines(server, name)) console.log(`  ${line}`);
  };

  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const interrupted = () => stop.abort();
  process.once('SIGINT', interrupted);
  const over = setTimeout(() => stop.abort(), minutes * 60_000);
  const cameras = faulty.map((camera, index) => {
    const shared = index < Math.ceil((names.length * 2) / 3);
    return new SoakCamera(camera, names[index]!, watcher, new Random(seed * 1_000 + index), !shared);
  });
  const crowd = { open: 0, stalled: 0, visits: 0 };
  const popular = names.slice(0, Math.ceil((names.length * 2) / 3));
  const lives = [
    ...cameras.map((camera) => camera.live(stop.signal)),
    ...Array.from({ length: viewers }, (_, index) =>
      visit(server, popular, new Random(seed * 7_000 + index), crowd, stop.signal),
    ),
  ];
  const samples = await sample(server, stop.signal, () =>
    [
      `${watcher.live} of ${names.length} cameras live, ${crowd.open} viewers (${crowd.stalled} stalled),`,
      `${cameras.reduce((sum, { faults }) => sum + faults, 0)} faults, ${crowd.visits} visits,`,
      `longest outage ${watcher.longestOutage.toFixed(1)} s`,
    ].join(' '),
  );
  clearTimeout(over);
  process.off('SIGINT', interrupted);
  await Promise.all(lives);

  for (const camera of faulty) camera.behave();
  const lost = await watcher.silent(LOST_MS);
  if (lost.length > 0) console.log(`lost: ${lost.join(', ')}`);
  console.table(watcher.outages());
  console.log(
    JSON.stringify({
      bench: 'soak',
      rssSlopeMiBPerHour: slope(settled(samples), ({ rssMiB }) => rssMiB),
      lostCameras: lost.length,
      longestOutageS: Number(watcher.longestOutage.toFixed(2)),
    }),
  );
}

async function disposeAll(all: readonly AsyncDisposable[]): Promise<void> {
  await Promise.all(all.map((one) => one[Symbol.asyncDispose]()));
}

const lastLines = (server: Nightglass, name: string): string[] =>
  server
    .output()
    .split('\n')
    .filter((line) => line.includes(`"${name}"`))
    .slice(-LAST_LINES);

/** Reads the server's memory every second until the signal aborts; says how things stand every minute. */
async function sample(server: Nightglass, signal: AbortSignal, state: () => string): Promise<Sample[]> {
  const samples: Sample[] = [];
  const start = performance.now();
  for (let minute = 1; ; ) {
    await wait(SAMPLE_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return samples;
    const hours = (performance.now() - start) / 3_600_000;
    const now = { hours, ...(await memoryOf(server)) };
    samples.push(now);
    if (hours * 60 < minute) continue;
    console.log(
      `minute ${minute}: ${now.rssMiB.toFixed(1)} MiB resident, ${now.heapMiB.toFixed(1)} heap, ${now.externalMiB.toFixed(1)} buffers; ${state()}`,
    );
    minute++;
  }
}

async function memoryOf({ origin, token }: Nightglass): Promise<Omit<Sample, 'hours'>> {
  const answer = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]) / MIB;
  return {
    rssMiB: value('process_resident_memory_bytes'),
    heapMiB: value('nodejs_heap_size_used_bytes'),
    externalMiB: value('nodejs_external_memory_bytes'),
  };
}

function settled(samples: readonly Sample[]): readonly Sample[] {
  const length = samples.at(-1)?.hours ?? 0;
  const from = Math.min(Math.max(length * WARM_UP_SHARE, WARM_UP_MS / 3_600_000), length / 2);
  return samples.filter(({ hours }) => hours >= from);
}

/** By least squares, a rise an hour; null where there is too little to tell. */
function slope(samples: readonly Sample[], value: (sample: Sample) => number): number | null {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [middle, level] = [mean(({ hours }) => hours), mean(value)];
  const spread = mean(({ hours }) => (hours - middle) ** 2);
  const rise = mean((one) => (one.hours - middle) * (value(one) - level)) / spread;
  return Number.isFinite(rise) ? Number(rise.toFixed(2)) : null;
}
