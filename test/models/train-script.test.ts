/** The training script runs from its first line to its last, and leaves the checkout as it was. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const state = (): string =>
  execFileSync('git', ['status', '--porcelain', '--ignored', 'models'], { cwd: root }).toString();

it('walks from self-made pictures to shipped networks and a table, and leaves the checkout as it was', {
  timeout: 900_000,
}, async () => {
  const before = state();
  const child = spawn('sh', ['models/train.sh', '--smoke'], {
    cwd: root,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], output, errors] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  expect(code, output + errors).toBe(0);
  for (const name of ['teacher', 'lite', 'base', 'quality', 'base-free'])
    expect(output).toMatch(new RegExp(`wrote .*/artifacts/${name}: `));
  expect(state()).toBe(before);
});
