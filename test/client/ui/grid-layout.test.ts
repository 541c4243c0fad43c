import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridLayout } from '../../../client/ui/grid-layout.ts';

describe('the grid of cameras', () => {
  it('puts four cameras two by two on a desk’s screen', () => {
    expect(gridLayout(4, 1264, 740, 8).columns).toBe(2);
  });

  it('puts nine cameras three by three on a large screen', () => {
    expect(gridLayout(9, 2544, 1380, 8).columns).toBe(3);
  });

  it('puts two cameras over each other where the window is tall', () => {
    expect(gridLayout(2, 800, 1100, 8).columns).toBe(1);
    expect(gridLayout(2, 1600, 700, 8).columns).toBe(2);
  });

  it('gives a telephone one camera in a row, from edge to edge', () => {
    expect(gridLayout(9, 360, 690, 8)).toEqual({ columns: 1, tileWidth: 360 });
  });

  it('scrolls rather than making a hundred cameras too small to see', () => {
    const { columns, tileWidth } = gridLayout(100, 1264, 740, 8);
    expect(tileWidth).toBeGreaterThanOrEqual(280);
    expect(columns).toBe(4);
  });

  it('never makes a row wider than the window', () => {
    const pixels = fc.integer({ min: 280, max: 8000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), pixels, pixels, (count, width, height) => {
        const { columns, tileWidth } = gridLayout(count, width, height, 8);
        expect(tileWidth).toBeGreaterThan(0);
        expect(columns * tileWidth + (columns - 1) * 8).toBeLessThanOrEqual(width);
      }),
    );
  });
});
