/** `npm run enhance`: pictures and videos through the shipped network, in Node. */
import { type ExitCode, runCommand } from './command.ts';
import { enhanceFiles } from './enhance-files.ts';
import { HELP, readOptions } from './enhance-options.ts';

const STOPPED = 130;

async function main(): Promise<ExitCode> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    console.error(HELP);
    return 2;
  }
  const stop = new AbortController();
  // A second Ctrl-C ends the process at once.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    return await enhanceFiles(options, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error('Stopped. What is finished stays; the same command goes on from there.');
    return STOPPED;
  }
}

await runCommand(main);
