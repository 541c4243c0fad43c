/** What people use today to read many cameras: one ffmpeg child each, which copies the stream and decodes nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';

const PROGRAM = '/usr/bin/ffmpeg';
/** Of /proc/PID/stat: sysconf(_SC_CLK_TCK) on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** Whether it is here: `apt install ffmpeg`. */
export const ffmpegIsInstalled = (): boolean => existsSync(PROGRAM);

export class FfmpegReaders implements AsyncDisposable {
  readonly #children: readonly { readonly child: ChildProcess; readonly ended: Promise<unknown> }[];
  readonly #pictures: number[] = [];

  constructor(urls: readonly string[]) {
    this.#children = urls.map((url, index) => {
      const child = spawn(
        PROGRAM,
        [
          ...['-v', 'error', '-nostdin', '-rtsp_transport', 'tcp', '-i', url, '-an', '-c', 'copy'],
          ...['-progress', 'pipe:1', '-f', 'null', '-'],
        ],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      );
      child.stdout.on('data', (chunk) => {
        for (const [, count] of String(chunk).matchAll(/frame=(\d+)/g)) this.#pictures[index] = Number(count);
      });
      return { child, ended: once(child, 'exit') };
    });
  }

  /** Pictures copied so far, by all; each child tells every half second. */
  get pictures(): number {
    return this.#pictures.reduce((sum, count) => sum + count, 0);
  }

  /** Of all children so far, µs, as `process.cpuUsage` gives it. */
  cpuUsage(): { readonly user: number; readonly system: number } {
    const sum = { user: 0, system: 0 };
    for (const { child } of this.#children) {
      // The second field is the program's name in brackets; user and system time are the 14th and 15th.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      sum.user += (Number(fields[11]) / TICKS_PER_SECOND) * 1e6;
      sum.system += (Number(fields[12]) / TICKS_PER_SECOND) * 1e6;
    }
    return sum;
  }

  /** Bytes of all children, pages that several share counted once in all. */
  memory(): number {
    let bytes = 0;
    for (const { child } of this.#children) {
      const rollup = readFileSync(`/proc/${child.pid}/smaps_rollup`, 'utf8');
      bytes += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * KIB;
    }
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#children) child.kill('SIGKILL');
    await Promise.all(this.#children.map(({ ended }) => ended));
  }
}
