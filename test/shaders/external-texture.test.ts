/** Decoded frames through the kernels in a real Chromium: imported as external textures, and copied where that cannot be. */
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensorFromRgba } from '../../shaders/color-conversion.reference.ts';
import { launchChromium } from '../support/chromium.ts';
import type { FrameCase, FrameOutcome } from './external-texture.page.ts';
import { largestDifference, noisePicture } from './noise.ts';

const WIDTH = 48;
const HEIGHT = 30;
const TENSOR = [24, 16] as const;

let server: ViteDevServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('../..', import.meta.url)),
    appType: 'custom',
    logLevel: 'error',
    optimizeDeps: { noDiscovery: true },
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
  });
  await server.listen();
  const { port } = server.httpServer!.address() as AddressInfo;
  browser = await launchChromium();
  page = await browser.newPage();
  await page.route('**/blank', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
  );
  await page.goto(`http://127.0.0.1:${port}/blank`);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Calls one export of the page's module. As text, because the test runner rewrites imports in functions. */
function inPage<T>(name: 'check' | 'convert' | 'convertClosed', argument?: FrameCase): Promise<T> {
  const module = '/test/shaders/external-texture.page.ts';
  return page.evaluate(`import('${module}').then((m) => m.${name}(${JSON.stringify(argument)}))`);
}

function tensorOf(rgba: Uint8ClampedArray, width: number, height: number): Float32Array {
  const out = new Float32Array(3 * TENSOR[0] * TENSOR[1]);
  tensorFromRgba(rgba, width, height, out, ...TENSOR);
  return out;
}

interface Matrix {
  readonly matrix: 'bt709' | 'smpte170m';
  readonly fullRange: boolean;
  /** Kr and Kb of ITU-R BT.709 §3 or BT.601 §2.5. */
  readonly kr: number;
  readonly kb: number;
}

/** Luma noise under one chroma, as I420 and as the RGB that the recommendation's equations make of it. */
function yuvPicture({ fullRange, kr, kb }: Matrix, cb: number, cr: number) {
  const y = noisePicture(WIDTH, HEIGHT)
    .filter((_, i) => i % 4 === 0)
    .map((value) => 60 + value / 3);
  const chroma = (WIDTH * HEIGHT) / 4;
  const bytes = [...y, ...new Array<number>(chroma).fill(cb), ...new Array<number>(chroma).fill(cr)];
  const [zero, range, chromaRange] = fullRange ? [0, 255, 255] : [16, 219, 224];
  const blue = (2 * (1 - kb) * (cb - 128)) / chromaRange;
  const red = (2 * (1 - kr) * (cr - 128)) / chromaRange;
  const green = -(kb * blue + kr * red) / (1 - kb - kr);
  const rgba = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
  y.forEach((value, i) => {
    const luma = (value - zero) / range;
    rgba.set(
      [luma + red, luma + green, luma + blue, 1].map((share) => 255 * share),
      i * 4,
    );
  });
  return { bytes, rgba };
}

describe('a decoded frame', () => {
  it('of RGBA becomes the tensor the reference says, imported or copied, and its own canvas tasks later', async () => {
    const rgba = noisePicture(WIDTH, HEIGHT).map((value, i) => (i % 4 === 3 ? 255 : value));
    const init = { format: 'RGBA', codedWidth: WIDTH, codedHeight: HEIGHT, timestamp: 0 } as const;
    const outcome = await inPage<FrameOutcome>('convert', { init, bytes: [...rgba], tensor: TENSOR });
    expect(outcome.error).toBeUndefined();
    const expected = tensorOf(rgba, WIDTH, HEIGHT);
    expect(largestDifference(outcome.imported, expected)).toBeLessThan(2e-4);
    expect(largestDifference(outcome.copied, expected)).toBeLessThan(2e-4);
    expect(largestDifference(outcome.canvas, rgba)).toBeLessThanOrEqual(1);
  });

  it('is read inside its visible rectangle only', async () => {
    const rgba = noisePicture(WIDTH, HEIGHT).map((value, i) => (i % 4 === 3 ? 255 : value));
    const visibleRect = { x: 4, y: 2, width: 40, height: 22 };
    const init = {
      format: 'RGBA',
      codedWidth: WIDTH,
      codedHeight: HEIGHT,
      timestamp: 0,
      visibleRect,
    } as const;
    const outcome = await inPage<FrameOutcome>('convert', { init, bytes: [...rgba], tensor: TENSOR });
    const visible = rgba.filter((_, i) => {
      const [x, y] = [(i >> 2) % WIDTH, Math.floor((i >> 2) / WIDTH)];
      return x >= 4 && x < 44 && y >= 2 && y < 24;
    });
    expect(outcome.error).toBeUndefined();
    const expected = tensorOf(visible, 40, 22);
    expect(largestDifference(outcome.imported, expected)).toBeLessThan(2e-4);
    expect(largestDifference(outcome.copied, expected)).toBeLessThan(2e-4);
    expect(largestDifference(outcome.canvas, visible)).toBeLessThanOrEqual(1);
  });

  it('whose pixels are not square is seen as wide as it is to be shown', async () => {
    const rgba = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
    for (let i = 0; i < WIDTH * HEIGHT; i++)
      rgba.set([4 * (i % WIDTH), 4 * Math.floor(i / WIDTH), 90, 255], 4 * i);
    const display = { displayWidth: 2 * WIDTH, displayHeight: HEIGHT };
    const init = {
      format: 'RGBA',
      codedWidth: WIDTH,
      codedHeight: HEIGHT,
      timestamp: 0,
      ...display,
    } as const;
    const outcome = await inPage<FrameOutcome>('convert', { init, bytes: [...rgba], tensor: TENSOR });
    expect(outcome.error).toBeUndefined();
    // A slope looks the same however it is scaled, but for its ends.
    const expected = tensorOf(rgba, WIDTH, HEIGHT);
    expect(largestDifference(outcome.imported, expected)).toBeLessThan(4 / 255);
    expect(largestDifference(outcome.copied, expected)).toBeLessThan(4 / 255);
    expect(outcome.canvas.length).toBe(2 * rgba.length);
  });

  it.each<Matrix>([
    { matrix: 'bt709', fullRange: false, kr: 0.2126, kb: 0.0722 },
    { matrix: 'bt709', fullRange: true, kr: 0.2126, kb: 0.0722 },
    { matrix: 'smpte170m', fullRange: false, kr: 0.299, kb: 0.114 },
  ])(
    'of I420 comes as sRGB-encoded RGB by its own matrix $matrix and range (full: $fullRange)',
    async (matrix) => {
      const { bytes, rgba } = yuvPicture(matrix, 110, 150);
      const colorSpace = {
        primaries: 'bt709',
        transfer: 'bt709',
        matrix: matrix.matrix,
        fullRange: matrix.fullRange,
      } as const;
      const init = {
        format: 'I420',
        codedWidth: WIDTH,
        codedHeight: HEIGHT,
        timestamp: 0,
        colorSpace,
      } as const;
      const outcome = await inPage<FrameOutcome>('convert', { init, bytes, tensor: TENSOR });
      expect(outcome.error).toBeUndefined();
      // The browser rounds to 8 bits on the way where it copies.
      const expected = tensorOf(rgba, WIDTH, HEIGHT);
      expect(largestDifference(outcome.imported, expected)).toBeLessThan(2 / 255);
      expect(largestDifference(outcome.copied, expected)).toBeLessThan(2 / 255);
      expect(largestDifference(outcome.canvas, rgba)).toBeLessThanOrEqual(2);
    },
  );

  it('that is closed is refused', async () => {
    expect(await inPage('convertClosed')).toBe(true);
  });
});

describe('the start-up self-check', () => {
  it('passes in this browser', async () => {
    expect(await inPage('check')).toBe(true);
  });
});
