import { describe, expect, it } from 'vitest';
import { TileNumbers } from '../../client/tile-numbers.ts';

const plain = (ageMs: number) => ({ ageMs, enhanceMs: undefined });

describe("a tile's live numbers", () => {
  it('are the rates of the last two seconds', () => {
    const numbers = new TileNumbers();
    for (let unit = 0; unit < 200; unit++) numbers.arrived(unit * 40, unit * 40_000);
    for (let picture = 0; picture < 80; picture++) numbers.shown(picture * 100, plain(30));
    expect(numbers.fpsIn(7960)).toBe(25);
    expect(numbers.fpsOut(7960)).toBe(10);
    expect(numbers.fpsOut(9800)).toBe(0.5);
    expect(numbers.framesShown).toBe(80);
    expect(numbers.fpsIn(60_000)).toBe(0);
    expect(numbers.fpsOut(60_000)).toBe(0);
  });

  it("count a replayed GOP at the camera's own rate", () => {
    const numbers = new TileNumbers();
    for (let unit = 0; unit < 250; unit++) numbers.arrived(1000, unit * 40_000);
    expect(numbers.fpsIn(1001)).toBeCloseTo(25, 5);
  });

  it('give medians, which one slow picture does not move', () => {
    const numbers = new TileNumbers();
    for (const [at, ageMs] of [40, 41, 900, 42, 43].entries())
      numbers.shown(at * 40, { ageMs, enhanceMs: ageMs / 2 });
    expect(numbers.ageMs(200)).toBe(42);
    expect(numbers.enhanceMs(200)).toBe(21);
    expect(numbers.framesEnhanced).toBe(5);
  });

  it('know no age before the first picture, and let the one that stands grow older', () => {
    const numbers = new TileNumbers();
    expect(numbers.ageMs(500)).toBeNull();
    expect(numbers.firstPictureMs).toBeNull();
    numbers.shown(600, plain(50));
    numbers.shown(700, plain(70));
    expect(numbers.firstPictureMs).toBe(600);
    expect(numbers.ageMs(10_700)).toBe(10_070);
  });

  it('tell what enhancement takes of an engine slower than the window, and nothing of plain pictures', () => {
    const numbers = new TileNumbers();
    numbers.shown(0, { ageMs: 5000, enhanceMs: 4800 });
    expect(numbers.enhanceMs(4000)).toBe(4800);
    numbers.shown(4100, plain(50));
    expect(numbers.enhanceMs(4200)).toBeNull();
  });
});
