/** ffmpeg and ffprobe as children: started without a shell, ended with their owner, their last line kept. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

const LINE_LIMIT = 300;

const HINT =
  'install ffmpeg 5.1 or newer (Debian, Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg)';

export interface Child extends AsyncDisposable {
  readonly process: ChildProcess;
  /** Resolves when it ended well. @throws Error with its last line */
  readonly ended: Promise<void>;
}

/**
 * Starts `ffmpeg` or `ffprobe`; the signal and disposing it kill it, disposing waits for its end.
 * @param task what it does, for the message: `ffmpeg could not <task>: …`
 * @throws Error with how to install it, when the program is not there
 */
export async function startChild(
  program: 'ffmpeg' | 'ffprobe',
  args: readonly string[],
  stdio: StdioOptions,
  task: string,
  signal: AbortSignal,
): Promise<Child> {
  const child = spawn(program, ['-hide_banner', '-loglevel', 'error', ...args], { stdio });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  closed.catch(() => {});
  const kill = (): boolean => child.kill('SIGKILL');
  try {
    await once(child, 'spawn');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw cause;
    throw new Error(`videos need ${program}, which is not installed here: ${HINT}`, { cause });
  }
  if (signal.aborted) kill();
  else signal.addEventListener('abort', kill);
  // A child that ends while it is written to says so by its exit and its last line.
  child.stdin?.on('error', () => {});
  let last = '';
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split(/[\r\n]+/);
    rest = lines.pop()!.slice(-LINE_LIMIT);
    last = (lines.findLast((line) => line.trim() !== '') ?? last).slice(0, LINE_LIMIT);
  });
  const ended = closed.then(([code, killer]) => {
    signal.removeEventListener('abort', kill);
    signal.throwIfAborted();
    if (code === 0) return;
    const why = rest.trim() || last.trim() || `it ended with ${killer ?? code}`;
    throw new Error(`${program} could not ${task}: ${why}`);
  });
  // Whoever awaits it is told; a child given up before that is not a failure.
  ended.catch(() => {});
  return {
    process: child,
    ended,
    async [Symbol.asyncDispose]() {
      kill();
      for (const stream of child.stdio) stream?.destroy();
      await ended.catch(() => {});
    },
  };
}

/** A file's path as ffmpeg takes it: never an option, never an address. */
export const asInput = (path: string): readonly string[] => [
  '-protocol_whitelist',
  'file',
  '-i',
  `file:${path}`,
];
