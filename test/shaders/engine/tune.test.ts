/** The fastest tuning is taken whose numbers are right, and remembered. */
import { describe, expect, it } from 'vitest';
import { checkedFiles } from '../../../shaders/engine/card.ts';
import { type Candidate, fastest, tuned, WrongNumbers } from '../../../shaders/engine/tune.ts';
import { PLAIN, tuningsFor } from '../../../shaders/engine/tuning.ts';
import type { ShaderSource } from '../../../shaders/shader-source.ts';
import { shaders, withoutErrors } from '../../support/dawn.ts';
import { smallNetwork } from './small-network.ts';

const [, wide, square] = tuningsFor(new Set<string>());
const tried = (...times: (number | undefined)[]): Candidate[] =>
  times.map((ms, i) => ({ tuning: [PLAIN, wide!, square!][i]!, ms }));

const small = () => {
  const { card, weights } = smallNetwork();
  return checkedFiles(card, weights);
};

/** A driver that computes one kernel wrongly: its text is another. */
const wrong =
  (kernel: string, right: string, spoilt: string): ShaderSource =>
  (name) =>
    name === kernel ? shaders(name).replace(right, spoilt) : shaders(name);

describe('the choice among tunings', () => {
  it('goes to the fastest', () => {
    expect(fastest(tried(4, 3, 2))).toBe(square);
  });

  it('stays with the more cautious one unless another is clearly faster', () => {
    expect(fastest(tried(4, 3.7, 3.65))).toBe(PLAIN);
  });

  it('never goes to one whose numbers were wrong', () => {
    expect(fastest(tried(4, undefined, 1))).toBe(square);
    expect(fastest(tried(4, undefined, undefined))).toBe(PLAIN);
  });
});

describe('tuning on the device', () => {
  const size = { width: 16, height: 8, adapter: 'test' };

  it(
    'tries all that the device can do, and keeps the choice for the next time',
    () =>
      withoutErrors(async (device) => {
        const store = new Map<string, string>();
        const first = await tuned(device, shaders, await small(), { ...size, store });
        expect(first.candidates.length).toBeGreaterThan(1);
        expect(first.candidates.every(({ ms }) => ms! > 0)).toBe(true);
        const again = await tuned(device, shaders, await small(), { ...size, store });
        expect(again).toEqual({ tuning: first.tuning, candidates: [] });
        const other = [...store.keys()][0]!.replace('test', 'another GPU');
        expect(store.has(other)).toBe(false);
      }),
    120_000,
  );

  it(
    'passes over kernels that a driver computes wrongly',
    () =>
      withoutErrors(async (device) => {
        const spoilt = wrong('engine/conv-tile', 'at.y)', 'at.x)');
        const { tuning, candidates } = await tuned(device, spoilt, await small(), size);
        expect(tuning.tiles).toBe(false);
        for (const candidate of candidates) expect(candidate.ms === undefined).toBe(candidate.tuning.tiles);
      }),
    120_000,
  );

  it(
    'says so where even the plain kernels are computed wrongly',
    () =>
      withoutErrors(async (device) => {
        const spoilt = wrong('engine/vectors', 'return 1.0 / vectors[a]', 'return 1.1 / vectors[a]');
        await expect(tuned(device, spoilt, await small(), size)).rejects.toThrow(WrongNumbers);
      }),
    60_000,
  );
});
