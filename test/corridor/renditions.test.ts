import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { TileStats } from '../../client/player-protocol.ts';
import type { NightglassPlayer } from '../../client/ui/nightglass-player.ts';
import { launchChromium } from '../support/chromium.ts';
import { type CountingFront, startCountingFront } from '../support/counting-front.ts';
import { startGstCamera } from '../support/gst-camera.ts';
import { temporaryFolder } from '../support/h264-clip.ts';
import { type Nightglass, startNightglass } from '../support/nightglass.ts';
import { WireViewer } from '../support/wire-viewer.ts';

const FULL = { width: 320, height: 180 };
const SMALL = { width: 160, height: 96 };
const TOKEN = 'the-token';

const parts: AsyncDisposable[] = [];
/** To be disposed of at the end, the last first. */
const keep = <Part extends AsyncDisposable>(part: Part): Part => {
  parts.unshift(part);
  return part;
};
let browser: Browser;
let server: Nightglass;
/** In front of the full stream and of the smaller one. */
let main: CountingFront;
let sub: CountingFront;

beforeAll(async () => {
  browser = await launchChromium();
  keep({ [Symbol.asyncDispose]: () => browser.close() });
  const fronts = [];
  for (const size of [FULL, SMALL]) {
    const camera = keep(await startGstCamera({ ...size, gop: 10 }));
    fronts.push(keep(await startCountingFront(camera.port)));
  }
  [main, sub] = fronts as [CountingFront, CountingFront];
  const address = ({ port }: CountingFront) => `rtsp://127.0.0.1:${port}/camera`;
  const both = { url: address(main), sub: address(sub) };
  const folder = keep(await temporaryFolder());
  const file = join(folder.path, 'nightglass.yaml');
  const cameras = { quay: both, gate: both, pier: { url: address(sub) } };
  await writeFile(file, stringify({ token: TOKEN, cameras, limits: { closeAfterSeconds: 0.5 } }));
  server = keep(await startNightglass('--config', file));
});

afterAll(async () => {
  for (const part of parts) await part[Symbol.asyncDispose]();
});

const playerOf = (page: Page, camera: string): Locator =>
  page.locator('nightglass-tile').filter({ hasText: camera }).locator('nightglass-player');

async function statsWhen(player: Locator, condition: (stats: TileStats) => boolean): Promise<TileStats> {
  for (;;) {
    const stats = await player.evaluate(
      (element: NightglassPlayer) =>
        new Promise<TileStats>((heard) =>
          element.addEventListener('stats-changed', () => heard(element.stats!), { once: true }),
        ),
    );
    if (condition(stats)) return stats;
  }
}

describe('a camera with two streams', () => {
  it('shows the smaller one in a grid without opening the other, and the other when it is large', async () => {
    const context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    const page = await context.newPage();
    await page.goto(`${server.link}&enhance=off`);
    for (const camera of ['quay', 'gate', 'pier'])
      expect(await statsWhen(playerOf(page, camera), (stats) => stats.framesShown > 10)).toMatchObject(SMALL);
    expect([main.opened, main.bytes, sub.open]).toEqual([0, 0, 3]);

    const quay = playerOf(page, 'quay');
    await quay.evaluate((element: NightglassPlayer) => {
      const states: string[] = [element.status.status];
      element.addEventListener('status-changed', () => states.push(element.status.status));
      Object.assign(globalThis, { states });
    });
    await page.getByRole('button', { name: 'Show quay large' }).click();
    const { framesShown } = await statsWhen(quay, ({ width }) => width === FULL.width);
    expect(main.opened).toBe(1);
    await statsWhen(quay, (stats) => stats.framesShown > framesShown + 10);

    await page.getByRole('button', { name: 'Back to all cameras' }).click();
    await statsWhen(quay, ({ width }) => width === SMALL.width);
    await expect.poll(() => main.open).toBe(0);
    // The tile was never without a picture on the way there and back.
    expect(await page.evaluate('states')).toEqual(['playing']);
    await context.close();
  });

  it('shows the full one in a small tile while the smaller cannot be reached, and the smaller again when it is back', async () => {
    await using full = await startGstCamera({ ...FULL, gop: 10 });
    await using small = await startGstCamera({ ...SMALL, gop: 10 });
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'nightglass.yaml');
    const lone = { url: full.url };
    const cameras = { yard: { url: full.url, sub: small.url }, pier: lone, gate: lone };
    await writeFile(file, stringify({ cameras }));
    await using yard = await startNightglass('--config', file);
    const context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    const page = await context.newPage();
    await page.goto(`${yard.link}&enhance=off`);
    const player = playerOf(page, 'yard');
    const showing = (size: typeof FULL) =>
      statsWhen(player, ({ width, height }) => width === size.width && height === size.height);
    await showing(SMALL);

    await small.kill();
    await showing(FULL);
    // Who comes now is shown the full one without a word of what cannot be reached.
    using viewer = await WireViewer.connect(yard.origin, { authorization: `Bearer ${yard.token}` });
    viewer.open('yard', 1, 'live', { rendition: 'sub' });
    await viewer.heard(({ kind }) => kind === 'unit');
    expect(await viewer.state(() => true)).toMatchObject({ state: 'live' });

    await using _back = await startGstCamera({ ...SMALL, gop: 10, port: small.port });
    await showing(SMALL);
    await context.close();
  });

  it('goes on in the smaller stream while the full one cannot be reached', async () => {
    using viewer = await WireViewer.connect(server.origin, { authorization: `Bearer ${TOKEN}` });
    viewer.open('quay', 1, 'live', { rendition: 'sub' });
    const first = await viewer.heard(({ kind }) => kind === 'unit');
    await main[Symbol.asyncDispose]();
    viewer.say({ type: 'rendition', stream: 1, rendition: 'main' });
    await viewer.heard(
      ({ kind, epoch, group }) => kind === 'unit' && epoch === first.epoch && group >= first.group + 4,
    );
    const states = viewer.control.flatMap((told) => (told.type === 'camera' ? told.state.state : []));
    expect(states).not.toContain('unreachable');
  });
});
