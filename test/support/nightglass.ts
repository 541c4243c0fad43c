/** The whole server, started the way a user starts it, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Nightglass extends AsyncDisposable {
  /** The login link it printed. */
  readonly link: string;
  readonly origin: string;
  readonly token: string;
  readonly pid: number;
  /** Resolves when its process has ended, however that was. */
  readonly ended: Promise<unknown>;
  /** Everything printed so far, both outputs. */
  output(): string;
  /** Resolves when something printed matches. */
  printed(pattern: RegExp): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the server on a free port with these arguments; the page must have been built. */
export async function startNightglass(...args: string[]): Promise<Nightglass> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts', '--port', '0', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const output = follow(child);
  await output.matches(/Nightglass ready: \S+/);
  const link = /Nightglass ready: (\S+)/.exec(output.text())?.[1] ?? '';
  const { origin, searchParams } = new URL(link);
  return {
    link,
    origin,
    token: searchParams.get('token') ?? '',
    pid: child.pid ?? 0,
    ended,
    output: output.text,
    printed: output.matches,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs the server until it ends by itself; returns its exit code and what it printed. */
export async function runNightglass(...args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = follow(child);
  const [code] = await once(child, 'close');
  return { code, output: output.text() };
}

function follow(child: ChildProcess) {
  let text = '';
  const waiting = new Set<() => void>();
  const grow = (chunk: Buffer) => {
    text += chunk;
    for (const look of waiting) look();
  };
  child.stdout?.on('data', grow);
  child.stderr?.on('data', grow);
  return {
    text: () => text,
    matches: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!pattern.test(text)) return;
          waiting.delete(look);
          resolve();
        };
        child.once('exit', (code) => reject(new Error(`Nightglass ended with ${code}:\n${text}`)));
        waiting.add(look);
        look();
      }),
  };
}
