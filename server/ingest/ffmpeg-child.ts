/** One ffmpeg child: started without a shell, its last words kept, ended with its owner. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { NightglassError } from '#wire/nightglass-error.ts';

/** Lines of standard error kept for the message when it fails, and characters of each. */
const LAST_LINES = 6;
const LINE_LIMIT = 300;

export interface Ffmpeg extends AsyncDisposable {
  readonly input: Writable;
  readonly output: Readable;
  /** Why it ended, as the end of a sentence: its last lines, without addresses' user names and passwords. */
  lastWords(): string;
}

/**
 * @param args never hold a secret: every user of the machine may read a process's arguments
 * @throws NightglassError `ingest/no-ffmpeg` when the program is not installed
 */
export async function startFfmpeg(args: readonly string[], secrets: readonly string[]): Promise<Ffmpeg> {
  const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'warning', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close').catch(() => {});
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new NightglassError('ingest/no-ffmpeg', 'this camera needs ffmpeg, which is not installed here', {
      cause,
    });
  }
  // A child that ends while it is written to says so by its exit and its last words.
  child.stdin.on('error', () => {});
  const lines = keepLastLines(child, secrets);
  return {
    input: child.stdin,
    output: child.stdout,
    lastWords: () => lines.join('; ') || 'it gave no reason',
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      child.stdout.destroy();
      await closed;
    },
  };
}

function keepLastLines(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  secrets: readonly string[],
): string[] {
  const lines: string[] = [];
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split(/[\r\n]+/);
    rest = (parts.pop() ?? '').slice(-LINE_LIMIT);
    for (const line of parts)
      if (line.trim() !== '') lines.push(withoutSecrets(line, secrets).slice(0, LINE_LIMIT));
    lines.splice(0, lines.length - LAST_LINES);
  });
  return lines;
}

function withoutSecrets(line: string, secrets: readonly string[]): string {
  const bare = line.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*@/gi, '$1…@');
  return secrets.reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, '…')), bare);
}
