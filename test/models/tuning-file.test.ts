import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileTunings, tuningPath } from '../../models/tools/tuning-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightglass-tunings-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('the kernels chosen on a machine', () => {
  it('are kept for the next run, each GPU’s and network’s beside the others, and nothing else is left', async () => {
    const path = join(folder, 'deep', 'tunings.json');
    fileTunings(path).set('GPU a', 'plain');
    fileTunings(path).set('GPU b', 'wide');
    fileTunings(path).set('GPU a', 'narrow');
    expect(['GPU a', 'GPU b', 'GPU c'].map((key) => fileTunings(path).get(key))).toEqual([
      'narrow',
      'wide',
      undefined,
    ]);
    expect(await readdir(join(folder, 'deep'))).toEqual(['tunings.json']);
  });

  it.each(['', 'no JSON', 'null', '{"GPU a": 7}'])('are none in a file that holds "%s"', async (text) => {
    const path = join(folder, 'tunings.json');
    await writeFile(path, text);
    expect(fileTunings(path).get('GPU a')).toBeUndefined();
    fileTunings(path).set('GPU a', 'plain');
    expect(fileTunings(path).get('GPU a')).toBe('plain');
  });

  it('are sought again, and the person is told, where the file cannot be written', async () => {
    const told = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await writeFile(join(folder, 'file'), '');
    const path = join(folder, 'file', 'tunings.json');
    fileTunings(path).set('GPU a', 'plain');
    expect(told.mock.calls).toEqual([[expect.stringContaining(`${path} cannot be written`)]]);
    told.mockRestore();
  });

  it.each([
    { platform: 'linux', env: { XDG_CACHE_HOME: '/c' }, path: /^\/c\/nightglass\/tunings\.json$/ },
    { platform: 'linux', env: {}, path: /\/\.cache\/nightglass\/tunings\.json$/ },
    { platform: 'darwin', env: {}, path: /\/Library\/Caches\/nightglass\/tunings\.json$/ },
    { platform: 'win32', env: { LOCALAPPDATA: '/l' }, path: /^\/l\/nightglass\/tunings\.json$/ },
  ] as const)('lie where the system keeps such files: $platform $env', ({ platform, env, path }) => {
    expect(tuningPath({ platform, env })).toMatch(path);
  });
});
