import { describe, expect, it, vi } from 'vitest';
import type { Enhanced, TileEnhancer } from '../../client/enhance/enhancer.ts';
import type { Scene, Screen } from '../../client/present/screen.ts';
import { openLane } from '../../client/tile-lane.ts';

const LOOK = { strength: 1, divider: 0 };
const FACTS = { timestamp: 0, stretch: 1, tiles: 1, fps: 25 };
const ENHANCED: Enhanced<string> = {
  picture: 'bright',
  compute: { width: 160, height: 96 },
  network: { name: 'base', sha256: 'ab' },
  ms: 12,
};
const frame = (width: number, height: number) =>
  ({ displayWidth: width, displayHeight: height }) as VideoFrame;

/** A lane on a screen that remembers what it was given, with an enhancer that answers so. */
function lane(answer?: () => Promise<Enhanced<string> | undefined>) {
  const scenes: Scene<string>[] = [];
  const gone: string[] = [];
  const screen: Screen<string> = {
    draw: (scene) => scenes.push(scene),
    [Symbol.dispose]: () => gone.push('screen'),
  };
  const enhancer: TileEnhancer<string> | undefined = answer && {
    ready: true,
    enhance: answer,
    [Symbol.dispose]: () => gone.push('enhancer'),
  };
  return { lane: openLane(screen, enhancer, () => screen), scenes, gone };
}

describe("a tile's last two steps", () => {
  it("show what was made of the picture, a small camera's at twice its size", async () => {
    const small = lane(async () => ENHANCED);
    expect(await small.lane.enhance(frame(160, 96), FACTS)).toMatchObject({ ms: 12 });
    expect(small.lane.present(frame(160, 96), LOOK)).toEqual({ width: 320, height: 192 });
    expect(small.scenes).toMatchObject([{ enhanced: 'bright', size: { width: 320, height: 192 } }]);
    const large = lane(async () => ENHANCED);
    await large.lane.enhance(frame(960, 540), FACTS);
    expect(large.lane.present(frame(960, 540), LOOK)).toEqual({ width: 960, height: 540 });
  });

  it("show the camera's own picture at its own size where nothing enhances it", async () => {
    for (const { lane: plain, scenes } of [lane(), lane(async () => undefined)]) {
      expect(await plain.enhance(frame(160, 96), FACTS)).toBeUndefined();
      expect(plain.present(frame(160, 96), LOOK)).toEqual({ width: 160, height: 96 });
      expect(scenes).toMatchObject([{ enhanced: undefined }]);
    }
  });

  it('show the plain picture, not an older enhanced one, where enhancing fails', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const answers = [async () => ENHANCED, () => Promise.reject(new Error('the network stopped'))];
    const { lane: failing, scenes } = lane(() => answers.shift()!());
    await failing.enhance(frame(160, 96), FACTS);
    expect(await failing.enhance(frame(160, 96), FACTS)).toBeUndefined();
    failing.present(frame(160, 96), LOOK);
    expect(scenes).toMatchObject([{ enhanced: undefined }]);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  it('keep the enhanced picture to draw it anew, until it is forgotten', async () => {
    const { lane: kept, scenes } = lane(async () => ENHANCED);
    await kept.enhance(frame(160, 96), FACTS);
    kept.present(frame(160, 96), LOOK);
    kept.present(frame(160, 96), { strength: 0.5, divider: 0.3 });
    expect(kept.holds).toBe(true);
    kept.forget();
    kept.present(frame(160, 96), LOOK);
    expect(scenes.map(({ enhanced }) => enhanced)).toEqual(['bright', 'bright', undefined]);
    expect(scenes[1]).toMatchObject({ look: { strength: 0.5, divider: 0.3 } });
  });

  it('give both back and draw no more when they are replaced', async () => {
    const { lane: replaced, scenes, gone } = lane(async () => ENHANCED);
    replaced[Symbol.dispose]();
    replaced.present(frame(160, 96), LOOK);
    expect(scenes).toEqual([]);
    expect(gone).toEqual(['enhancer', 'screen']);
  });
});
