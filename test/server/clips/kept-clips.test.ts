import { describe, expect, it } from 'vitest';
import { type EvidenceFacts, type ExportGap, readEvidence } from '#wire/evidence.ts';
import { wallMicros } from '#wire/time.ts';
import { keptClip } from '../../../server/clips/kept-clips.ts';
import { madeClip } from '../../support/made-clip.ts';

const gap = (index: number): ExportGap => ({
  from: wallMicros(1_780_036_800_000_000 + index * 10e6),
  to: wallMicros(1_780_036_801_000_000 + index * 10e6),
  why: index === 1 ? 'gone' : 'not-recorded',
});

/** What is listed of a clip that was exported with these gaps. */
function listed(gaps: readonly ExportGap[]) {
  const made = madeClip({
    facts: (facts): EvidenceFacts => ({
      ...facts,
      exported: { from: facts.from, to: facts.to, gaps },
    }),
  });
  const evidence = readEvidence(String(made.files.get(made.evidence)));
  return keptClip(made.id, evidence, [...made.files.keys()]);
}

describe('a clip that was exported from the past, as the server lists it', () => {
  it('names what is missing of the span, and nothing where nothing is', () => {
    expect(listed([gap(0), gap(1)]).missing).toEqual({ gaps: [gap(0), gap(1)], count: 2 });
    expect(listed([])).not.toHaveProperty('missing');
  });

  it('is kept however many gaps it has: the first are named, all are counted', () => {
    const gaps = Array.from({ length: 200 }, (_, index) => gap(index));
    const { missing } = listed(gaps);
    expect(missing).toEqual({ gaps: gaps.slice(0, 3), count: 200 });
  });

  it('passes nothing on that somebody else wrote into a gap', () => {
    const strange = { ...gap(0), note: '<b>' } as ExportGap;
    expect(listed([strange]).missing?.gaps).toEqual([gap(0)]);
  });
});
