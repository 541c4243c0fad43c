/** Which kernels were the fastest on this machine, kept in a file of the user's cache. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TuningStore } from '../../shaders/engine/tune.ts';

/** By the system's own custom; `XDG_CACHE_HOME` counts everywhere. */
export function tuningPath({ env, platform }: Pick<NodeJS.Process, 'env' | 'platform'> = process): string {
  const home = homedir();
  const own: Readonly<Record<string, string | undefined>> = {
    win32: env.LOCALAPPDATA,
    darwin: join(home, 'Library', 'Caches'),
  };
  const cache = env.XDG_CACHE_HOME || own[platform] || join(home, '.cache');
  return join(cache, 'nightglass', 'tunings.json');
}

/** A file that cannot be read or is none holds nothing; one that cannot be written costs the next run the search. */
export function fileTunings(path = tuningPath()): TuningStore {
  const read = (): Record<string, unknown> => {
    try {
      const kept: unknown = JSON.parse(readFileSync(path, 'utf8'));
      return typeof kept === 'object' && kept !== null ? { ...kept } : {};
    } catch {
      return {};
    }
  };
  return {
    get(key) {
      const name = read()[key];
      return typeof name === 'string' ? name : undefined;
    },
    set(key, tuning) {
      const text = `${JSON.stringify({ ...read(), [key]: tuning }, null, 2)}\n`;
      const written = `${path}.${process.pid}`;
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(written, text);
        renameSync(written, path);
      } catch {
        console.warn(`enhance: ${path} cannot be written: the kernels are tried again the next time`);
      }
    },
  };
}
