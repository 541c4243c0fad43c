/** ffmpeg.wasm, fetched from our own server when it is first needed, one job at a time. */
import { FFFSType, FFmpeg } from '@ffmpeg/ffmpeg';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { Job } from './jobs.ts';
import { type Probe, readProbe } from './probe.ts';

/** Where the server keeps what is fetched. */
export interface FfmpegAddresses {
  readonly core: string;
  readonly wasm: string;
  readonly font: string;
}

/** How far a job is, 0…1 each; `fetching` happens once a page. */
export type Progress =
  | { readonly step: 'fetching'; readonly share: number }
  /** `pictures` counts those that came out so far. */
  | { readonly step: 'converting'; readonly share: number; readonly pictures: number };

/** ffmpeg.wasm addresses 2 GiB of memory, and keeps what it writes there. Files are read from where they lie. */
export const FILE_LIMIT_BYTES = 2 * 1024 ** 3;

const IN = '/in';
const FONT = '/font.ttf';
const REPORT = '/probe.json';
const LINES_KEPT = 40;

/** Owns the worker and its memory. After a failure it begins anew with the next job. */
export class Converter implements Disposable {
  readonly #addresses: FfmpegAddresses;
  #loaded: Promise<FFmpeg> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(addresses: FfmpegAddresses) {
    this.#addresses = addresses;
  }

  /**
   * What a file holds. @throws NightglassError `convert/too-large`, `convert/unavailable`, `convert/unreadable` when it
   * is no video that ffmpeg knows
   */
  probe(file: File, progress: (progress: Progress) => void, signal: AbortSignal): Promise<Probe> {
    return this.#inTurn([file], progress, signal, async (ffmpeg, [path]) => {
      const questions =
        'stream=codec_type,codec_name,width,height,avg_frame_rate:format=duration:format_tags=creation_time';
      // Its exit code says nothing; its report does. Its log level stays on for the job after it.
      await ffmpeg.ffprobe(
        ['-v', 'error', '-show_entries', questions, '-of', 'json', path!, '-o', REPORT],
        -1,
        { signal },
      );
      const report = await ffmpeg.readFile(REPORT, 'utf8').catch(() => '');
      await ffmpeg.deleteFile(REPORT).catch(() => {});
      return readProbe(String(report), file.name);
    });
  }

  /**
   * Does one job. @throws NightglassError `convert/too-large`, `convert/unavailable`, `convert/failed` with ffmpeg's own
   * last words; the signal's reason when it aborts, which ends ffmpeg at once
   */
  run(job: Job, progress: (progress: Progress) => void, signal: AbortSignal): Promise<File> {
    return this.#inTurn(job.inputs, progress, signal, async (ffmpeg, paths) => {
      const lines: string[] = [];
      const log = ({ message }: { message: string }) => {
        lines.push(message);
        if (lines.length > LINES_KEPT) lines.shift();
        const pictures = picturesDone(message);
        if (pictures === undefined) return;
        const done = job.seconds > 0 ? (secondsDone(message) ?? 0) / job.seconds : 0;
        progress({ step: 'converting', share: Math.min(1, done), pictures });
      };
      ffmpeg.on('log', log);
      const output = `/${job.output}`;
      try {
        progress({ step: 'converting', share: 0, pictures: 0 });
        if (job.needsFont) await this.#giveFont(ffmpeg, signal);
        const code = await ffmpeg.exec(
          ['-nostdin', '-v', 'info', ...job.args({ inputs: paths, font: FONT, output })],
          -1,
          { signal },
        );
        if (code !== 0) throw failed(lines);
        const bytes = await ffmpeg.readFile(output, 'binary', { signal });
        return new File([bytes as Uint8Array<ArrayBuffer>], job.output, { type: job.type });
      } finally {
        ffmpeg.off('log', log);
        await ffmpeg.deleteFile(output).catch(() => {});
      }
    });
  }

  [Symbol.dispose](): void {
    void this.#loaded?.then((ffmpeg) => ffmpeg.terminate()).catch(() => {});
    this.#loaded = undefined;
  }

  /** Waits for the job before, mounts the files, and unmounts them whatever happens. */
  async #inTurn<T>(
    files: readonly File[],
    progress: (progress: Progress) => void,
    signal: AbortSignal,
    work: (ffmpeg: FFmpeg, paths: readonly string[]) => Promise<T>,
  ): Promise<T> {
    refuseTooLarge(files);
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    try {
      signal.throwIfAborted();
      const ffmpeg = await this.#load(progress, signal);
      const stop = () => this[Symbol.dispose]();
      signal.addEventListener('abort', stop);
      try {
        return await this.#mounted(ffmpeg, files, work);
      } catch (error) {
        signal.throwIfAborted();
        // Memory that ffmpeg ran out of stays full: the next job gets a new one.
        this[Symbol.dispose]();
        throw error instanceof NightglassError ? error : failed([String(error)]);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    } finally {
      resolve();
    }
  }

  async #mounted<T>(
    ffmpeg: FFmpeg,
    files: readonly File[],
    work: (ffmpeg: FFmpeg, paths: readonly string[]) => Promise<T>,
  ): Promise<T> {
    // Under names of ours: a file's own may hold anything.
    const named = files.map((file, index) => new File([file], `${index}${extensionOf(file.name)}`));
    await ffmpeg.createDir(IN);
    try {
      await ffmpeg.mount(FFFSType.WORKERFS, { files: named }, IN);
      return await work(
        ffmpeg,
        named.map(({ name }) => `${IN}/${name}`),
      );
    } finally {
      await ffmpeg.unmount(IN).catch(() => {});
      await ffmpeg.deleteDir(IN).catch(() => {});
    }
  }

  #load(progress: (progress: Progress) => void, signal: AbortSignal): Promise<FFmpeg> {
    this.#loaded ??= this.#fetchCore(progress, signal).catch((error) => {
      this.#loaded = undefined;
      throw error;
    });
    return this.#loaded;
  }

  async #fetchCore(progress: (progress: Progress) => void, signal: AbortSignal): Promise<FFmpeg> {
    const { core, wasm } = this.#addresses;
    try {
      // Read here for its progress; the worker then finds it in the browser's cache.
      await readThrough(wasm, (share) => progress({ step: 'fetching', share }), signal);
      const ffmpeg = new FFmpeg();
      await ffmpeg.load({ coreURL: core, wasmURL: wasm }, { signal });
      return ffmpeg;
    } catch (cause) {
      signal.throwIfAborted();
      throw new NightglassError('convert/unavailable', 'ffmpeg could not be loaded from the server', {
        cause,
      });
    }
  }

  async #giveFont(ffmpeg: FFmpeg, signal: AbortSignal): Promise<void> {
    const response = await fetch(this.#addresses.font, { signal });
    if (!response.ok)
      throw new NightglassError('convert/unavailable', 'the font could not be fetched from the server');
    await ffmpeg.writeFile(FONT, new Uint8Array(await response.arrayBuffer()));
  }
}

/** @throws NightglassError `convert/too-large` */
export function refuseTooLarge(files: readonly File[]): void {
  const large = files.find(({ size }) => size > FILE_LIMIT_BYTES);
  if (large)
    throw new NightglassError(
      'convert/too-large',
      `${large.name} has ${(large.size / 1024 ** 3).toFixed(1)} GiB; ffmpeg in a browser takes files up to 2 GiB`,
    );
}

async function readThrough(
  address: string,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(address, { signal });
  if (!response.ok || !response.body) throw new Error(`${address}: ${response.status}`);
  const total = Number(response.headers.get('content-length')) || Number.POSITIVE_INFINITY;
  const reader = response.body.getReader();
  for (let read = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    read += value.length;
    progress(Math.min(1, read / total));
  }
}

/** ffmpeg's status line: `frame=  75 fps=0.0 … time=00:00:02.96 …`. */
export function secondsDone(line: string): number | undefined {
  const time = /\btime=(\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(line);
  return time ? Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3]) : undefined;
}

/** Of the same line. */
export function picturesDone(line: string): number | undefined {
  const count = /\bframe=\s*(\d+)/.exec(line);
  return count ? Number(count[1]) : undefined;
}

function failed(lines: readonly string[]): NightglassError {
  const words = lines.filter(
    (line) => /error|invalid|abort|memory|no such|not|failed/i.test(line) && line !== 'Aborted()',
  );
  const last = words.at(-1)?.replaceAll(/\/in\/\d+/g, 'the file');
  return new NightglassError(
    'convert/failed',
    `ffmpeg could not convert it${last ? `: ${last.slice(0, 200)}` : ''}`,
  );
}

const extensionOf = (name: string): string => /\.[a-z0-9]{1,5}$/i.exec(name)?.[0].toLowerCase() ?? '';
