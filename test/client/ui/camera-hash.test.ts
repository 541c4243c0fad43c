import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cameraOfHash, hashOfCamera } from '../../../client/ui/camera-hash.ts';

describe('the large camera in the page’s address', () => {
  it('names a camera behind #/camera/', () => {
    expect(hashOfCamera('gate 4/north')).toBe('#/camera/gate%204%2Fnorth');
  });

  it('comes back as it went in, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        expect(cameraOfHash(hashOfCamera(name))).toBe(name);
      }),
    );
  });

  it.each(['', '#', '#/', '#/camera/', '#/camera/%', '#/other/quay'])('finds no camera in "%s"', (hash) => {
    expect(cameraOfHash(hash)).toBeUndefined();
  });
});
