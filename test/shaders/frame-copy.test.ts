/** Frames that a browser cannot import are copied, each once for all who read it. */
import { expect, it } from 'vitest';
import { type FrameCopy, openFrameCopy } from '../../shaders/frame-copy.ts';
import '../support/dawn.ts';

const frameOf = (displayWidth: number, displayHeight: number, closed = false): VideoFrame =>
  ({ displayWidth, displayHeight, closed }) as unknown as VideoFrame;

/** A copier, what it copied, and the textures it has not destroyed. */
function copier(): { copy: FrameCopy; copied: VideoFrame[]; living: Set<object> } {
  const copied: VideoFrame[] = [];
  const living = new Set<object>();
  const device = {
    createTexture({ size: [width, height] }: { size: [number, number] }) {
      const texture = { width, height, destroy: () => living.delete(texture) };
      living.add(texture);
      return texture;
    },
    queue: {
      copyExternalImageToTexture({ source }: { source: VideoFrame & { readonly closed: boolean } }) {
        if (source.closed) throw new DOMException('the frame is closed', 'InvalidStateError');
        copied.push(source);
      },
    },
  };
  return { copy: openFrameCopy(device as unknown as GPUDevice), copied, living };
}

it('copies a frame once for its conversion and its present', () => {
  const { copy, copied } = copier();
  const [first, second] = [frameOf(64, 48), frameOf(64, 48)];
  for (const frame of [first, first, second, second]) copy.copy(frame);
  expect(copied).toEqual([first, second]);
});

it('copies a frame again after that of another tile', () => {
  const { copy, copied } = copier();
  const [ours, theirs] = [frameOf(64, 48), frameOf(64, 48)];
  for (const frame of [ours, theirs, ours]) copy.copy(frame);
  expect(copied).toEqual([ours, theirs, ours]);
});

it('does not take a frame that it could not copy for copied', () => {
  const { copy, copied } = copier();
  const [frame, closed] = [frameOf(64, 48), frameOf(32, 24, true)];
  copy.copy(frame);
  for (let tries = 0; tries < 2; tries++) expect(() => copy.copy(closed)).toThrow('the frame is closed');
  copy.copy(frame);
  expect(copied).toEqual([frame, frame]);
});

it('keeps one texture as long as the frames are of one size, and none when it is disposed of', () => {
  const { copy, living } = copier();
  const texture = copy.copy(frameOf(64, 48));
  expect(copy.copy(frameOf(64, 48))).toBe(texture);
  expect(copy.copy(frameOf(32, 24))).toMatchObject({ width: 32, height: 24 });
  expect(living.size).toBe(1);
  copy[Symbol.dispose]();
  expect(living.size).toBe(0);
});
