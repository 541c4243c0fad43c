/** What the commands on pictures share: options, progress, one-line failures, exit codes. */
import { statSync } from 'node:fs';
import { SingleBar } from 'cli-progress';
import { NightglassError } from '#wire/nightglass-error.ts';

/** 0: every picture went through; 1: some did not, each was named; 2: none did, or nothing could start. */
export type ExitCode = 0 | 1 | 2;

/** Runs a command and sets the exit code; what it throws becomes one line and a 2. */
export async function runCommand(main: () => Promise<ExitCode>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(reasonOf(error));
    process.exitCode = 2;
  }
}

/** Does `work` for each name beside a progress bar, then names on standard error those for which it threw. */
export async function forEachPicture(
  names: readonly string[],
  work: (name: string) => Promise<void>,
): Promise<ExitCode> {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} pictures, {eta_formatted} left',
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  bar.start(names.length, 0);
  const skipped: string[] = [];
  for (const name of names) {
    try {
      await work(name);
    } catch (error) {
      skipped.push(`Skipped ${name}: ${reasonOf(error)}`);
    }
    bar.increment();
  }
  bar.stop();
  for (const line of skipped) console.error(line);
  if (skipped.length === 0) return 0;
  return skipped.length < names.length ? 1 : 2;
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
