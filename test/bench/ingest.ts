/**
 * `npm run bench -- ingest [--cameras 100] [--seconds 20] [--mbit 4]`: many RTSP cameras read by one process.
 *
 * This process reads every camera through `rtspSource` to whole access units and counts them; its CPU time is what
 * is measured. The cameras live in a process of their own (ingest-cameras.ts), one TCP connection on loopback each,
 * and send a picture's packets in one write.
 */
import { fork } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { rtspSource } from '../../server/ingest/rtsp-source.ts';
import type { CamerasReady } from './ingest-cameras.ts';

const MIB = 1024 * 1024;
const FPS = 25;
const WARM_UP_MS = 3_000;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      cameras: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '20' },
      mbit: { type: 'string', default: '4' },
    },
  });
  const cameras = Number(values.cameras);
  const seconds = Number(values.seconds);

  const child = fork(new URL('ingest-cameras.ts', import.meta.url), [values.mbit]);
  const [{ port, mbit, packetsPerSecond }] = (await once(child, 'message')) as [CamerasReady];
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const count = { units: 0, bytes: 0 };
  const read = Array.from({ length: cameras }, async (_, index) => {
    for await (const unit of rtspSource({ url: `rtsp://127.0.0.1:${port}/${index}` }).units(stop.signal)) {
      count.units += 1;
      count.bytes += unit.data.length;
    }
  });
  const failed = Promise.all(read);
  await Promise.race([failed, wait(WARM_UP_MS)]);

  const before = { cpu: process.cpuUsage(), at: performance.now(), ...count };
  let rss = 0;
  for (let second = 0; second < seconds; second += 1) {
    await Promise.race([failed, wait(1_000)]);
    rss = Math.max(rss, process.memoryUsage.rss());
  }
  const cpu = process.cpuUsage(before.cpu);
  const wallMs = performance.now() - before.at;
  const units = count.units - before.units;
  const bytes = count.bytes - before.bytes;
  stop.abort();
  await failed;
  child.disconnect();
  await once(child, 'exit');

  const coreShare = (cpu.user + cpu.system) / 1000 / wallMs;
  console.table({
    cameras,
    'Mbit/s of each, as sent': round(mbit, 2),
    'packets/s of each': Math.round(packetsPerSecond),
    'Mbit/s of all, as read': round((bytes * 8) / 1000 / wallMs, 1),
    'pictures/s of each, as read': round((units / wallMs / cameras) * 1000, 2),
    'CPU, one core = 1': round(coreShare, 3),
    'of it in the kernel': round(cpu.system / 1000 / wallMs, 3),
    'µs a packet': round((coreShare * 1e6) / (packetsPerSecond * cameras), 2),
    'RSS, highest, MiB': round(rss / MIB, 1),
  });
  if (units / wallMs < (FPS * cameras * 0.98) / 1000)
    console.log('Not every picture came: the machine is too busy.');
  console.log(
    JSON.stringify({ bench: 'ingest', cameras, coreShare: round(coreShare, 3), rssMiB: round(rss / MIB, 1) }),
  );
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
