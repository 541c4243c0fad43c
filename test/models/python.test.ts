/** The Python side of the models is tested in Python: each test file there is one case here. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('_test.py'));

/** Debian's Python, which has the packages that `test/support/prepare.ts` installs. */
async function unittest(file: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(
    '/usr/bin/python3',
    ['-m', 'unittest', 'discover', '-s', 'test/models', '-p', file, '-v'],
    {
      cwd: root,
      env: { ...process.env, PYTHONPATH: 'models', PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '2' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, out, errors] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { code, output: out + errors };
}

describe('the Python of the models', () => {
  it.each(files)('keeps what %s says', { timeout: 240_000 }, async (file) => {
    const { code, output } = await unittest(file);
    expect(code, output).toBe(0);
    // unittest also exits with 0 where it found nothing, or skipped what it found.
    expect(output).toMatch(/^Ran [1-9]\d* tests?/m);
    expect(output).not.toMatch(/skipped/);
  });
});
