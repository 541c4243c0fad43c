/**
 * `npm run bench -- fanout [--viewers 1000] [--mbit 2] [--seconds 15] [--stuck 0]`: one stream sent to many viewers.
 *
 * This process is the server's part, Stream to WebSocket, and nothing else; its CPU time is what is measured. The
 * viewers live in a process of their own (fanout-viewers.ts). The added delay of a message is its arrival there, whole,
 * minus the moment its unit was published here, by the monotonic clock that all processes of a machine share. Every
 * message counts, key units with their bursts included.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';
import type { AccessUnit } from '#wire/access-unit.ts';
import { micros, wallMicros, wallNow } from '#wire/time.ts';
import { Stream } from '../../server/fanout/stream.ts';
import { serveViewer, viewerSocketOptions } from '../../server/socket/viewer.ts';
import { BUCKET_MS, type FromViewers, sharedClock, type ToViewers } from './fanout-viewers.ts';

const FPS = 25;
const GOP = 50;
/** A key unit is so many times as large as a delta unit. */
const KEY_WEIGHT = 8;
const WARM_UP_SECONDS = 3;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      viewers: { type: 'string', default: '1000' },
      mbit: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '15' },
      stuck: { type: 'string', default: '0' },
    },
  });
  const viewers = Number(values.viewers);
  const mbit = Number(values.mbit);
  const stuck = Number(values.stuck);

  const stream = new Stream();
  const rendering = { stream, epochBase: 0 };
  const server = new WebSocketServer({ ...viewerSocketOptions, host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => void serveViewer(socket, { rendering: () => rendering }));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const child = fork(new URL('fanout-viewers.ts', import.meta.url));
  const stop = new AbortController();
  const published = publishInRealTime(stream, mbit, stop.signal);
  tell(child, { type: 'connect', port, viewers, stuck });
  await heard(child, 'connected');
  await wait(WARM_UP_SECONDS * 1000);
  // The kernel's buffers are filled first, which takes a while; only then is a viewer stuck.
  while (stream.counters.dropped < stuck) await wait(200);

  tell(child, { type: 'start', at: sharedClock() });
  const before = { cpu: process.cpuUsage(), at: performance.now(), counters: stream.counters };
  await wait(Number(values.seconds) * 1000);
  const cpu = process.cpuUsage(before.cpu);
  const wallMs = performance.now() - before.at;
  const after = stream.counters;
  tell(child, { type: 'stop' });
  const result = await heard(child, 'result');
  stop.abort();
  await published;
  child.disconnect();
  await once(child, 'exit');
  server.close();
  for (const socket of server.clients) socket.terminate();

  const delays = new Delays(result.histogram);
  const report = {
    bench: 'fanout',
    viewers,
    mbitPerViewer: round((result.bytes * 8) / 1e3 / wallMs / viewers, 2),
    coreShare: round((cpu.user + cpu.system) / 1000 / wallMs, 3),
    p50Ms: delays.quantile(0.5),
    p99Ms: delays.quantile(0.99),
  };
  console.table({
    'viewers that read': viewers,
    'viewers that never read': stuck,
    'units a second and viewer': round((delays.count / wallMs / viewers) * 1000, 2),
    'Mbit/s a viewer': report.mbitPerViewer,
    'server, share of a core': report.coreShare,
    '  of it in the kernel': round(cpu.system / 1000 / wallMs, 3),
    'viewers, share of a core': round(result.coreShare, 3),
    'added delay p50, ms': report.p50Ms,
    'added delay p90, ms': delays.quantile(0.9),
    'added delay p99, ms': report.p99Ms,
    'added delay max, ms': delays.quantile(1),
    'units left out, all viewers': after.dropped - before.counters.dropped,
    'gaps told to those who read': result.gaps,
    'server memory, MiB': round(process.memoryUsage.rss() / 1024 / 1024, 0),
  });
  console.log(JSON.stringify(report));
}

/** Publishes a made-up camera of constant rate until the signal aborts; `capturedAt` is the shared clock. */
async function publishInRealTime(stream: Stream, mbit: number, signal: AbortSignal): Promise<void> {
  const gopBytes = ((mbit * 1e6) / 8) * (GOP / FPS);
  const deltaBytes = Math.round(gopBytes / (GOP - 1 + KEY_WEIGHT));
  const config = { codec: 'avc1.640028', codedWidth: 1920, codedHeight: 1080, format: 'annexb' } as const;
  const start = performance.now();
  stream.setState({ state: 'live', since: wallNow() });
  for (let n = 0; !signal.aborted; n++) {
    const key = n % GOP === 0;
    const picture = {
      timestamp: micros((n * 1e6) / FPS),
      captureClock: 'arrival' as const,
      data: Buffer.alloc(key ? deltaBytes * KEY_WEIGHT : deltaBytes, n),
      capturedAt: wallMicros(Math.round(sharedClock())),
    };
    const unit: AccessUnit = key ? { ...picture, key, config } : { ...picture, key };
    stream.publish(unit);
    const due = start + ((n + 1) * 1000) / FPS;
    await wait(Math.max(0, due - performance.now()));
  }
}

/** Delays by buckets of `BUCKET_MS`. */
class Delays {
  readonly count: number;
  readonly #histogram: readonly number[];

  constructor(histogram: readonly number[]) {
    this.#histogram = histogram;
    this.count = histogram.reduce((sum, n) => sum + n, 0);
  }

  /** The upper edge of the bucket that holds the quantile, ms. */
  quantile(q: number): number {
    let left = Math.max(1, Math.ceil(this.count * q));
    const bucket = this.#histogram.findIndex((n) => {
      left -= n;
      return left <= 0;
    });
    return round((bucket + 1) * BUCKET_MS, 2);
  }
}

const tell = (child: ChildProcess, message: ToViewers): void => {
  child.send(message);
};

async function heard<T extends FromViewers['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<FromViewers, { type: T }>> {
  const over = new AbortController();
  child.once('exit', () => over.abort(new Error('the viewers have died')));
  for (;;) {
    const [message] = (await once(child, 'message', { signal: over.signal })) as [FromViewers];
    if (message.type === type) return message as Extract<FromViewers, { type: T }>;
  }
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
