import { describe, expect, it } from 'vitest';
import { NightglassError } from '#wire/nightglass-error.ts';
import { fuzz } from './fuzz.ts';
import { holds, type Target } from './target.ts';
import { fuzzInWorker } from './worker.ts';

const target = (take: (text: string) => string): Target => ({
  name: 'planted',
  limit: 200,
  words: [Buffer.from('gull')],
  seeds: () => [Buffer.from('a boat and a lamp')],
  take: (input) => take(Buffer.from(input).toString('latin1')),
});
const found = async (take: (text: string) => string) => {
  const report = await fuzz(target(take), { seed: 1, goOn: (inputs) => inputs < 3_000 });
  return report.found.map(({ what, input }) => [what, Buffer.from(input).toString('latin1')]);
};

describe('a fuzz run', () => {
  it('finds what is thrown, once, and makes its input small', async () => {
    const lookAt = (text: string): string => {
      if (text.includes('gull')) throw new TypeError(`a gull at ${text.indexOf('gull')}`);
      return '';
    };
    expect(await found(lookAt)).toEqual([[expect.stringContaining('TypeError: a gull at #'), 'gull']]);
  });

  it('finds what does not hold', async () => {
    const lookAt = (text: string): string => {
      holds(text.length < 100, 'it is short');
      return '';
    };
    expect(await found(lookAt)).toEqual([[expect.stringContaining('it is short'), expect.any(String)]]);
  });

  it('takes a refusal for an answer', async () => {
    const refuse = (): string => {
      throw new NightglassError('wire/malformed', 'no');
    };
    expect(await found(refuse)).toEqual([]);
  });

  it('finds an input that takes long', async () => {
    const work = (text: string): string => {
      const before = process.cpuUsage();
      const spent = () => process.cpuUsage(before).user + process.cpuUsage(before).system;
      if (text.startsWith('gull')) while (spent() < 60_000);
      return '';
    };
    expect(await found(work)).toEqual([['took longer than 50 ms', expect.stringMatching(/^gull/)]]);
  });

  it('gives the same inputs for the same seed', async () => {
    const inputsOf = async (seed: number): Promise<string[]> => {
      const inputs: string[] = [];
      const keep = (text: string): string => {
        inputs.push(text);
        return '';
      };
      await fuzz(target(keep), { seed, goOn: (count) => count < 50 });
      return inputs;
    };
    expect(await inputsOf(3)).toEqual(await inputsOf(3));
    expect(await inputsOf(3)).not.toEqual(await inputsOf(4));
  });

  it('ends one that never returns, and names it', async () => {
    const targets = new URL('planted-hang.ts', import.meta.url).href;
    const limits = { seed: 1, seconds: 600, inputs: Number.POSITIVE_INFINITY, stuckMs: 3_000 };
    const report = await fuzzInWorker({ targets, name: 'planted-hang', ...limits });
    expect(report.found.map(({ what }) => what)).toEqual(['never returns']);
    expect(Buffer.from(report.found[0]!.input).toString('latin1')).toContain('gull');
  });
});
