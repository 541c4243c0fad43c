/** A tile on our own engine: the shipped network on Dawn, with textures in place of decoded frames. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FrameFacts } from '../../../client/enhance/enhancer.ts';
import type { Gpu } from '../../../client/enhance/gpu-device.ts';
import { OneAtATime } from '../../../client/enhance/one-at-a-time.ts';
import { WgslEnhancer } from '../../../client/enhance/wgsl-enhancer.ts';
import type { WgslTile } from '../../../client/enhance/wgsl-tile.ts';
import { checkedFiles, type NetworkFiles } from '../../../shaders/engine/card.ts';
import { PLAIN } from '../../../shaders/engine/tuning.ts';
import { fromTexture } from '../../../shaders/picture-source.ts';
import type { EnhancedPicture } from '../../../shaders/pixel-shuffle.ts';
import { readTexture, texture } from '../../shaders/device-memory.ts';
import { noisePicture } from '../../shaders/noise.ts';
import { dawnDevice, shaders } from '../../support/dawn.ts';

const BASE = new URL('../../../models/artifacts/base/', import.meta.url);

let files: NetworkFiles;
let device: GPUDevice;
const opened: Disposable[] = [];

beforeAll(async () => {
  const weights = readFileSync(new URL('weights.bin', BASE));
  files = await checkedFiles(
    JSON.parse(readFileSync(new URL('card.json', BASE), 'utf8')),
    weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength) as ArrayBuffer,
  );
  device = await dawnDevice();
});

afterEach(() => {
  for (const part of opened.splice(0)) part[Symbol.dispose]();
});

/** The same network under other names, as if they cost so much. */
const named = (name: string, macsPerInputPixel: number): [string, NetworkFiles] => [
  name,
  { ...files, card: { ...files.card, name, macsPerInputPixel } },
];

function engine(
  networks: ReadonlyMap<string, NetworkFiles> = new Map([named('base', 4980)]),
  denoise = false,
) {
  const source = {
    wgslType: fromTexture.wgslType,
    resource: (_device: GPUDevice, frame: VideoFrame) =>
      (frame as unknown as { readonly texture: GPUTexture }).texture.createView(),
  };
  const gpu: Gpu = { device, name: 'Dawn', software: true, source };
  const tuned = [...networks].map(([name, files]) => [name, { files, tuning: PLAIN, refused: [] }] as const);
  const rest = { openings: new OneAtATime(), restMs: 0, stop: () => {} };
  const enhancer = new WgslEnhancer({ gpu, shaders, denoise }, new Map(tuned), rest);
  const tile = enhancer.openTile() as WgslTile;
  opened.push(tile, enhancer);
  return { enhancer, tile };
}

/** A dark picture of noise, as if it were a frame. */
const frameOf = (width: number, height: number): VideoFrame =>
  shownAs(
    width,
    height,
    noisePicture(width, height).map((value) => value / 8),
  );

/** A dark wall in a camera's noise. */
const grainy = (seed: number): VideoFrame =>
  shownAs(
    32,
    16,
    noisePicture(32, 16, seed).map((value) => 20 + value / 32),
  );

const shownAs = (
  displayWidth: number,
  displayHeight: number,
  rgba: Uint8ClampedArray<ArrayBuffer>,
): VideoFrame =>
  ({
    displayWidth,
    displayHeight,
    texture: texture(device, displayWidth, displayHeight, rgba),
  }) as unknown as VideoFrame;

let timestamp = 0;
function facts(): FrameFacts {
  timestamp += 40_000;
  return { timestamp, stretch: 1, tiles: 1, fps: 25 };
}

/** Gives frames until one comes back: nothing but work on the device stands in between. */
async function until({ tile, enhancer }: ReturnType<typeof engine>, frame: VideoFrame) {
  let ended: string | undefined;
  void enhancer.ended.then((reason) => {
    ended = reason;
  });
  for (;;) {
    if (ended !== undefined) throw new Error(ended);
    const made = await tile.enhance(frame, facts());
    if (made) return made;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function mean({ picture }: EnhancedPicture): Promise<number> {
  const bytes = await readTexture(device, picture);
  return bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
}

/** The mean of how far two pictures lie apart. */
const difference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;

describe('a tile on our own engine', { timeout: 120_000 }, () => {
  it('has nothing while it prepares, then the picture at twice the computing size, brighter', async () => {
    const page = engine();
    const { tile } = page;
    const frame = frameOf(64, 48);
    expect(tile.ready).toBe(false);
    expect(await tile.enhance(frame, facts())).toBeUndefined();
    const { picture, compute, network } = await until(page, frame);
    expect(tile.ready).toBe(true);
    expect(compute).toEqual({ width: 64, height: 48 });
    expect(network).toEqual({ name: 'base', sha256: files.card.weights.sha256 });
    expect([picture.picture.width, picture.picture.height]).toEqual([128, 96]);
    expect(await mean(picture)).toBeGreaterThan(90);
  });

  it('shows a standing picture the steadier for averaging its noise, and says that it does', async () => {
    const changes: number[] = [];
    for (const denoise of [false, true]) {
      const page = engine(new Map([named('base', 4980)]), denoise);
      expect(page.enhancer.adapter).toBe(denoise ? 'Dawn, noise averaged over time' : 'Dawn');
      await until(page, grainy(1));
      let before = new Uint8Array();
      for (let seed = 2; seed <= 8; seed++) {
        const made = await page.tile.enhance(grainy(seed), facts());
        const now = await readTexture(device, made!.picture.picture);
        if (seed === 8) changes.push(difference(now, before));
        before = now;
      }
    }
    expect(changes[1]! / changes[0]!).toBeLessThan(0.6);
  });
});
