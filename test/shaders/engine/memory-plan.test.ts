/** Tensors share memory, and never while both are needed. */
import { describe, expect, it } from 'vitest';
import { memoryPlan } from '../../../shaders/engine/memory-plan.ts';
import type { Tensor } from '../../../shaders/engine/points.ts';
import { readBy, scheduled } from '../../../shaders/engine/schedule.ts';
import { filesOf, runnable } from './golden.ts';

const bytes = ({ channels, divisor }: Tensor): number => (4 * channels * 64 * 64) / divisor ** 2;

describe.each(runnable)('the memory of %s', (model) => {
  it.each([true, false])(
    'is never written while something in it is still to be read (tiles: %s)',
    async (tiles) => {
      const { card } = await filesOf(model);
      const schedule = scheduled(card, tiles);
      const plan = memoryPlan(schedule, bytes, ({ name }) => name === 'subpixels');
      const holds = new Map<number, Tensor>();
      for (const step of schedule.steps) {
        for (const tensor of readBy(step)) expect(holds.get(plan.pieceOf(tensor))).toBe(tensor);
        if ((step.kind === 'conv' || step.kind === 'points') && step.output.name !== 'subpixels') {
          const piece = plan.pieceOf(step.output);
          // A kernel that wrote where it reads would read its own output.
          for (const tensor of readBy(step)) expect(plan.pieceOf(tensor)).not.toBe(piece);
          expect(plan.pieces[piece]).toBeGreaterThanOrEqual(bytes(step.output));
          holds.set(piece, step.output);
        }
      }
    },
  );

  it('is less than all its tensors together', async () => {
    const { card } = await filesOf(model);
    const schedule = scheduled(card, true);
    const plan = memoryPlan(schedule, bytes, ({ name }) => name === 'subpixels');
    const tensors = schedule.steps.flatMap((step) =>
      step.kind === 'conv' || step.kind === 'points' ? [step.output] : [],
    );
    const all = tensors.reduce((sum, tensor) => sum + (tensor.name === 'subpixels' ? 0 : bytes(tensor)), 0);
    expect(plan.pieces.reduce((a, b) => a + b)).toBeLessThan(0.9 * all);
  });
});
