import { describe, expect, it } from 'vitest';
import { corpusNames, corpusOf } from './corpus.ts';
import { fuzz } from './fuzz.ts';
import { judge } from './target.ts';
import { TARGETS } from './targets.ts';

/** Milliseconds. Tests share the machine with others, so only what hangs counts here, not what is slow. */
const HANG_MS = 2_000;
const INPUTS = 1_000;
const SEED = 4711;

describe.each(TARGETS.map((target) => [target.name, target] as const))('%s', (name, target) => {
  it('understands what its inputs are made from', async () => {
    const verdicts = await Promise.all(target.seeds().map((seed) => judge(target, seed, HANG_MS)));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(
      verdicts.map(() => expect.objectContaining({ kind: 'understood' })),
    );
  });

  for (const { file, input } of corpusOf(name))
    it(`stands what was found before: ${file}`, async () => {
      const { verdict } = await judge(target, input, HANG_MS);
      expect(verdict.kind).not.toBe('found');
    });

  it(`understands or refuses ${INPUTS} inputs that are nearly right`, async () => {
    const report = await fuzz(target, { seed: SEED, goOn: (count) => count < INPUTS, hangMs: HANG_MS });
    expect(report.found).toEqual([]);
    expect(report.understood).toBeGreaterThan(INPUTS / 100);
  });
});

it('keeps no case of a target that is gone', () => {
  const known = TARGETS.map(({ name }) => name);
  expect(corpusNames().filter((name) => !known.includes(name))).toEqual([]);
});
