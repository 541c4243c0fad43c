import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dividerAfterCompare,
  dividerAfterKey,
  dividerAt,
  showsBoth,
} from '../../../client/ui/divider-position.ts';

describe('the before/after divider', () => {
  it('stands under the pointer, measured on the picture and not on the window', () => {
    expect(dividerAt(350, 100, 1000)).toBe(0.25);
  });

  it('stops at the picture’s edges', () => {
    expect(dividerAt(40, 100, 1000)).toBe(0);
    expect(dividerAt(4000, 100, 1000)).toBe(1);
  });

  it('stands at the left on a picture that has no width yet', () => {
    expect(dividerAt(40, 0, 0)).toBe(0);
  });

  it.each([
    ['ArrowLeft', false, 0.49],
    ['ArrowDown', false, 0.49],
    ['ArrowRight', false, 0.51],
    ['ArrowUp', false, 0.51],
    ['ArrowLeft', true, 0.4],
    ['ArrowRight', true, 0.6],
    ['PageDown', false, 0.4],
    ['PageUp', false, 0.6],
    ['Home', false, 0],
    ['End', false, 1],
  ] as const)('moves from the middle by %s (shift: %s) to %d', (key, shift, position) => {
    expect(dividerAfterKey(0.5, key, shift)).toBe(position);
  });

  it('leaves other keys to the page', () => {
    expect(dividerAfterKey(0.5, 'Escape', false)).toBeUndefined();
  });

  it('never leaves the picture, however many keys are pressed', () => {
    const key = fc.constantFrom('ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End');
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.boolean())), (presses) => {
        let position = 0.5;
        for (const [pressed, shift] of presses) position = dividerAfterKey(position, pressed, shift)!;
        expect(position).toBeGreaterThanOrEqual(0);
        expect(position).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('goes to the middle to compare, and away again', () => {
    expect(dividerAfterCompare(0)).toBe(0.5);
    expect(dividerAfterCompare(0.3)).toBe(0);
    expect(dividerAfterCompare(1)).toBe(0.5);
  });

  it('shows both pictures only where both have some width', () => {
    expect([0, 0.01, 0.03, 0.97, 0.99, 1].map(showsBoth)).toEqual([false, false, true, true, false, false]);
  });
});
