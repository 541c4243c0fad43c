/** A tile on our own engine: on Dawn, with textures in place of decoded frames, and a small network where any will do. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { computeSizes } from '../../../client/enhance/compute-size.ts';
import type { Enhanced, FrameFacts } from '../../../client/enhance/enhancer.ts';
import type { Gpu } from '../../../client/enhance/gpu-device.ts';
import { OneAtATime } from '../../../client/enhance/one-at-a-time.ts';
import { WgslEnhancer } from '../../../client/enhance/wgsl-enhancer.ts';
import type { WgslTile } from '../../../client/enhance/wgsl-tile.ts';
import type { WgslNetwork } from '../../../client/enhance/wgsl-tuning.ts';
import { checkedFiles, type NetworkFiles } from '../../../shaders/engine/card.ts';
import { PLAIN } from '../../../shaders/engine/tuning.ts';
import { fromTexture } from '../../../shaders/picture-source.ts';
import type { EnhancedPicture } from '../../../shaders/pixel-shuffle.ts';
import { readTexture, texture } from '../../shaders/device-memory.ts';
import { filesOf } from '../../shaders/engine/golden.ts';
import { smallNetwork } from '../../shaders/engine/small-network.ts';
import { noisePicture } from '../../shaders/noise.ts';
import { dawnDevice, openDawnDevice, shaders } from '../../support/dawn.ts';

let files: NetworkFiles;
let device: GPUDevice;
const opened: Disposable[] = [];

beforeAll(async () => {
  const { card, weights } = smallNetwork();
  files = await checkedFiles(card, weights);
  device = await dawnDevice();
});

afterEach(() => {
  for (const part of opened.splice(0)) part[Symbol.dispose]();
});

/** The network under another name, as if it cost so much. */
const named = (name: string, macsPerInputPixel: number, { card, weights } = files): [string, WgslNetwork] => [
  name,
  { files: { card: { ...card, name, macsPerInputPixel }, weights }, tuning: PLAIN, refused: [] },
];

interface Page {
  readonly enhancer: WgslEnhancer;
  readonly tile: WgslTile;
  /** More may come later. */
  readonly networks: Map<string, WgslNetwork>;
  /** Why the engine ended. */
  readonly end: { reason: string | undefined };
}

/** On a device that counts as a real GPU unless `software` says that it is none. */
function pageOn(
  device: GPUDevice,
  software = true,
  networks = new Map([named('small', 1000)]),
  denoise = false,
): Page {
  const source = {
    wgslType: fromTexture.wgslType,
    resource: (_device: GPUDevice, frame: VideoFrame) =>
      (frame as unknown as { readonly texture: GPUTexture }).texture.createView(),
  };
  const gpu: Gpu = { device, name: 'Dawn', software, source };
  const rest = { openings: new OneAtATime(), restMs: 0, stop: () => {} };
  const enhancer = new WgslEnhancer({ gpu, shaders, denoise }, networks, rest);
  const tile = enhancer.openTile() as WgslTile;
  opened.push(tile, enhancer);
  const end: Page['end'] = { reason: undefined };
  void enhancer.ended.then((reason) => {
    end.reason = reason;
  });
  return { enhancer, tile, networks, end };
}

/** A dark picture of noise, as if it were a frame. */
function frameOf(width: number, height: number, on = device): VideoFrame {
  const dark = noisePicture(width, height).map((value) => value / 8);
  return shownAs(width, height, dark, on);
}

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
  on = device,
): VideoFrame =>
  ({
    displayWidth,
    displayHeight,
    texture: texture(on, displayWidth, displayHeight, rgba),
  }) as unknown as VideoFrame;

let timestamp = 0;
function facts(steady = false): FrameFacts {
  timestamp += 40_000;
  return { timestamp, stretch: 1, tiles: 1, fps: 25, steady };
}

/** Lets what is being prepared go on. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

type Picture = Enhanced<EnhancedPicture>;

/** Gives frames until a picture comes back that is as wanted: nothing but work on the device stands in between. */
async function until(
  { tile, end }: Page,
  frame: VideoFrame,
  { wanted = () => true, steady = false }: { wanted?: (made: Picture) => boolean; steady?: boolean } = {},
): Promise<Picture> {
  for (;;) {
    if (end.reason !== undefined) throw new Error(end.reason);
    const wasReady = tile.ready;
    const made = await tile.enhance(frame, facts(steady));
    if (wasReady && !made) throw new Error('a tile that was ready gave nothing');
    if (made && wanted(made)) return made;
    await turn();
  }
}

const sizeOf = ({ picture: { picture } }: Picture) => [picture.width, picture.height];

async function mean({ picture }: EnhancedPicture): Promise<number> {
  const bytes = await readTexture(device, picture);
  return bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
}

interface Watched {
  readonly device: GPUDevice;
  /** The methods that made something, in order. */
  readonly made: string[];
  /** Buffers and textures that were not destroyed yet. */
  readonly living: Set<object>;
}

/** The device, watched; it has no room for buffers of more than `largest` bytes. */
function watched(largest = Number.POSITIVE_INFINITY): Watched {
  const made: string[] = [];
  const living = new Set<object>();
  const call = (name: string, descriptor: unknown, method: (given: unknown) => unknown): unknown => {
    const { size } = (descriptor ?? {}) as { readonly size?: number };
    // Objected to as a buffer for which there is no room: by an error scope, not by throwing.
    const isTooLarge = name === 'createBuffer' && size! > largest;
    const result = method(
      isTooLarge ? { ...(descriptor as object), size: Number.MAX_SAFE_INTEGER } : descriptor,
    );
    if (name.startsWith('create')) made.push(name);
    if (name === 'createBuffer' || name === 'createTexture') {
      const resource = result as GPUBuffer;
      const destroy = resource.destroy.bind(resource);
      living.add(resource);
      resource.destroy = () => {
        living.delete(resource);
        return destroy();
      };
    }
    return result;
  };
  const proxy = new Proxy(device, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (descriptor: unknown) => call(String(key), descriptor, value.bind(target));
    },
  });
  return { device: proxy, made, living };
}

/** The mean of how far two pictures lie apart. */
const difference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;

describe('a tile on our own engine', { timeout: 120_000 }, () => {
  it('has nothing while it prepares, then the picture at twice the computing size, brighter', async () => {
    const base = await filesOf('base');
    const page = pageOn(device, true, new Map([named('base', 4980, base)]));
    const { tile } = page;
    const frame = frameOf(64, 48);
    expect(tile.ready).toBe(false);
    expect(await tile.enhance(frame, facts())).toBeUndefined();
    const made = await until(page, frame);
    expect(tile.ready).toBe(true);
    expect(made.compute).toEqual({ width: 64, height: 48 });
    expect(made.network).toEqual({ name: 'base', sha256: base.card.weights.sha256 });
    expect(sizeOf(made)).toEqual([128, 96]);
    expect(await mean(made.picture)).toBeGreaterThan(90);
  });

  it('always has a picture once it had one, while the camera’s size changes, and soon one of the new size', async () => {
    const page = pageOn(device);
    await until(page, frameOf(64, 48));
    for (const [width, height] of [
      [128, 80],
      [64, 48],
    ] as const) {
      const first = await page.tile.enhance(frameOf(width, height), facts());
      expect(first!.compute).not.toEqual({ width, height });
      const wanted = ({ compute }: Picture) => compute.width === width && compute.height === height;
      const made = await until(page, frameOf(width, height), { wanted });
      expect(sizeOf(made)).toEqual([2 * width, 2 * height]);
    }
  });

  it('goes over to a better network that comes later, with a picture of the first until then', async () => {
    const page = pageOn(device, false);
    const frame = frameOf(64, 48);
    expect((await until(page, frame, { steady: true })).network.name).toBe('small');
    page.networks.set(...named('better', 2000));
    const first = await page.tile.enhance(frame, facts(true));
    expect(first!.network.name).toBe('small');
    await until(page, frame, { steady: true, wanted: ({ network }) => network.name === 'better' });
  });

  it.each([
    [1, 50, { width: 8, height: 48 }],
    [63, 47, { width: 64, height: 48 }],
  ])('makes a picture of a frame of %i x %i', async (width, height, compute) => {
    const made = await until(pageOn(device), frameOf(width, height));
    expect(made.compute).toEqual(compute);
    expect(sizeOf(made)).toEqual([2 * compute.width, 2 * compute.height]);
  });

  it('makes nothing new for a frame but its commands and one bind group', async () => {
    const { device: onWatch, made } = watched();
    const page = pageOn(onWatch);
    const frame = frameOf(64, 48);
    for (let pictures = 0; pictures < 2; pictures++) await until(page, frame);
    made.length = 0;
    for (let pictures = 0; pictures < 3; pictures++) await until(page, frame);
    const oneFrame = ['createCommandEncoder', 'createBindGroup'];
    expect(made).toEqual([...oneFrame, ...oneFrame, ...oneFrame]);
  });
});

describe('a tile on a GPU without room', { timeout: 120_000 }, () => {
  it('for the camera’s full size computes at the next smaller one, and goes on', async () => {
    const camera = { width: 176, height: 144 };
    const [smaller, full] = computeSizes(camera).slice(-2) as [typeof camera, typeof camera];
    // What the network needs for a pixel of its output.
    const page = pageOn(watched(48 * full.width * full.height - 4).device, false);
    const made = await until(page, frameOf(camera.width, camera.height), { steady: true });
    expect(made.compute).toEqual(smaller);
    expect(page.end.reason).toBeUndefined();
  });

  it('for the smallest size ends the engine, which says so', async () => {
    const page = pageOn(watched(1000).device);
    const made = until(page, frameOf(64, 48));
    await expect(made).rejects.toThrow('the GPU has no room for 64 x 48');
    expect(await page.enhancer.ended).toContain('the GPU has no room for 64 x 48');
  });
});

describe('a tile whose GPU goes', { timeout: 120_000 }, () => {
  it('while a frame is enhanced rejects, and ends the engine with the device’s own reason', async () => {
    const gone = await openDawnDevice();
    const page = pageOn(gone);
    const frame = frameOf(64, 48, gone);
    await until(page, frame);
    const made = page.tile.enhance(frame, facts());
    gone.destroy();
    await expect(made).rejects.toThrow('the network stopped');
    expect(await page.enhancer.ended).toBe((await gone.lost).message);
  });
});

describe('a tile that is closed', { timeout: 120_000 }, () => {
  it('has destroyed all its buffers and textures', async () => {
    const { device: onWatch, living } = watched();
    const page = pageOn(onWatch);
    await until(page, frameOf(64, 48));
    expect(living.size).toBeGreaterThan(0);
    page.tile[Symbol.dispose]();
    expect(living.size).toBe(0);
  });

  it('between two sizes has destroyed those of both', async () => {
    const { device: onWatch, living } = watched();
    const page = pageOn(onWatch);
    const { tile } = page;
    await until(page, frameOf(64, 48));
    const wanted = ({ compute }: Picture) => compute.width === 128;
    const one = living.size;
    await until(page, frameOf(128, 80), { wanted });
    // The picture of the size before may still stand on the canvas.
    expect(living.size).toBe(2 * one);
    tile[Symbol.dispose]();
    expect(living.size).toBe(0);
  });

  it('while it prepares destroys what is still being opened', async () => {
    const { device: onWatch, living } = watched();
    const { tile, enhancer } = pageOn(onWatch);
    await tile.enhance(frameOf(64, 48), facts());
    tile[Symbol.dispose]();
    await enhancer.openings.run(async () => {});
    await turn();
    expect(living.size).toBe(0);
  });

  it('shows a standing picture the steadier for averaging its noise, and says that it does', async () => {
    const changes: number[] = [];
    for (const denoise of [false, true]) {
      const page = pageOn(device, true, new Map([named('small', 1000)]), denoise);
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
