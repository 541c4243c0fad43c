/** What the commands on pictures share: options, progress, one-line failures, exit codes. */
import { statSync } from 'node:fs';
import { NightglassError } from '#wire/nightglass-error.ts';
import { openProgress } from './progress.ts';

/** 0: every picture went through; 1: some did not, each was named; 2: none did, or nothing could start; 130: stopped. */
export type ExitCode = 0 | 1 | 2 | 130;

/** Runs a command and sets the exit code; what it throws becomes one line and a 2. */
export async function runCommand(main: () => Promise<ExitCode>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(reasonOf(error));
    process.exitCode = 2;
  }
}

/** Counts what went through and keeps why the rest did not. */
export class Tally {
  #done = 0;
  readonly #skipped: string[] = [];

  /** Does the work and keeps the name and the reason where it throws, unless everything is to stop. */
  async attempt(name: string, work: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    try {
      await work();
      this.#done++;
    } catch (error) {
      signal?.throwIfAborted();
      this.#skipped.push(`Skipped ${name}: ${reasonOf(error)}`);
    }
  }

  /** Names on standard error what was skipped. */
  end(): ExitCode {
    for (const line of this.#skipped) console.error(line);
    if (this.#skipped.length === 0) return 0;
    return this.#done > 0 ? 1 : 2;
  }
}

/** Does `work` for each name beside a progress bar, then names on standard error those for which it threw. */
export async function forEachPicture(
  names: readonly string[],
  work: (name: string) => Promise<void>,
): Promise<ExitCode> {
  const tally = new Tally();
  {
    using progress = openProgress(names.length, 'pictures');
    for (const name of names) {
      await tally.attempt(name, () => work(name));
      progress.step();
    }
  }
  return tally.end();
}

/** The option of this name, when it is a folder. */
export function folderOption(name: string, folder: string): string {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`--${name}: there is no folder ${folder}`);
  return folder;
}

/** The option of this name, when it is one of these words. */
export function wordOption<Word extends string>(name: string, word: string, words: readonly Word[]): Word {
  const known = words.find((each) => each === word);
  if (known === undefined) throw new Error(`--${name}: ${words.join(' or ')} was expected, ${word} came`);
  return known;
}

/** A share, when it is one. */
export function shareOption(name: string, share: string): number {
  const value = Number(share);
  if (share.trim() === '' || !(value >= 0 && value <= 1))
    throw new Error(`--${name}: a number from 0 to 1 was expected, ${share} came`);
  return value;
}

/** Seconds, when it is a time: `90`, `1:30`, `0:01:30.5`. */
export function timeOption(name: string, time: string): number {
  const [, hours = 0, minutes = 0, seconds] = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/.exec(time) ?? [];
  if (seconds === undefined)
    throw new Error(`--${name}: seconds or hours:minutes:seconds were expected, ${time} came`);
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** The name of a model, when it can be that of a folder in models/artifacts. */
export function modelOption(name: string): string {
  if (!/^[\w-]+$/.test(name))
    throw new Error(`--model: the name of a folder in models/artifacts was expected, ${name} came`);
  return name;
}

/** A failure in one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof NightglassError) return `${error.message} (${error.code})`;
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split('\n', 1)[0]!;
}
