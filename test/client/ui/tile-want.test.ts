import { describe, expect, it } from 'vitest';
import { overlapsWindow, tileWant } from '../../../client/ui/tile-want.ts';

const seen = { pageHidden: false, inView: true, paused: false };

describe('how much of its stream a tile wants', () => {
  it('wants all of it while it can be seen', () => {
    expect(tileWant(seen)).toBe('live');
  });

  it('wants key units only while the page is hidden, so that the camera stays open', () => {
    expect(tileWant({ ...seen, pageHidden: true })).toBe('key');
  });

  it('wants nothing out of sight on the page', () => {
    expect(tileWant({ ...seen, inView: false })).toBe('pause');
    expect(tileWant({ ...seen, inView: false, pageHidden: true })).toBe('pause');
  });

  it('wants nothing under another camera that is large', () => {
    expect(tileWant({ ...seen, paused: true })).toBe('pause');
    expect(tileWant({ ...seen, paused: true, pageHidden: true })).toBe('pause');
  });
});

describe('whether a tile lies in the window', () => {
  const box = (left: number, top: number) => ({ left, top, right: left + 100, bottom: top + 50 });

  it.each([
    [0, 0],
    [-99, -49],
    [799, 599],
  ])('sees one at %d, %d', (left, top) => {
    expect(overlapsWindow(box(left, top), 800, 600)).toBe(true);
  });

  it.each([
    [-100, 0],
    [0, -50],
    [800, 0],
    [0, 600],
  ])('does not see one at %d, %d', (left, top) => {
    expect(overlapsWindow(box(left, top), 800, 600)).toBe(false);
  });
});
