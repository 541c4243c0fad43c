import { describe, expect, it } from 'vitest';
import { tileRendition } from '../../../client/ui/tile-rendition.ts';

describe('which rendition a tile shows', () => {
  it('is the smaller one for a small tile, the full one for a large one', () => {
    expect([1, 320, 480].map((width) => tileRendition(width, 'main'))).toEqual(['sub', 'sub', 'sub']);
    expect([560, 1920].map((width) => tileRendition(width, 'sub'))).toEqual(['main', 'main']);
  });

  it('stays what it is while a tile is drawn a little larger or smaller', () => {
    expect([481, 520, 559].map((width) => tileRendition(width, 'sub'))).toEqual(['sub', 'sub', 'sub']);
    expect([481, 520, 559].map((width) => tileRendition(width, 'main'))).toEqual(['main', 'main', 'main']);
    expect(tileRendition(520, undefined)).toBe('main');
  });

  it('is what it was, and first the smaller one, for a tile that is not laid out', () => {
    expect([tileRendition(0, 'main'), tileRendition(0, undefined)]).toEqual(['main', 'sub']);
  });
});
