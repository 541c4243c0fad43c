import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { openPage, pixelsOf, statsWhen, statusWhen } from '../support/player-page.ts';
import { openWhipPage, type WhipPage, type WhipPageOptions } from '../support/whip-page.ts';
import { WireViewer } from '../support/wire-viewer.ts';

const PUBLISHING = 'canary-token-of-the-quay';
const CONFIG = `
port: 0
token: the-token
cameras:
  quay: { whip: { token: ${PUBLISHING} } }
webrtc:
  iceServers: []
`;

let folder: string;
let browser: Browser;
let server: Nightglass;
let publisher: WhipPage | undefined;
const pages: Page[] = [];

async function publish(options: Pick<WhipPageOptions, 'codec' | 'scalability'>): Promise<void> {
  publisher = await openWhipPage(browser, {
    origin: server.origin,
    camera: 'quay',
    token: PUBLISHING,
    ...options,
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightglass-whip-'));
  await writeFile(join(folder, 'nightglass.yaml'), CONFIG);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  server = await startNightglass('--config', join(folder, 'nightglass.yaml'));
});

afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close();
  await publisher?.[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  expect(server.output()).not.toMatch(/canary-token|"level":50/);
});

describe('a camera that a browser publishes without H.264', () => {
  it.each([
    ['VP8', /^vp8$/],
    ['VP9', /^vp09\.00\.11\.08$/],
    ['AV1', /^av01\.0\.\d\dM\.08$/],
  ] as const)('is seen live in the page, in %s', async (codec, name) => {
    const viewer = await openPage(browser, server.link, 'enhance=off');
    pages.push(viewer);
    await publish({ codec });
    expect(publisher?.status).toBe(201);
    await statusWhen(viewer, 'playing');
    await statsWhen(viewer, ({ framesShown }) => framesShown >= 20);
    const { pixels, width, height } = await pixelsOf(viewer);
    expect([width, height]).toEqual([320, 180]);
    expect(new Set(pixels).size).toBeGreaterThan(50);
    using wire = await WireViewer.connect(server.origin, { authorization: 'Bearer the-token' });
    wire.open('quay');
    const config = { codec: expect.stringMatching(name), codedWidth: 320, codedHeight: 180, format: 'none' };
    expect(await wire.heard(({ kind }) => kind === 'config')).toMatchObject({ config });
  });

  it.each([['VP8', 'L1T3', 320]] as const)(
    'is seen live in %s of layers (%s), %i pixels wide',
    async (codec, scalability, width) => {
      const viewer = await openPage(browser, server.link, 'enhance=off');
      pages.push(viewer);
      await publish({ codec, scalability });
      await statusWhen(viewer, 'playing');
      await statsWhen(viewer, ({ framesShown }) => framesShown >= 20);
      expect((await pixelsOf(viewer)).width).toBe(width);
    },
  );
});
